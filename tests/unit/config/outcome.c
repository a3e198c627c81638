/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "outcome.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/config-draft.h"
#include "config/config-file.h"

struct outcome read_bytes(const char *text, size_t size)
{
	_cleanup_(config_draft_done) struct config_draft draft = {0};
	struct outcome outcome = {0};
	/* A copy of exactly this size, so that a sanitizer sees a read behind it. */
	_cleanup_free_ char *copy = malloc(size ?: 1);

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, text, size);
	ck_assert_int_eq(config_draft_init(&draft), 0);
	ck_assert_int_eq(config_file_parse(&draft, "t", copy, size), 0);
	outcome.r = draft.errors.n > 0 ? -EINVAL : 0;
	outcome.errors = draft.errors;
	draft.errors = (struct config_errors){0};
	if (outcome.r == 0)
		outcome.config = TAKE_PTR(draft.config);
	return outcome;
}

struct outcome read_text(const char *text)
{
	return read_bytes(text, strlen(text));
}

struct outcome read_root(const char *root, const char *file)
{
	struct outcome outcome = {0};

	outcome.r = config_load(root, file, &outcome.config, &outcome.errors);
	return outcome;
}

void outcome_done(struct outcome *outcome)
{
	outcome->config = config_free(outcome->config);
	config_errors_done(&outcome->errors);
}

/* Owned by the caller. */
static char *errors_to_string(const struct config_errors *errors)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(f);
	for (size_t i = 0; i < errors->n; i++) {
		_cleanup_free_ char *line = config_error_to_string(&errors->items[i]);

		ck_assert_ptr_nonnull(line);
		fprintf(f, "%s%s", i ? "\n" : "", line);
	}
	ck_assert_int_eq(fclose(f), 0);
	return text;
}

void assert_errors(const struct outcome *outcome, const char *expected)
{
	_cleanup_free_ char *text = errors_to_string(&outcome->errors);

	ck_assert_str_eq(text, expected);
	ck_assert_int_eq(outcome->r, *expected ? -EINVAL : 0);
	ck_assert((outcome->config != NULL) == (*expected == '\0'));
}

const struct config *assert_config(const struct outcome *outcome)
{
	assert_errors(outcome, "");
	return outcome->config;
}

void assert_rules(const struct config *config, const char *expected)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(f);
	for (size_t i = 0; i < config->n_rules; i++)
		fprintf(f, "%s%s", i ? " " : "", config->rules[i].name);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_str_eq(text, expected);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One policy file of any bytes. */

#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/config-file.h"
#include "config/config-json.h"
#include "config/config-text.h"
#include "fuzz.h"

#define FILE_NAME "fuzz"

/* What it came to as text: the errors, or the configuration. Owned by the caller. */
static char *to_text(const struct config_draft *draft)
{
	struct json_object *json = NULL;
	char *text;

	if (draft->errors.n > 0)
		fuzz_assert(config_errors_to_json(&draft->errors, &json) == 0);
	else
		fuzz_assert(config_to_json(draft->config, &json) == 0);
	text = strdup(json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN));
	fuzz_assert(text);
	json_object_put(json);
	return text;
}

/* Errors are what people and D-Bus get to see: each is whole, printable, and in its place. */
static void check_errors(const struct config_errors *errors, unsigned n_lines)
{
	unsigned line = 1;

	for (size_t i = 0; i < errors->n; i++) {
		const struct config_error *error = &errors->items[i];
		_cleanup_free_ char *text = config_error_to_string(error);

		fuzz_assert(text);
		fuzz_assert(text_check(text, strlen(text)) == 0);
		fuzz_assert(strcmp(error->file, FILE_NAME) == 0);
		fuzz_assert(*error->message);
		fuzz_assert(error->line >= line && error->line <= n_lines);
		line = error->line;
	}
}

/* What policy/ and the bus rely on without asking again. */
static void check_rules(const struct config *config, unsigned n_lines)
{
	for (size_t i = 0; i < config->n_rules; i++) {
		const struct rule *rule = &config->rules[i];

		fuzz_assert(rule->name && *rule->name);
		for (size_t j = 0; j < i; j++)
			fuzz_assert(strcmp(rule->name, config->rules[j].name) != 0);
		fuzz_assert(rule->line >= 1 && rule->line <= n_lines);
		fuzz_assert(rule->mode < RULE_MODE_MAX);
		fuzz_assert(rule->memmap < MEMMAP_CHOICE_MAX);
		fuzz_assert(rule->zone < TARGET_ZONE_MAX);
		fuzz_assert(!(rule->match_kinds & 1U << DAX_KIND_UNKNOWN));
		fuzz_assert(rule->match_kinds < 1U << DAX_KIND_MAX);
		fuzz_assert(rule->match_size.min <= rule->match_size.max);
		fuzz_assert(rule->match_distance.min <= rule->match_distance.max);
	}
	fuzz_assert(config->convert < CONVERT_MAX);
	fuzz_assert(config->memmap_dram_budget <= 10000);
}

static unsigned count_lines(const char *text, size_t size)
{
	unsigned n = 1;

	for (size_t i = 0; i < size; i++)
		n += text[i] == '\n';
	return n;
}

static char *parse(const char *text, size_t size)
{
	_cleanup_(config_draft_done) struct config_draft draft = {0};
	unsigned n_lines = count_lines(text, size);

	fuzz_assert(config_draft_init(&draft) == 0);
	fuzz_assert(config_file_parse(&draft, FILE_NAME, text, size) == 0);
	check_errors(&draft.errors, n_lines);
	if (draft.errors.n == 0)
		check_rules(draft.config, n_lines);
	return to_text(&draft);
}

/* The same lines, indented, with blanks and a carriage return behind. */
static char *dress(const char *text, size_t size, size_t *ret_size)
{
	static const char bom[] = "\xef\xbb\xbf";
	size_t i = 0, dressed_size;
	char *dressed = NULL;
	FILE *f = open_memstream(&dressed, &dressed_size);

	fuzz_assert(f);
	if (size >= strlen(bom) && memcmp(text, bom, strlen(bom)) == 0)
		for (; i < strlen(bom); i++)
			fputc(text[i], f);
	fputs("\t ", f);
	for (; i < size; i++)
		if (text[i] == '\n')
			fputs(" \t\r\n  ", f);
		else
			fputc(text[i], f);
	fuzz_assert(fclose(f) == 0);
	*ret_size = dressed_size;
	return dressed;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *plain = NULL, *dressed = NULL, *dressed_text = NULL;
	size_t dressed_size;

	plain = parse((const char *)data, size);
	/* A carriage return of its own is only taken for part of a line's end at the line's end. */
	if (memchr(data, '\r', size))
		return 0;
	dressed_text = dress((const char *)data, size, &dressed_size);
	dressed = parse(dressed_text, dressed_size);
	if (strcmp(plain, dressed) != 0) {
		fprintf(stderr, "plain:   %s\ndressed: %s\n", plain, dressed);
		abort();
	}
	return 0;
}

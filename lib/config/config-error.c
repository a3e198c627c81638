/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/config-error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* Longer text from a file is cut in messages, which end up in the journal and on the bus. */
#define QUOTE_BYTES 60

static void config_error_done(struct config_error *error)
{
	free(error->file);
	free(error->section);
	free(error->key);
	free(error->message);
	*error = (struct config_error){0};
}

void config_errors_done(struct config_errors *errors)
{
	for (size_t i = 0; i < errors->n; i++)
		config_error_done(&errors->items[i]);
	free(errors->items);
	*errors = (struct config_errors){0};
}

static int copy_or_null(const char *s, char **ret)
{
	char *copy = NULL;

	if (s) {
		copy = strdup(s);
		if (!copy)
			return -ENOMEM;
	}
	*ret = copy;
	return 0;
}

static int errors_grow(struct config_errors *errors)
{
	struct config_error *items;

	/* Doubles at every power of two, so that a file of errors alone stays linear. */
	if (errors->n & (errors->n - 1))
		return 0;
	items = reallocarray(errors->items, errors->n ? errors->n * 2 : 1, sizeof(*items));
	if (!items)
		return -ENOMEM;
	errors->items = items;
	return 0;
}

int config_errors_add(struct config_errors *errors, const struct config_place *place,
		      const char *format, ...)
{
	struct config_error error = {.line = place->line};
	va_list ap;
	int r;

	va_start(ap, format);
	r = vasprintf(&error.message, format, ap);
	va_end(ap);
	if (r < 0) {
		error.message = NULL; /* undefined after a failure */
		goto fail;
	}
	if (copy_or_null(place->file, &error.file) < 0 ||
	    copy_or_null(place->section, &error.section) < 0 ||
	    copy_or_null(place->key, &error.key) < 0 || errors_grow(errors) < 0)
		goto fail;
	errors->items[errors->n++] = error;
	return 0;
fail:
	config_error_done(&error);
	return -ENOMEM;
}

/* Insertion: errors come nearly in order, only what concerns a whole section is found late. */
void config_errors_sort(struct config_errors *errors, size_t first)
{
	for (size_t i = first + 1; i < errors->n; i++) {
		struct config_error moved = errors->items[i];
		size_t at = i;

		for (; at > first && errors->items[at - 1].line > moved.line; at--)
			errors->items[at] = errors->items[at - 1];
		errors->items[at] = moved;
	}
}

char *config_error_to_string(const struct config_error *error)
{
	char line[16] = "";
	char *s;

	if (error->line)
		snprintf(line, sizeof(line), ":%u", error->line);
	if (asprintf(&s, "%s%s: %s%s%s%s%s%s%s", error->file ?: "configuration", line,
		     error->section ? "[" : "", error->section ?: "", error->section ? "]" : "",
		     error->section && error->key ? " " : "", error->key ?: "",
		     error->section || error->key ? ": " : "", error->message) < 0)
		return NULL;
	return s;
}

char *config_quote(const char *text, size_t n)
{
	const char *more = "";
	char *s;

	if (n > QUOTE_BYTES) {
		/* Not in the middle of a character: what continues one is 10xxxxxx. */
		for (n = QUOTE_BYTES; n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80; n--)
			;
		more = "…";
	}
	if (asprintf(&s, "\"%.*s%s\"", (int)n, text, more) < 0)
		return NULL;
	return s;
}

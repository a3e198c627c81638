/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/serial-mask.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/parse.h"

/* The keys whose values are serial numbers; and what is called one, as a slip of the pen may be. */
static const char *const serial_keys[] = {"only", "never"};
#define SERIAL_KEY "serial"

void serial_mask_done(struct serial_mask *mask)
{
	free(mask->serials);
	*mask = (struct serial_mask){};
}

int serial_mask_number(struct serial_mask *mask, uint64_t serial, uint64_t *ret)
{
	uint64_t *grown;
	size_t i = 0;

	if (serial == 0) {
		*ret = 0;
		return 0;
	}
	while (i < mask->n && mask->serials[i] != serial)
		i++;
	if (i == mask->n) {
		grown = reallocarray(mask->serials, mask->n + 1, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		mask->serials = grown;
		mask->serials[mask->n++] = serial;
	}
	*ret = i + 1;
	return 0;
}

static bool has_serials(const char *line, size_t key_size)
{
	for (size_t i = 0; i < ARRAY_SIZE(serial_keys); i++)
		if (key_size == strlen(serial_keys[i]) &&
		    strncasecmp(line, serial_keys[i], key_size) == 0)
			return true;
	for (; key_size >= strlen(SERIAL_KEY); line++, key_size--)
		if (strncasecmp(line, SERIAL_KEY, strlen(SERIAL_KEY)) == 0)
			return true;
	return false;
}

/* Numbers apart by commas; what is no number may be one that was mistyped, and so goes as well. */
static int put_masked(FILE *f, struct serial_mask *mask, char *value)
{
	const char *separator = " ";
	char *save = NULL;

	for (char *item = strtok_r(value, ", \t\r", &save); item;
	     item = strtok_r(NULL, ", \t\r", &save)) {
		uint64_t serial, masked;

		if (parse_u64(item, &serial) < 0) {
			fprintf(f, "%s?", separator);
		} else {
			if (serial_mask_number(mask, serial, &masked) < 0)
				return -ENOMEM;
			fprintf(f, "%s0x%" PRIx64, separator, masked);
		}
		separator = ", ";
	}
	fputc('\n', f);
	return 0;
}

/* A whole line, or what is behind a value, where only ";" after white space begins a comment. */
static void cut_comment(char *line)
{
	size_t indent = strspn(line, " \t");

	if (line[indent] == '#' || line[indent] == ';')
		line[indent] = '\0';
	for (char *p = line + indent; *p; p++)
		if (*p == ';' && p > line && (p[-1] == ' ' || p[-1] == '\t')) {
			*p = '\0';
			return;
		}
}

static int put_line(FILE *f, struct serial_mask *mask, char *line, bool *in_serials)
{
	size_t indent = strspn(line, " \t"), key_size;
	char *equals;

	cut_comment(line);
	if (!line[indent]) {
		fputc('\n', f);
		return 0;
	}
	key_size = strcspn(line + indent, " \t=:");
	equals = line + indent + key_size;
	equals += strspn(equals, " \t");
	/* A line of its own, or one that goes on with the value above. */
	if (*equals == '=' || *equals == ':' || line[indent] == '[')
		*in_serials = line[indent] != '[' && has_serials(line + indent, key_size);
	else
		equals = NULL;
	if (!*in_serials) {
		fprintf(f, "%s\n", line);
		return 0;
	}
	if (equals) {
		fprintf(f, "%.*s", (int)(equals + 1 - line), line);
		return put_masked(f, mask, equals + 1);
	}
	fprintf(f, "%.*s", (int)indent, line);
	return put_masked(f, mask, line + indent);
}

char *serial_mask_config(struct serial_mask *mask, const char *text)
{
	_cleanup_free_ char *copy = strdup(text), *masked = NULL;
	_cleanup_fclose_ FILE *f = NULL;
	bool in_serials = false;
	char *rest = copy;
	size_t size;

	f = open_memstream(&masked, &size);
	if (!f || !copy)
		return NULL;
	/* Not strtok(): empty lines count, so that errors are told of the same line. */
	while (rest && *rest) {
		char *line = strsep(&rest, "\n");

		if (put_line(f, mask, line, &in_serials) < 0)
			return NULL;
	}
	if (fclose(TAKE_PTR(f)) != 0)
		return NULL;
	return TAKE_PTR(masked);
}

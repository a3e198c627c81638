/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "document.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static char *read_all(FILE *f, const char *name)
{
	char *text = NULL;
	size_t room = 0;

	/* To the end, as no text has a NUL in it. */
	ck_assert_msg(getdelim(&text, &room, '\0', f) > 0, "%s is empty", name);
	return text;
}

char *document_read(const char *path)
{
	_cleanup_fclose_ FILE *f = fopen(path, "re");

	ck_assert_msg(f != NULL, "cannot open %s", path);
	return read_all(f, path);
}

char *document_run(const char *command)
{
	FILE *f = popen(command, "re");
	char *text;

	ck_assert_msg(f != NULL, "cannot run %s", command);
	text = read_all(f, command);
	ck_assert_msg(pclose(f) == 0, "%s failed", command);
	return text;
}

/* \- and the like as the reader sees them; \& is nothing. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		if (*from != '\\') {
			*to++ = *from;
			continue;
		}
		from++;
		switch (*from) {
		case '-':
			*to++ = '-';
			break;
		case 'e':
			*to++ = '\\';
			break;
		case '&':
			break;
		default:
			ck_abort_msg("an escape in an example: \\%c", *from);
		}
	}
	*to = '\0';
}

char *document_example(const char *page, const char *name)
{
	_cleanup_free_ char *mark = NULL;
	const char *start, *end;
	char *text;

	ck_assert_int_gt(asprintf(&mark, "\n.\\\" @example %s\n.Bd -literal", name), 0);
	start = strstr(page, mark);
	ck_assert_msg(start != NULL, "there is no example %s", name);
	start = strchr(start + strlen(mark), '\n') + 1;
	end = strstr(start, "\n.Ed\n");
	ck_assert_msg(end != NULL, "example %s does not end", name);
	text = strndup(start, (size_t)(end + 1 - start));
	ck_assert_ptr_nonnull(text);
	unescape(text);
	return text;
}

void document_unfold(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		size_t blanks = *from == '\n' ? strspn(from + 1, " ") : 0;

		if (blanks > 0) {
			*to++ = ' ';
			from += blanks;
		} else {
			*to++ = *from;
		}
	}
	if (to > text && to[-1] == '\n')
		to--;
	*to = '\0';
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/evidence-line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "observe/look.h"

#define SPACE " \t\r\f\v"

int evidence_lines_add(struct evidence_lines *lines, const char *path, const char *line)
{
	_cleanup_free_ char *file = NULL, *line_copy = strdup(line);
	struct evidence_line *grown;

	if (asprintf(&file, "%s%s", *path == '/' ? "" : "/", path) < 0) {
		file = NULL;
		return -ENOMEM;
	}
	if (!line_copy)
		return -ENOMEM;
	grown = reallocarray(lines->items, lines->n + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	lines->items = grown;
	grown[lines->n++] = (struct evidence_line){
		.file = TAKE_PTR(file),
		.line = TAKE_PTR(line_copy),
	};
	return 0;
}

void evidence_lines_done(struct evidence_lines *lines)
{
	for (size_t i = 0; i < lines->n; i++) {
		free(lines->items[i].file);
		free(lines->items[i].line);
	}
	free(lines->items);
	*lines = (struct evidence_lines){};
}

char *line_next(char **cursor)
{
	char *line = *cursor, *end;
	size_t n;

	if (!*line)
		return NULL;
	end = strchrnul(line, '\n');
	*cursor = *end ? end + 1 : end;
	*end = '\0';
	line += strspn(line, SPACE);
	for (n = strlen(line); n > 0 && strchr(SPACE, line[n - 1]); n--)
		line[n - 1] = '\0';
	return line;
}

char *line_next_joined(char **cursor, bool *ret_joined)
{
	bool joined = false;

	for (char *p = *cursor; *p && *p != '\n'; p++)
		if (p[0] == '\\' && p[1] == '\n') {
			p[0] = p[1] = ' ';
			joined = true;
		}
	*ret_joined = joined;
	return line_next(cursor);
}

char *word_next(char **cursor)
{
	char *word = *cursor + strspn(*cursor, SPACE "\n");
	char *end = word + strcspn(word, SPACE "\n");

	if (end == word)
		return NULL;
	*cursor = *end ? end + 1 : end;
	*end = '\0';
	return word;
}

static bool has_suffix(const char *name, const char *suffix)
{
	size_t n = strlen(name), m = strlen(suffix);

	return n > m && strcmp(name + n - m, suffix) == 0;
}

int fragments_each(struct look *look, const char *const directories[], size_t n_directories,
		   const char *suffix,
		   int (*fn)(struct look *look, const char *path, void *userdata), void *userdata)
{
	_cleanup_(strv_done) struct strv seen = {};
	int r = 0;

	for (size_t i = 0; r == 0 && i < n_directories; i++) {
		_cleanup_(strv_done) struct strv names = {};

		r = look_list(look, &names, "%s", directories[i]);
		for (size_t k = 0; r == 0 && k < names.n; k++) {
			_cleanup_free_ char *path = NULL;

			if (!has_suffix(names.items[k], suffix) ||
			    strv_contains(&seen, names.items[k]))
				continue;
			r = strv_add(&seen, names.items[k]);
			if (r < 0)
				return r;
			if (asprintf(&path, "%s/%s", directories[i], names.items[k]) < 0) {
				path = NULL;
				return -ENOMEM;
			}
			r = fn(look, path, userdata);
		}
	}
	return r;
}

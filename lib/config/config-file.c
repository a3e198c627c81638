/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * inih splits lines into keys and values. What it cannot do is done in the reader that feeds it:
 * - It has no line numbers in Debian's build, and reports only the first bad line. The reader
 *   counts, and a line that inih did not answer with a call of the handler is the bad one.
 * - It takes an indented line for more of the value above it, so indentation is taken away.
 * - It silently cuts a line at the size of its buffer (200 bytes in Debian's build) and takes the
 *   rest for another line. A longer line is handed over in pieces: the pieces after the first begin
 *   with a blank, so inih calls the handler once more for each, and the handler joins them.
 * - It says nothing of an empty section and cuts its name at 50 bytes, so headers stay here.
 */

#include "config/config-file.h"

#include <errno.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/config-text.h"

/* inih.pc says how the library was built where that is not the default. */
_Static_assert(INI_ALLOW_MULTILINE, "long lines need an inih that allows values of several lines");
_Static_assert(!INI_STOP_ON_FIRST_ERROR, "an inih that stops at an error cannot list all of them");

struct reader {
	struct draft_file file;
	const char *next; /* line, and the end of the text */
	const char *end;
	unsigned line;
	int error; /* -ENOMEM; then everything ends as fast as it can */

	/* What is left to hand over of the line in work, NUL-terminated; NULL: nothing. */
	char *text;
	char *rest;

	char *key; /* what the handler got so far for the line in work */
	char *value;
	size_t value_size;
};

static void reader_done(struct reader *reader)
{
	draft_file_done(&reader->file);
	free(reader->text);
	free(reader->key);
	free(reader->value);
}

static int reader_fail(struct reader *reader, const char *message)
{
	return draft_file_error(&reader->file, reader->line, NULL, message);
}

/*
 * Cuts a comment off: from a # or ; that is the first character of the line or follows a blank.
 * No value has a blank followed by either, so nothing can be lost.
 */
static void cut_comment(const char *line, size_t *n)
{
	for (size_t i = 0; i < *n; i++)
		if ((line[i] == '#' || line[i] == ';') && (i == 0 || is_blank(line[i - 1]))) {
			*n = i;
			return;
		}
}

/* The next line of the text without its end, be that LF or CR LF. */
static void take_line(struct reader *reader, const char **ret, size_t *ret_size)
{
	const char *start = reader->next;
	const char *newline = memchr(start, '\n', (size_t)(reader->end - start));
	size_t n = (size_t)((newline ?: reader->end) - start);

	reader->next = newline ? newline + 1 : reader->end;
	reader->line++;
	if (n > 0 && start[n - 1] == '\r')
		n--;
	*ret = start;
	*ret_size = n;
}

static int take_header(struct reader *reader, const char *line, size_t n)
{
	_cleanup_free_ char *header = NULL;
	const char *close = memchr(line, ']', n);
	size_t size;
	int r;

	if (!close || close != line + n - 1) {
		/* Closes the section above first, so that the error is not one of its own. */
		r = draft_file_open_nothing(&reader->file);
		if (r < 0)
			return r;
		return reader_fail(reader, close ? "there is more on the line than [section]"
						 : "the ] that ends [section] is missing");
	}
	line++;
	size = n - 2;
	text_strip(&line, &size);
	header = strndup(line, size);
	if (!header)
		return -ENOMEM;
	return draft_file_open_section(&reader->file, header, reader->line);
}

/* Puts the next line that inih has to see into text, or leaves that NULL at the end. */
static int take_text(struct reader *reader)
{
	while (reader->next < reader->end) {
		const char *line;
		size_t n;
		int r = 0;

		take_line(reader, &line, &n);
		cut_comment(line, &n);
		text_strip(&line, &n);
		if (n == 0)
			continue;
		/* Comments may be in any encoding; the rest is shown in messages and on the bus. */
		r = text_check(line, n);
		if (r == -EILSEQ)
			r = reader_fail(reader, "the line is not UTF-8 text");
		else if (r == -EINVAL)
			r = reader_fail(reader, "the line has a control character in it");
		else if (*line == '[')
			r = take_header(reader, line, n);
		else {
			reader->text = reader->rest = strndup(line, n);
			return reader->text ? 0 : -ENOMEM;
		}
		if (r < 0)
			return r;
	}
	return 0;
}

/* What inih made of the line is whole now, or inih made nothing of it. */
static int finish_text(struct reader *reader)
{
	int r = 0;

	if (!reader->text)
		return 0;
	if (!reader->key || !*reader->key)
		r = reader_fail(reader, "the line is neither [section] nor key = value");
	else
		r = draft_file_set(&reader->file, reader->key, reader->value, reader->line);
	free(reader->text);
	free(reader->key);
	free(reader->value);
	reader->text = reader->rest = reader->key = reader->value = NULL;
	reader->value_size = 0;
	return r;
}

/*
 * How much of the rest fits into room bytes, such that inih, which strips blanks and looks for
 * comments, gives each side of the cut back as it is; 0: there is no such place.
 */
static size_t piece_size(const char *rest, size_t room)
{
	size_t n = strlen(rest);

	if (n <= room)
		return n;
	/* Half a buffer full of blanks and comment signs is no value of ours. */
	for (n = room; n > room / 2; n--)
		if (!is_blank(rest[n - 1]) && !is_blank(rest[n]) && !strchr("#;", rest[n]))
			return n;
	return 0;
}

/* Writes the next piece of the line in work for inih; size is the whole of its buffer. */
static int put_piece(struct reader *reader, char *buffer, size_t size)
{
	bool first = reader->rest == reader->text;
	/* A blank before all pieces but the first, and "\n" and NUL behind. */
	size_t n = size > 4 ? piece_size(reader->rest, size - 3) : 0;

	if (n == 0) {
		/* Ends the line; finish_text() has nothing to add to this error. */
		free(reader->text);
		reader->text = reader->rest = NULL;
		return reader_fail(reader, "the line is too long");
	}
	buffer[0] = ' ';
	memcpy(buffer + !first, reader->rest, n);
	strcpy(buffer + !first + n, "\n");
	reader->rest += n;
	return 0;
}

/* fgets() for inih. The handler's calls for a line come before the next call of this. */
static char *reader_gets(char *buffer, int size, void *userdata)
{
	struct reader *reader = userdata;
	int r = reader->error;

	buffer[0] = '\0';
	while (r == 0 && !buffer[0]) {
		/* Behind a first piece without an answer inih would take the next for more of the
		 * value above. */
		if (!reader->text || !*reader->rest ||
		    (reader->rest != reader->text && !reader->key)) {
			r = finish_text(reader);
			if (r == 0)
				r = take_text(reader);
			if (r < 0 || !reader->text)
				break;
		}
		r = put_piece(reader, buffer, (size_t)size);
	}
	reader->error = r;
	return r == 0 && buffer[0] ? buffer : NULL;
}

static int reader_got(struct reader *reader, const char *name, const char *value)
{
	size_t n = strlen(value);

	if (!reader->key) {
		reader->key = strdup(name);
		/* No value is longer than its line. */
		reader->value = malloc(strlen(reader->text) + 1);
		if (!reader->key || !reader->value)
			return -ENOMEM;
	}
	memcpy(reader->value + reader->value_size, value, n + 1);
	reader->value_size += n;
	return 0;
}

#if INI_HANDLER_LINENO
static int on_value(void *userdata, const char *section, const char *name, const char *value,
		    int lineno)
#else
static int on_value(void *userdata, const char *section, const char *name, const char *value)
#endif
{
	struct reader *reader = userdata;

	if (name && value && reader->error == 0)
		reader->error = reader_got(reader, name, value);
	return reader->error == 0;
}

/* The number of the line in which the text's byte at is. */
static unsigned line_of(const char *text, const char *at)
{
	unsigned line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	return line;
}

int config_file_parse(struct config_draft *draft, const char *name, const char *text, size_t size)
{
	static const char bom[] = "\xef\xbb\xbf";
	_cleanup_(reader_done) struct reader reader = {.next = text, .end = text + size};
	const char *nul = memchr(text, '\0', size);
	int r;

	draft_file_init(&reader.file, draft, name);
	if (nul) {
		/* Not text at all, or UTF-16: an error for each line would help nobody. */
		reader.line = line_of(text, nul);
		return reader_fail(&reader, "there is a NUL byte here; this is no UTF-8 text file");
	}
	if (size >= strlen(bom) && memcmp(text, bom, strlen(bom)) == 0)
		reader.next += strlen(bom);

	/* Its verdict is that of the first line it could not read, and all of those are known. */
	r = ini_parse_stream(reader_gets, &reader, on_value, &reader);
	if (reader.error < 0)
		return reader.error;
	if (r == -2) /* inih's buffer, where it is not on the stack */
		return -ENOMEM;
	return draft_file_finish(&reader.file);
}

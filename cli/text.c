/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static bool begins_character(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

/* Behind the escape sequences that s begins with, which are ours and take no column. */
static const char *skip_tones(const char *s)
{
	while (s[0] == '\033' && strchr(s, 'm'))
		s = strchr(s, 'm') + 1;
	return s;
}

size_t text_width(const char *s)
{
	size_t n = 0;

	for (s = skip_tones(s); *s; s = skip_tones(s + 1))
		n += begins_character(*s);
	return n;
}

/* Bytes of the first n characters of s. */
static size_t text_bytes(const char *s, size_t n)
{
	const char *p;

	for (p = skip_tones(s); *p; p = skip_tones(p + 1)) {
		if (begins_character(*p) && n-- == 0)
			break;
	}
	return (size_t)(p - s);
}

void text_pad(FILE *f, size_t n)
{
	fprintf(f, "%*s", (int)n, "");
}

void text_print_cut(FILE *f, const struct style *style, const char *s, size_t width)
{
	const char *ellipsis = style_ellipsis(style);
	size_t keep;

	if (text_width(s) <= width) {
		fprintf(f, "%s", s);
		return;
	}
	keep = width > text_width(ellipsis) ? width - text_width(ellipsis) : 0;
	fwrite(s, 1, text_bytes(s, keep), f);
	fwrite(ellipsis, 1, text_bytes(ellipsis, width), f);
}

/* Bytes of s that fit into width columns: up to a space, or one whole word when that is longer. */
static size_t line_bytes(const char *s, size_t width)
{
	size_t end = text_bytes(s, width);
	size_t n = end;

	if (s[n] == '\0' || s[n] == ' ')
		return n;
	while (n > 0 && s[n] != ' ')
		n--;
	return n > 0 ? n : end + strcspn(s + end, " ");
}

void text_print_wrapped(FILE *f, const struct style *style, size_t column, size_t indent,
			const char *s)
{
	size_t columns = style->columns;

	if (columns == 0) {
		fprintf(f, "%s\n", s);
		return;
	}
	if (columns < indent + 20)
		columns = indent + 20;
	for (;;) {
		size_t n = line_bytes(s, columns > column ? columns - column : 1);

		fwrite(s, 1, n, f);
		fputc('\n', f);
		s += n;
		s += strspn(s, " ");
		if (!*s)
			return;
		text_pad(f, indent);
		column = indent;
	}
}

void field_print(FILE *f, const struct style *style, const char *label, const char *format, ...)
{
	const size_t indent = 2 + FIELD_LABEL_WIDTH + 1;
	_cleanup_free_ char *value = NULL;
	va_list ap;
	int r;

	va_start(ap, format);
	r = vasprintf(&value, format, ap);
	va_end(ap);
	if (r < 0)
		value = NULL;

	fprintf(f, "  %s%-*s%s ", style_begin(style, TONE_DIM), FIELD_LABEL_WIDTH, label,
		style_end(style, TONE_DIM));
	text_print_wrapped(f, style, indent, indent, value ?: "(out of memory)");
}

void section_print(FILE *f, const struct style *style, const char *title)
{
	fprintf(f, "\n%s%s%s\n", style_begin(style, TONE_TITLE), title,
		style_end(style, TONE_TITLE));
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/config-text.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

/* Longer words than any key of ours: their distance is not computed. */
#define DISTANCE_WORD_MAX 40

bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

void text_strip(const char **text, size_t *n)
{
	while (*n > 0 && is_blank(**text)) {
		(*text)++;
		(*n)--;
	}
	while (*n > 0 && is_blank((*text)[*n - 1]))
		(*n)--;
}

/* The length of the UTF-8 sequence at s, of which n bytes are there, and its character; 0 when it
 * is none: cut off, overlong, a surrogate or beyond Unicode (RFC 3629, section 3). */
static size_t utf8_decode(const unsigned char *s, size_t n, uint32_t *ret)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t c;
	size_t length;

	if (s[0] < 0x80) {
		*ret = s[0];
		return 1;
	}
	if ((s[0] & 0xe0) == 0xc0) {
		length = 2;
		c = s[0] & 0x1f;
	} else if ((s[0] & 0xf0) == 0xe0) {
		length = 3;
		c = s[0] & 0x0f;
	} else if ((s[0] & 0xf8) == 0xf0) {
		length = 4;
		c = s[0] & 0x07;
	} else {
		return 0;
	}
	if (length > n)
		return 0;
	for (size_t i = 1; i < length; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < smallest[length] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*ret = c;
	return length;
}

int text_check(const char *text, size_t n)
{
	bool control = false;

	for (size_t i = 0; i < n;) {
		uint32_t c;
		size_t length = utf8_decode((const unsigned char *)text + i, n - i, &c);

		if (length == 0)
			return -EILSEQ;
		/* C0, DEL and C1: a terminal acts on them when a message shows the text. */
		if ((c < 0x20 && c != '\t') || (c >= 0x7f && c <= 0x9f))
			control = true;
		i += length;
	}
	return control ? -EINVAL : 0;
}

/* ASCII only, whatever the locale. */
static int lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

size_t text_distance(const char *a, const char *b, size_t limit)
{
	size_t rows[3][DISTANCE_WORD_MAX + 1];
	size_t *before = rows[0], *last = rows[1], *row = rows[2];
	size_t na = strlen(a), nb = strlen(b);

	if (na > DISTANCE_WORD_MAX || nb > DISTANCE_WORD_MAX)
		return limit + 1;
	for (size_t j = 0; j <= nb; j++)
		last[j] = j;
	for (size_t i = 1; i <= na; i++) {
		size_t *recycled = before;

		row[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			row[j] = min3(last[j] + 1, row[j - 1] + 1,
				      last[j - 1] + (lower(a[i - 1]) != lower(b[j - 1])));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
		before = last;
		last = row;
		row = recycled;
	}
	return last[nb] <= limit ? last[nb] : limit + 1;
}

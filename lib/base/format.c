/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/format.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static const char *const size_units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

const char *format_size(uint64_t bytes, char buf[static FORMAT_SIZE_MAX])
{
	size_t unit = 0;
	uint64_t one, whole, tenths;

	while (unit + 1 < ARRAY_SIZE(size_units) && bytes >> (10 * (unit + 1)))
		unit++;
	one = UINT64_C(1) << (10 * unit);
	whole = bytes / one;

	if (bytes % one == 0) {
		snprintf(buf, FORMAT_SIZE_MAX, "%" PRIu64 " %s", whole, size_units[unit]);
		return buf;
	}

	/* The remainder is below 2^60, so ten times it still fits. */
	tenths = (bytes % one * 10 + one / 2) / one;
	whole += tenths / 10;
	tenths %= 10;
	if (whole == 1024 && unit + 1 < ARRAY_SIZE(size_units)) {
		/* 1023.96 MiB rounds to a whole unit of the next size. */
		whole = 1;
		unit++;
	}
	snprintf(buf, FORMAT_SIZE_MAX, "%" PRIu64 ".%" PRIu64 " %s", whole, tenths,
		 size_units[unit]);
	return buf;
}

/*
 * Length of the well-formed UTF-8 sequence at s, 0 when there is none: overlong forms, surrogates
 * and what lies beyond U+10FFFF are malformed. The D-Bus specification demands the same of its
 * strings, and a process chooses its own comm freely.
 */
static size_t utf8_length(const unsigned char *s)
{
	unsigned char low = 0x80, high = 0xbf; /* limits of the second byte */
	size_t n;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		n = 2;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		n = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		n = 4;
	else
		return 0;

	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if (s[i] < 0x80 || s[i] > 0xbf)
			return 0;
	return n;
}

/* C0, DEL, and C1, which is U+0080 to U+009F and drives terminals as well as ESC does. */
static bool is_control(const unsigned char *s)
{
	return s[0] < 0x20 || s[0] == 0x7f || (s[0] == 0xc2 && s[1] >= 0x80 && s[1] <= 0x9f);
}

char *text_clean(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t n = 0;
	char *clean;

	/* Nothing grows: a malformed byte becomes one "?", a control character one space. */
	clean = malloc(strlen(s) + 1);
	if (!clean)
		return NULL;

	while (*p) {
		size_t length = utf8_length(p);

		if (length == 0) {
			clean[n++] = '?';
			p++;
		} else if (is_control(p) || *p == ' ') {
			if (n > 0)
				clean[n++] = ' ';
			p += length;
		} else {
			memcpy(clean + n, p, length);
			n += length;
			p += length;
		}
	}
	while (n > 0 && clean[n - 1] == ' ')
		n--;
	clean[n] = '\0';
	return clean;
}

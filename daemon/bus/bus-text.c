/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus/bus-text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* Length of the UTF-8 sequence that s begins with; 0 when it is none (Unicode 15, table 3-7). */
static size_t utf8_sequence(const unsigned char *s)
{
	unsigned char low = 0x80, high = 0xbf; /* what the second byte may be */
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

	switch (s[0]) {
	case 0xe0: /* overlong */
		low = 0xa0;
		break;
	case 0xed: /* surrogates */
		high = 0x9f;
		break;
	case 0xf0: /* overlong */
		low = 0x90;
		break;
	case 0xf4: /* beyond U+10FFFF */
		high = 0x8f;
		break;
	}
	if (s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

void text_make_utf8(char *s)
{
	while (*s) {
		size_t n = utf8_sequence((const unsigned char *)s);

		if (n == 0)
			*s = '?';
		s += n ?: 1;
	}
}

static int string_make_utf8(struct json_object *value)
{
	_cleanup_free_ char *text = strdup(json_object_get_string(value));

	if (!text)
		return -ENOMEM;
	text_make_utf8(text);
	if (strcmp(text, json_object_get_string(value)) != 0 &&
	    !json_object_set_string(value, text))
		return -ENOMEM;
	return 0;
}

int json_make_utf8(struct json_object *value)
{
	int r = 0;

	if (json_object_is_type(value, json_type_string))
		return string_make_utf8(value);
	if (json_object_is_type(value, json_type_array)) {
		size_t n = json_object_array_length(value);

		for (size_t i = 0; i < n && r >= 0; i++)
			r = json_make_utf8(json_object_array_get_idx(value, i));
	} else if (json_object_is_type(value, json_type_object)) {
		json_object_object_foreach(value, key, member)
		{
			(void)key; /* ours: plain ASCII */
			r = json_make_utf8(member);
			if (r < 0)
				break;
		}
	}
	return r;
}

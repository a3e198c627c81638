/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "variant/json-clean.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/format.h"

static int clean_string(struct json_object *value)
{
	_cleanup_free_ char *clean = text_clean(json_object_get_string(value));

	if (!clean || !json_object_set_string(value, clean))
		return -ENOMEM;
	return 0;
}

int json_clean(struct json_object *value)
{
	int r = 0;

	if (json_object_is_type(value, json_type_string))
		return clean_string(value);
	if (json_object_is_type(value, json_type_array)) {
		size_t n = json_object_array_length(value);

		for (size_t i = 0; i < n && r >= 0; i++)
			r = json_clean(json_object_array_get_idx(value, i));
	} else if (json_object_is_type(value, json_type_object)) {
		struct json_object_iterator i = json_object_iter_begin(value);
		struct json_object_iterator end = json_object_iter_end(value);

		for (; r >= 0 && !json_object_iter_equal(&i, &end); json_object_iter_next(&i))
			r = json_clean(json_object_iter_peek_value(&i));
	}
	return r;
}

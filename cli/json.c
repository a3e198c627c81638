/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct json_object *member(struct json_object *object, const char *key, enum json_type type)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, type))
		return NULL;
	return value;
}

const char *get_text(struct json_object *object, const char *key)
{
	struct json_object *value = member(object, key, json_type_string);

	return value ? json_object_get_string(value) : "";
}

uint64_t get_u64(struct json_object *object, const char *key)
{
	return json_object_get_uint64(member(object, key, json_type_int));
}

int64_t get_int(struct json_object *object, const char *key)
{
	return json_object_get_int64(member(object, key, json_type_int));
}

bool get_bool(struct json_object *object, const char *key)
{
	return json_object_get_boolean(member(object, key, json_type_boolean));
}

struct json_object *get_array(struct json_object *object, const char *key)
{
	return member(object, key, json_type_array);
}

size_t json_length(struct json_object *array)
{
	return array ? json_object_array_length(array) : 0;
}

struct json_object *json_find(struct json_object *array, const char *key, const char *text)
{
	for (size_t i = 0; i < json_length(array); i++) {
		struct json_object *object = json_object_array_get_idx(array, i);

		if (strcmp(get_text(object, key), text) == 0)
			return object;
	}
	return NULL;
}

int json_put(struct json_object *object, const char *key, struct json_object *value)
{
	if (value && json_object_object_add(object, key, value) == 0)
		return 0;
	json_object_put(value);
	return -ENOMEM;
}

struct json_object *json_new_document(void)
{
	_cleanup_json_ struct json_object *document = json_object_new_object();

	if (!document ||
	    json_put(document, "Version", json_object_new_int(JSON_SCHEMA_VERSION)) < 0)
		return NULL;
	return TAKE_PTR(document);
}

void json_print(struct json_object *value, enum json_format format)
{
	int flags = JSON_C_TO_STRING_NOSLASHESCAPE;

	if (format == JSON_PRETTY)
		flags |= JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED;
	puts(json_object_to_json_string_ext(value, flags));
}

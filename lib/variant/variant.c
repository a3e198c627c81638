/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "variant/variant.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"

static void json_putp(struct json_object **object)
{
	json_object_put(*object);
}

#define _cleanup_json_ _cleanup_(json_putp)

static int append_array(sd_bus_message *m, struct json_object *array, const char *elements);

/* JSON has one kind of integer, D-Bus needs to choose. */
static bool is_beyond_int64(struct json_object *value)
{
	return json_object_get_int64(value) >= 0 && json_object_get_uint64(value) > INT64_MAX;
}

/* What an array's elements are on the bus, when they agree; "v" when they do not. */
static const char *signature_of_elements(struct json_object *array)
{
	size_t n = json_object_array_length(array);
	bool negative = false, beyond = false;
	enum json_type type = json_type_string; /* an empty array is one of no strings */

	for (size_t i = 0; i < n; i++) {
		struct json_object *value = json_object_array_get_idx(array, i);

		if (i > 0 && !json_object_is_type(value, type))
			return "v";
		type = json_object_get_type(value);
		if (type == json_type_int) {
			negative |= json_object_get_int64(value) < 0;
			beyond |= is_beyond_int64(value);
		}
	}
	switch (type) {
	case json_type_string:
		return "s";
	case json_type_object:
		return "a{sv}";
	case json_type_boolean:
		return "b";
	case json_type_double:
		return "d";
	case json_type_int:
		if (beyond && negative)
			return "v"; /* no integer type has both */
		return beyond ? "t" : "x";
	case json_type_array:
	case json_type_null:
		break;
	}
	return "v";
}

/* The signature of a value's variant; NULL for null, which D-Bus has no word for. */
static const char *signature_of(struct json_object *value)
{
	const char *elements;

	switch (json_object_get_type(value)) {
	case json_type_null:
		return NULL;
	case json_type_boolean:
		return "b";
	case json_type_double:
		return "d";
	case json_type_int:
		return is_beyond_int64(value) ? "t" : "x";
	case json_type_string:
		return "s";
	case json_type_object:
		return "a{sv}";
	case json_type_array:
		break;
	}
	elements = signature_of_elements(value);
	switch (elements[0]) {
	case 's':
		return "as";
	case 'b':
		return "ab";
	case 'd':
		return "ad";
	case 'x':
		return "ax";
	case 't':
		return "at";
	case 'a':
		return "aa{sv}";
	}
	return "av";
}

/* Appends a value as what the signature says, which signature_of() or its like gave for it. */
static int append_value(sd_bus_message *m, struct json_object *value, const char *signature)
{
	uint64_t u;
	int64_t i;
	double d;
	int b;

	switch (signature[0]) {
	case 's':
		return sd_bus_message_append_basic(m, 's', json_object_get_string(value));
	case 'b':
		b = json_object_get_boolean(value);
		return sd_bus_message_append_basic(m, 'b', &b);
	case 'd':
		d = json_object_get_double(value);
		return sd_bus_message_append_basic(m, 'd', &d);
	case 'x':
		i = json_object_get_int64(value);
		return sd_bus_message_append_basic(m, 'x', &i);
	case 't':
		u = json_object_get_uint64(value);
		return sd_bus_message_append_basic(m, 't', &u);
	}
	if (strcmp(signature, "a{sv}") == 0)
		return variant_append_object(m, value);
	return append_array(m, value, signature + 1);
}

static int append_variant(sd_bus_message *m, struct json_object *value, const char *signature)
{
	int r;

	r = sd_bus_message_open_container(m, 'v', signature);
	if (r < 0)
		return r;
	r = append_value(m, value, signature);
	if (r < 0)
		return r;
	return sd_bus_message_close_container(m);
}

static int append_array(sd_bus_message *m, struct json_object *array, const char *elements)
{
	size_t n = json_object_array_length(array);
	int r;

	r = sd_bus_message_open_container(m, 'a', elements);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		struct json_object *value = json_object_array_get_idx(array, i);
		const char *own = signature_of(value);

		if (!own)
			continue;
		r = elements[0] == 'v' ? append_variant(m, value, own)
				       : append_value(m, value, elements);
		if (r < 0)
			return r;
	}
	return sd_bus_message_close_container(m);
}

static int append_member(sd_bus_message *m, const char *key, struct json_object *value)
{
	const char *signature = signature_of(value);
	int r;

	if (!signature)
		return 0;
	r = sd_bus_message_open_container(m, 'e', "sv");
	if (r < 0)
		return r;
	r = sd_bus_message_append_basic(m, 's', key);
	if (r < 0)
		return r;
	r = append_variant(m, value, signature);
	if (r < 0)
		return r;
	return sd_bus_message_close_container(m);
}

int variant_append_object(sd_bus_message *m, struct json_object *object)
{
	struct json_object_iterator i, end;
	int r;

	if (!json_object_is_type(object, json_type_object))
		return -EINVAL;
	r = sd_bus_message_open_container(m, 'a', "{sv}");
	if (r < 0)
		return r;
	end = json_object_iter_end(object);
	for (i = json_object_iter_begin(object); !json_object_iter_equal(&i, &end);
	     json_object_iter_next(&i)) {
		r = append_member(m, json_object_iter_peek_name(&i),
				  json_object_iter_peek_value(&i));
		if (r < 0)
			return r;
	}
	return sd_bus_message_close_container(m);
}

/* The storage that sd_bus_message_read_basic() fills, whichever of them the type asks for. */
union basic {
	uint8_t y;
	int b;
	int16_t n;
	uint16_t q;
	int32_t i;
	uint32_t u;
	int64_t x;
	uint64_t t;
	double d;
	const char *s;
};

static struct json_object *basic_to_json(char type, const union basic *v)
{
	switch (type) {
	case 'y':
		return json_object_new_int(v->y);
	case 'b':
		return json_object_new_boolean(v->b);
	case 'n':
		return json_object_new_int(v->n);
	case 'q':
		return json_object_new_int(v->q);
	case 'i':
		return json_object_new_int(v->i);
	case 'u':
		return json_object_new_int64(v->u);
	case 'x':
		return json_object_new_int64(v->x);
	case 't':
		return json_object_new_uint64(v->t);
	case 'd':
		return json_object_new_double(v->d);
	}
	return json_object_new_string(v->s);
}

static bool is_basic(char type)
{
	return strchr("ybnqiuxtdsog", type) != NULL;
}

static int read_basic(sd_bus_message *m, char type, struct json_object **ret)
{
	struct json_object *value;
	union basic v;
	int r;

	r = sd_bus_message_read_basic(m, type, &v);
	if (r < 0)
		return r;
	value = basic_to_json(type, &v);
	if (!value)
		return -ENOMEM;
	*ret = value;
	return 1;
}

/* All that is left in the container that was entered, as an array. */
static int read_elements(sd_bus_message *m, struct json_object **ret)
{
	_cleanup_json_ struct json_object *array = json_object_new_array();
	struct json_object *value;
	int r;

	if (!array)
		return -ENOMEM;
	while ((r = variant_read(m, &value)) > 0)
		if (json_object_array_add(array, value) < 0) {
			json_object_put(value);
			return -ENOMEM;
		}
	if (r < 0)
		return r;
	*ret = TAKE_PTR(array);
	return 0;
}

static int read_entry(sd_bus_message *m, struct json_object *object)
{
	struct json_object *value;
	const char *key;
	char type;
	int r;

	r = sd_bus_message_peek_type(m, &type, NULL);
	if (r < 0)
		return r;
	r = sd_bus_message_read_basic(m, type, &key);
	if (r < 0)
		return r;
	r = variant_read(m, &value);
	if (r < 0)
		return r;
	if (r == 0)
		return -EBADMSG;
	/* key lives as long as the message does; the object keeps a copy. */
	if (json_object_object_add(object, key, value) < 0) {
		json_object_put(value);
		return -ENOMEM;
	}
	return 0;
}

/* All dictionary entries that are left in the array that was entered; their keys are strings. */
static int read_entries(sd_bus_message *m, const char *entry, struct json_object **ret)
{
	_cleanup_json_ struct json_object *object = json_object_new_object();
	int r;

	if (!object)
		return -ENOMEM;
	while ((r = sd_bus_message_enter_container(m, 'e', entry)) > 0) {
		r = read_entry(m, object);
		if (r < 0)
			return r;
		r = sd_bus_message_exit_container(m);
		if (r < 0)
			return r;
	}
	if (r < 0)
		return r;
	*ret = TAKE_PTR(object);
	return 0;
}

/* contents is the signature of the elements: a dictionary has "{sv}", a plain array "s". */
static int read_array(sd_bus_message *m, const char *contents, struct json_object **ret)
{
	_cleanup_free_ char *entry = NULL;

	if (contents[0] != '{' || !strchr("sog", contents[1]))
		return read_elements(m, ret);
	entry = strndup(contents + 1, strlen(contents) - 2);
	if (!entry)
		return -ENOMEM;
	return read_entries(m, entry, ret);
}

/* A variant holds exactly one value. */
static int read_held(sd_bus_message *m, struct json_object **ret)
{
	int r = variant_read(m, ret);

	return r == 0 ? -EBADMSG : r;
}

int variant_read(sd_bus_message *m, struct json_object **ret)
{
	_cleanup_json_ struct json_object *value = NULL;
	const char *contents;
	char type;
	int r;

	r = sd_bus_message_peek_type(m, &type, &contents);
	if (r <= 0)
		return r;
	if (is_basic(type))
		return read_basic(m, type, ret);
	if (!strchr("avre", type))
		return -EOPNOTSUPP; /* a file descriptor has no meaning in JSON */

	r = sd_bus_message_enter_container(m, type, contents);
	if (r < 0)
		return r;
	if (type == 'a')
		r = read_array(m, contents, &value);
	else if (type == 'v')
		r = read_held(m, &value);
	else
		r = read_elements(m, &value);
	if (r < 0)
		return r;
	r = sd_bus_message_exit_container(m);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(value);
	return 1;
}

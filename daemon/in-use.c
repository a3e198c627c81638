/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "in-use.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "state-file.h"

DEFINE_CLEANUP(struct json_object *, json_object_put);

/* Start and end of each in turn. */
static int add_ranges(struct json_object *object, const struct dax_device *device)
{
	_cleanup_free_ uint64_t *numbers = calloc(2 * device->n_ranges + 1, sizeof(*numbers));

	if (!numbers)
		return -ENOMEM;
	for (size_t i = 0; i < device->n_ranges; i++) {
		numbers[2 * i] = device->ranges[i].start;
		numbers[2 * i + 1] = device->ranges[i].end;
	}
	return state_add_numbers(object, "Ranges", numbers, 2 * device->n_ranges);
}

static int append(struct json_object *list, const struct dax_device *device)
{
	const char *kind = dax_kind_to_string(device->kind);
	struct json_object *object = json_object_new_object();

	if (!object || json_object_array_add(list, object) < 0) {
		json_object_put(object);
		return -ENOMEM;
	}
	if (state_add(object, "Device", json_object_new_string(device->name)) < 0 ||
	    state_add(object, "Instance", json_object_new_uint64(device->instance)) < 0 ||
	    state_add(object, "Gone", json_object_new_boolean(device->gone)) < 0 ||
	    state_add(object, "Path", json_object_new_string(device->path ?: "")) < 0 ||
	    state_add(object, "Kind", json_object_new_string(kind)) < 0 ||
	    state_add(object, "Size", json_object_new_uint64(device->size)) < 0 ||
	    state_add(object, "Usable", json_object_new_uint64(device->usable)) < 0 ||
	    state_add(object, "Node", json_object_new_int(device->target_node)) < 0 ||
	    state_add(object, "Region", json_object_new_string(device->region ?: "")) < 0 ||
	    state_add_numbers(object, "Serials", device->serials, device->n_serials) < 0)
		return -ENOMEM;
	return add_ranges(object, device);
}

struct json_object *in_use_to_json(const struct facts *facts)
{
	_cleanup_(json_object_putp) struct json_object *list = json_object_new_array();

	for (size_t i = 0; list && i < facts->n_devices; i++)
		if ((facts->devices[i].gone ||
		     dax_device_count_blocks(&facts->devices[i]).present > 0) &&
		    append(list, &facts->devices[i]) < 0)
			return NULL;
	return TAKE_PTR(list);
}

/* NULL: it is not there, or of another type. */
static struct json_object *get(struct json_object *object, const char *key, enum json_type type)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, type))
		return NULL;
	return value;
}

static uint64_t get_number(struct json_object *object, const char *key)
{
	return json_object_get_uint64(get(object, key, json_type_int));
}

/* "" is none. */
static int get_string(struct json_object *object, const char *key, char **ret)
{
	const char *s = json_object_get_string(get(object, key, json_type_string));

	*ret = s && *s ? strdup(s) : NULL;
	return s && *s && !*ret ? -ENOMEM : 0;
}

static int get_numbers(struct json_object *object, const char *key, uint64_t **ret, size_t *ret_n)
{
	struct json_object *array = get(object, key, json_type_array);
	size_t n = array ? json_object_array_length(array) : 0;
	uint64_t *numbers = calloc(n + 1, sizeof(*numbers));

	if (!numbers)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		numbers[i] = json_object_get_uint64(json_object_array_get_idx(array, i));
	*ret = numbers;
	*ret_n = n;
	return 0;
}

static int get_ranges(struct json_object *object, struct dax_device *device)
{
	_cleanup_free_ uint64_t *numbers = NULL;
	size_t n;
	int r;

	r = get_numbers(object, "Ranges", &numbers, &n);
	if (r < 0)
		return r;
	device->ranges = calloc(n / 2 + 1, sizeof(*device->ranges));
	if (!device->ranges)
		return -ENOMEM;
	for (size_t i = 0; i + 1 < n; i += 2)
		if (numbers[i] < numbers[i + 1])
			device->ranges[device->n_ranges++] =
				(struct phys_range){numbers[i], numbers[i + 1]};
	return 0;
}

/* 1: there is one in it. */
static int device_from_json(struct json_object *object, struct dax_device *device)
{
	const char *kind = json_object_get_string(get(object, "Kind", json_type_string));
	int r, value;

	value = kind ? dax_kind_from_string(kind) : -EINVAL;
	device->kind = value < 0 ? DAX_KIND_UNKNOWN : (enum dax_kind)value;
	device->instance = get_number(object, "Instance");
	device->gone = json_object_get_boolean(get(object, "Gone", json_type_boolean));
	device->size = get_number(object, "Size");
	device->usable = get_number(object, "Usable");
	device->lost = device->size - device->usable;
	device->target_node = json_object_get_int(get(object, "Node", json_type_int));
	device->initiator_node = device->tier = -1;
	r = get_string(object, "Device", &device->name);
	if (r == 0)
		r = get_string(object, "Path", &device->path);
	if (r == 0)
		r = get_string(object, "Region", &device->region);
	if (r == 0)
		r = get_numbers(object, "Serials", &device->serials, &device->n_serials);
	if (r == 0)
		r = get_ranges(object, device);
	return r < 0 ? r : device->name && device->n_ranges > 0;
}

int in_use_from_json(struct json_object *list, struct facts **ret)
{
	_cleanup_(facts_freep) struct facts *facts = calloc(1, sizeof(*facts));
	size_t n = json_object_array_length(list);

	if (!facts)
		return -ENOMEM;
	facts->devices = calloc(n + 1, sizeof(*facts->devices));
	if (!facts->devices)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		struct dax_device *device = &facts->devices[facts->n_devices];
		int r = device_from_json(json_object_array_get_idx(list, i), device);

		if (r == 1)
			facts->n_devices++;
		else
			dax_device_done(device);
		if (r < 0)
			return r;
	}
	*ret = TAKE_PTR(facts);
	return 0;
}

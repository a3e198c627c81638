/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/plan.h"

#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <string.h>

#include "base/cleanup.h"

/* All of these: 0, -EBADMSG or -ENOMEM. */
static int get(struct json_object *object, const char *key, enum json_type type,
	       struct json_object **ret)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, type))
		return -EBADMSG;
	*ret = value;
	return 0;
}

/* Borrowed from the object. */
static int get_text(struct json_object *object, const char *key, const char **ret)
{
	struct json_object *value;
	const char *s;
	int r;

	r = get(object, key, json_type_string, &value);
	if (r < 0)
		return r;
	s = json_object_get_string(value);
	if (strlen(s) != (size_t)json_object_get_string_len(value))
		return -EBADMSG; /* "\u0000" inside */
	*ret = s;
	return 0;
}

/* A copy; NULL for an empty string, which is how an absent one travels. */
static int get_string(struct json_object *object, const char *key, char **ret)
{
	const char *s;
	char *copy;
	int r;

	r = get_text(object, key, &s);
	if (r < 0)
		return r;
	if (s[0] == '\0') {
		*ret = NULL;
		return 0;
	}
	copy = strdup(s);
	if (!copy)
		return -ENOMEM;
	*ret = copy;
	return 0;
}

static int get_name(struct json_object *object, const char *key, int (*from_string)(const char *s),
		    int *ret)
{
	const char *s;
	int r;

	r = get_text(object, key, &s);
	if (r < 0)
		return r;
	r = from_string(s);
	if (r < 0)
		return -EBADMSG;
	*ret = r;
	return 0;
}

static int get_bool(struct json_object *object, const char *key, bool *ret)
{
	struct json_object *value;
	int r;

	r = get(object, key, json_type_boolean, &value);
	if (r < 0)
		return r;
	*ret = json_object_get_boolean(value);
	return 0;
}

static int get_u64(struct json_object *object, const char *key, uint64_t *ret)
{
	struct json_object *value;
	int r;

	r = get(object, key, json_type_int, &value);
	if (r < 0)
		return r;
	/* json-c turns a negative number into 0 here, and one above INT64_MAX into that. */
	if (json_object_get_int64(value) < 0)
		return -EBADMSG;
	*ret = json_object_get_uint64(value);
	return 0;
}

static int get_int(struct json_object *object, const char *key, int *ret)
{
	struct json_object *value;
	int64_t v;
	int r;

	r = get(object, key, json_type_int, &value);
	if (r < 0)
		return r;
	v = json_object_get_int64(value);
	if (v < INT_MIN || v > INT_MAX)
		return -EBADMSG;
	*ret = (int)v;
	return 0;
}

static int range_from_json(struct json_object *object, struct phys_range *ret)
{
	struct phys_range range;
	int r;

	if (!json_object_is_type(object, json_type_object))
		return -EBADMSG;
	r = get_u64(object, "Start", &range.start);
	if (r < 0)
		return r;
	r = get_u64(object, "End", &range.end);
	if (r < 0)
		return r;
	if (range.start > range.end)
		return -EBADMSG;
	*ret = range;
	return 0;
}

static int get_ranges(struct json_object *object, struct device_plan *plan)
{
	struct json_object *array;
	size_t n;
	int r;

	r = get(object, "Ranges", json_type_array, &array);
	if (r < 0)
		return r;
	n = json_object_array_length(array);
	if (n == 0)
		return 0;
	plan->ranges = calloc(n, sizeof(*plan->ranges));
	if (!plan->ranges)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		r = range_from_json(json_object_array_get_idx(array, i), &plan->ranges[i]);
		if (r < 0)
			return r;
		plan->n_ranges++;
	}
	return 0;
}

static int get_unsigned(struct json_object *object, const char *key, unsigned *ret)
{
	uint64_t v;
	int r;

	r = get_u64(object, key, &v);
	if (r < 0)
		return r;
	if (v > UINT_MAX)
		return -EBADMSG;
	*ret = (unsigned)v;
	return 0;
}

static int get_target(struct json_object *object, struct device_plan *plan)
{
	_cleanup_free_ char *memdev = NULL, *decoder = NULL;
	struct region_target target;
	int r;

	if (!json_object_is_type(object, json_type_object))
		return -EBADMSG;
	r = get_string(object, "Memdev", &memdev);
	if (r == 0)
		r = get_string(object, "Decoder", &decoder);
	if (r == 0)
		r = get_u64(object, "Serial", &target.serial);
	if (r == 0)
		r = get_u64(object, "Size", &target.size);
	if (r < 0)
		return r;
	if (!memdev || !decoder)
		return -EBADMSG;
	target.memdev = memdev;
	target.decoder = decoder;
	return device_plan_add_target(plan, &target);
}

static int get_region(struct json_object *object, struct device_plan *plan)
{
	struct region_plan *region = &plan->region;
	struct json_object *array;
	int r;

	r = get_string(object, "Region", &region->name);
	if (r == 0)
		r = get_string(object, "Window", &region->window);
	if (r == 0)
		r = get_unsigned(object, "Ways", &region->ways);
	if (r == 0)
		r = get_unsigned(object, "Granularity", &region->granularity);
	if (r == 0)
		r = get(object, "Targets", json_type_array, &array);
	for (size_t i = 0; r == 0 && i < json_object_array_length(array); i++)
		r = get_target(json_object_array_get_idx(array, i), plan);
	return r;
}

static int get_steps(struct json_object *object, struct device_plan *plan)
{
	struct json_object *array;
	int r;

	r = get(object, "Steps", json_type_array, &array);
	if (r < 0)
		return r;
	for (size_t i = 0; i < json_object_array_length(array); i++) {
		struct json_object *item = json_object_array_get_idx(array, i);
		_cleanup_free_ char *value = NULL;
		int kind;

		if (!json_object_is_type(item, json_type_object))
			return -EBADMSG;
		r = get_name(item, "Step", step_kind_from_string, &kind);
		if (r < 0)
			return r;
		r = get_string(item, "Value", &value);
		if (r < 0)
			return r;
		r = device_plan_add_step(plan, (enum step_kind)kind, value);
		if (r < 0)
			return r;
	}
	return 0;
}

static int get_memmap(struct json_object *object, struct memmap_decision *memmap)
{
	int r;

	r = get_bool(object, "MemmapWanted", &memmap->wanted);
	if (r < 0)
		return r;
	r = get_bool(object, "MemmapEffective", &memmap->effective);
	if (r < 0)
		return r;
	r = get_u64(object, "MemmapBytes", &memmap->bytes);
	if (r < 0)
		return r;
	return get_string(object, "MemmapReason", &memmap->reason);
}

static int get_decision(struct json_object *object, struct device_plan *plan)
{
	int r, purpose, state, zone;

	r = get_name(object, "Purpose", plan_purpose_from_string, &purpose);
	if (r < 0)
		return r;
	r = get_name(object, "State", device_state_from_string, &state);
	if (r < 0)
		return r;
	r = get_u64(object, "DeadlineUSec", &plan->deadline_usec);
	if (r < 0)
		return r;
	r = get_name(object, "Zone", target_zone_from_string, &zone);
	if (r < 0)
		return r;
	r = get_bool(object, "Managed", &plan->managed);
	if (r < 0)
		return r;
	r = get_string(object, "Rule", &plan->rule);
	if (r < 0)
		return r;
	r = get_string(object, "Reason", &plan->reason);
	if (r < 0)
		return r;
	plan->purpose = (enum plan_purpose)purpose;
	plan->state = (enum device_state)state;
	plan->zone = (enum target_zone)zone;
	return get_memmap(object, &plan->memmap);
}

static int get_device(struct json_object *object, struct device_plan *plan)
{
	int r;

	r = get_string(object, "Device", &plan->device);
	if (r < 0)
		return r;
	if (!plan->device)
		return -EBADMSG;
	r = get_int(object, "TargetNode", &plan->target_node);
	if (r < 0)
		return r;
	r = get_u64(object, "Size", &plan->size);
	if (r < 0)
		return r;
	r = get_u64(object, "BlockSize", &plan->block_size);
	if (r < 0)
		return r;
	return get_ranges(object, plan);
}

int device_plan_from_json(struct json_object *object, struct device_plan *ret)
{
	_cleanup_(device_plan_done) struct device_plan plan = {};
	int r;

	if (!json_object_is_type(object, json_type_object))
		return -EBADMSG;
	r = get_device(object, &plan);
	if (r < 0)
		return r;
	r = get_decision(object, &plan);
	if (r < 0)
		return r;
	r = get_region(object, &plan);
	if (r < 0)
		return r;
	r = get_steps(object, &plan);
	if (r < 0)
		return r;
	*ret = plan;
	plan = (struct device_plan){};
	return 0;
}

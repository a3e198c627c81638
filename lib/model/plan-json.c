/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/plan.h"

#include <json-c/json.h>

#include "base/cleanup.h"

static void json_putp(struct json_object **object)
{
	json_object_put(*object);
}

#define _cleanup_json_ _cleanup_(json_putp)

/*
 * Each of these takes the new value over and returns whether it found its place, so that
 * an object is built in one expression and any allocation that failed shows in the result.
 */
static bool put(struct json_object *object, const char *key, struct json_object *value)
{
	if (value && json_object_object_add(object, key, value) == 0)
		return true;
	json_object_put(value);
	return false;
}

static bool append(struct json_object *array, struct json_object *value)
{
	if (value && json_object_array_add(array, value) == 0)
		return true;
	json_object_put(value);
	return false;
}

static bool put_string(struct json_object *object, const char *key, const char *s)
{
	return put(object, key, json_object_new_string(s ? s : ""));
}

static bool put_bool(struct json_object *object, const char *key, bool v)
{
	return put(object, key, json_object_new_boolean(v));
}

static bool put_u64(struct json_object *object, const char *key, uint64_t v)
{
	return put(object, key, json_object_new_uint64(v));
}

static struct json_object *range_to_json(const struct phys_range *range)
{
	_cleanup_json_ struct json_object *object = json_object_new_object();

	if (!object || !put_u64(object, "Start", range->start) ||
	    !put_u64(object, "End", range->end))
		return NULL;
	return TAKE_PTR(object);
}

static struct json_object *step_to_json(const struct plan_step *step)
{
	_cleanup_json_ struct json_object *object = json_object_new_object();

	if (!object || !put_string(object, "Step", step_kind_to_string(step->kind)) ||
	    !put_string(object, "Value", step->value))
		return NULL;
	return TAKE_PTR(object);
}

static struct json_object *target_to_json(const struct region_target *target)
{
	_cleanup_json_ struct json_object *object = json_object_new_object();

	if (!object || !put_string(object, "Memdev", target->memdev) ||
	    !put_u64(object, "Serial", target->serial) ||
	    !put_string(object, "Decoder", target->decoder) ||
	    !put_u64(object, "Size", target->size))
		return NULL;
	return TAKE_PTR(object);
}

static struct json_object *targets_to_json(const struct region_plan *region)
{
	_cleanup_json_ struct json_object *array = json_object_new_array();

	if (!array)
		return NULL;
	for (size_t i = 0; i < region->n_targets; i++)
		if (!append(array, target_to_json(&region->targets[i])))
			return NULL;
	return TAKE_PTR(array);
}

static bool put_region(struct json_object *object, const struct region_plan *region)
{
	return put_string(object, "Region", region->name) &&
	       put_string(object, "Window", region->window) &&
	       put_u64(object, "Ways", region->ways) &&
	       put_u64(object, "Granularity", region->granularity) &&
	       put(object, "Targets", targets_to_json(region));
}

static struct json_object *ranges_to_json(const struct device_plan *plan)
{
	_cleanup_json_ struct json_object *array = json_object_new_array();

	if (!array)
		return NULL;
	for (size_t i = 0; i < plan->n_ranges; i++)
		if (!append(array, range_to_json(&plan->ranges[i])))
			return NULL;
	return TAKE_PTR(array);
}

static struct json_object *steps_to_json(const struct device_plan *plan)
{
	_cleanup_json_ struct json_object *array = json_object_new_array();

	if (!array)
		return NULL;
	for (size_t i = 0; i < plan->n_steps; i++)
		if (!append(array, step_to_json(&plan->steps[i])))
			return NULL;
	return TAKE_PTR(array);
}

struct json_object *device_plan_to_json(const struct device_plan *plan)
{
	_cleanup_json_ struct json_object *object = json_object_new_object();

	if (!object)
		return NULL;
	if (!put_string(object, "Device", plan->device) ||
	    !put_string(object, "Purpose", plan_purpose_to_string(plan->purpose)) ||
	    !put_string(object, "State", device_state_to_string(plan->state)) ||
	    !put_bool(object, "Managed", plan->managed) ||
	    !put_string(object, "Rule", plan->rule) ||
	    !put_string(object, "Reason", plan->reason) ||
	    !put_bool(object, "MemmapWanted", plan->memmap.wanted) ||
	    !put_bool(object, "MemmapEffective", plan->memmap.effective) ||
	    !put_string(object, "MemmapReason", plan->memmap.reason) ||
	    !put_u64(object, "MemmapBytes", plan->memmap.bytes) ||
	    !put_string(object, "Zone", target_zone_to_string(plan->zone)) ||
	    !put(object, "TargetNode", json_object_new_int(plan->target_node)) ||
	    !put_u64(object, "Size", plan->size) ||
	    !put_u64(object, "BlockSize", plan->block_size) ||
	    !put(object, "Ranges", ranges_to_json(plan)) ||
	    !put_u64(object, "DeadlineUSec", plan->deadline_usec) ||
	    !put_region(object, &plan->region) || !put(object, "Steps", steps_to_json(plan)))
		return NULL;
	return TAKE_PTR(object);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <json-c/json.h>

#include "model/rehearsal.h"

/* Each takes the new value over, and returns whether it found its place. */
static bool put(struct json_object *object, const char *key, struct json_object *value)
{
	if (value && json_object_object_add(object, key, value) == 0)
		return true;
	json_object_put(value);
	return false;
}

static bool put_string(struct json_object *object, const char *key, const char *s)
{
	return put(object, key, json_object_new_string(s ? s : ""));
}

static bool put_u64(struct json_object *object, const char *key, uint64_t v)
{
	return put(object, key, json_object_new_uint64(v));
}

static struct json_object *block_to_json(const struct rehearsal_block *block)
{
	struct json_object *object = json_object_new_object();

	if (object && put_u64(object, "Block", block->number) &&
	    put_string(object, "Zone", zone_to_string(block->zone)) &&
	    put_string(object, "Why", block->why))
		return object;
	json_object_put(object);
	return NULL;
}

static struct json_object *unmovable_to_json(const struct rehearsal *rehearsal)
{
	struct json_object *array = json_object_new_array(), *block;

	for (size_t i = 0; array && i < rehearsal->n_unmovable; i++) {
		block = block_to_json(&rehearsal->unmovable[i]);
		if (block && json_object_array_add(array, block) == 0)
			continue;
		json_object_put(block);
		json_object_put(array);
		return NULL;
	}
	return array;
}

struct json_object *rehearsal_to_json(const struct rehearsal *rehearsal)
{
	struct json_object *object = json_object_new_object();

	if (object && put_string(object, "Device", rehearsal->device) &&
	    put(object, "Possible", json_object_new_boolean(rehearsal->possible)) &&
	    put_string(object, "Reason", rehearsal->reason) &&
	    put_u64(object, "Memory", rehearsal->memory) &&
	    put(object, "Node", json_object_new_int(rehearsal->node)) &&
	    put_u64(object, "Used", rehearsal->used) &&
	    put_u64(object, "UsedHere", rehearsal->used_here) &&
	    put_u64(object, "Elsewhere", rehearsal->elsewhere) &&
	    put(object, "Fits", json_object_new_boolean(rehearsal->fits)) &&
	    put_u64(object, "BlocksOnline", rehearsal->blocks_online) &&
	    put_string(object, "Region", rehearsal->region) &&
	    put(object, "Unmovable", unmovable_to_json(rehearsal)))
		return object;
	json_object_put(object);
	return NULL;
}

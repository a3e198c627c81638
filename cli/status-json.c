/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/status-json.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "cli/json.h"

enum field_type {
	FIELD_TEXT, /* char * */
	FIELD_BOOL,
	FIELD_INT,
	FIELD_UNSIGNED,
	FIELD_U64,
	FIELD_TEXTS, /* struct strv */
};

struct field {
	const char *key;
	enum field_type type;
	size_t offset;
};

#define DEVICE(key, type, field)                                                                   \
	{                                                                                          \
		key, FIELD_##type, offsetof(struct device_status, field)                           \
	}
#define HOST(key, type, field)                                                                     \
	{                                                                                          \
		key, FIELD_##type, offsetof(struct host_status, field)                             \
	}
#define NODE(key, type, field)                                                                     \
	{                                                                                          \
		key, FIELD_##type, offsetof(struct node_status, field)                             \
	}
#define MEMDEV(key, type, field)                                                                   \
	{                                                                                          \
		key, FIELD_##type, offsetof(struct memdev_status, field)                           \
	}

static const struct field device_fields[] = {
	DEVICE("Name", TEXT, name),
	DEVICE("Kind", TEXT, kind),
	DEVICE("Driver", TEXT, driver),
	DEVICE("Region", TEXT, region),
	DEVICE("Size", U64, size),
	DEVICE("UsableSize", U64, usable),
	DEVICE("LostBytes", U64, lost),
	DEVICE("TargetNode", INT, target_node),
	DEVICE("InitiatorNode", INT, initiator_node),
	DEVICE("Distance", UNSIGNED, distance),
	DEVICE("DistanceSource", TEXT, distance_source),
	DEVICE("ReadLatency", UNSIGNED, performance.read_latency),
	DEVICE("WriteLatency", UNSIGNED, performance.write_latency),
	DEVICE("ReadBandwidth", UNSIGNED, performance.read_bandwidth),
	DEVICE("WriteBandwidth", UNSIGNED, performance.write_bandwidth),
	DEVICE("Tier", INT, tier),
	DEVICE("State", TEXT, state),
	DEVICE("StateDetail", TEXT, state_detail),
	DEVICE("Rule", TEXT, rule),
	DEVICE("Reason", TEXT, reason),
	DEVICE("MemmapWanted", BOOL, memmap_wanted),
	DEVICE("MemmapEffective", BOOL, memmap_effective),
	DEVICE("MemmapKnob", TEXT, memmap_knob),
	DEVICE("MemmapReason", TEXT, memmap_reason),
	DEVICE("MemmapBytes", U64, memmap_bytes),
	DEVICE("Zone", TEXT, zone),
	DEVICE("BlocksTotal", U64, blocks_total),
	DEVICE("BlocksOnline", U64, blocks_online),
	DEVICE("BlocksMovable", U64, blocks_movable),
	DEVICE("OnlineAfterUSec", U64, online_after_usec),
	DEVICE("Holders", TEXT, holders),
	DEVICE("LastError", TEXT, error),
	DEVICE("LastErrorStep", TEXT, error_step),
	DEVICE("LastErrorMessage", TEXT, error_message),
};

static const struct field host_fields[] = {
	HOST("Version", TEXT, version),
	HOST("KernelRelease", TEXT, kernel_release),
	HOST("BlockSize", U64, block_size),
	HOST("KnobSupported", BOOL, knob_supported),
	HOST("MemmapParam", TEXT, memmap_param),
	HOST("AutoOnline", TEXT, auto_online),
	HOST("Claimed", BOOL, claimed),
	HOST("DramTotal", U64, dram_total),
	HOST("DramMemmap", U64, dram_memmap),
	HOST("DramMemmapBudget", U64, dram_memmap_budget),
	HOST("MovableTotal", U64, movable_total),
	HOST("KernelTotal", U64, kernel_total),
	HOST("MovableMaxRatio", UNSIGNED, movable_max_ratio),
	HOST("ConfigFiles", TEXTS, config_files),
	HOST("ConfigErrors", TEXTS, config_errors),
	HOST("Problems", TEXTS, problems),
};

static const struct field node_fields[] = {
	NODE("Node", INT, id),	       NODE("HasCpu", BOOL, has_cpu), NODE("Total", U64, total),
	NODE("Movable", U64, movable), NODE("Kernel", U64, kernel),   NODE("Tier", INT, tier),
};

static const struct field memdev_fields[] = {
	MEMDEV("Name", TEXT, name),   MEMDEV("Serial", U64, serial),  MEMDEV("Ram", U64, ram),
	MEMDEV("Pmem", U64, pmem),    MEMDEV("Region", TEXT, region), MEMDEV("Holds", TEXT, holds),
	MEMDEV("State", TEXT, state), MEMDEV("Reason", TEXT, reason),
};

/* Takes over value; NULL is out of memory. */
static int add(struct json_object *array, struct json_object *value)
{
	if (value && json_object_array_add(array, value) == 0)
		return 0;
	json_object_put(value);
	return -ENOMEM;
}

static struct json_object *texts_to_json(const struct strv *texts)
{
	_cleanup_json_ struct json_object *array = json_object_new_array();

	for (size_t i = 0; array && i < texts->n; i++)
		if (add(array, json_object_new_string(texts->items[i])) < 0)
			return NULL;
	return TAKE_PTR(array);
}

static struct json_object *field_to_json(enum field_type type, const void *at)
{
	switch (type) {
	case FIELD_TEXT:
		return json_object_new_string(*(char *const *)at ?: "");
	case FIELD_BOOL:
		return json_object_new_boolean(*(const bool *)at);
	case FIELD_INT:
		return json_object_new_int(*(const int *)at);
	case FIELD_UNSIGNED:
		return json_object_new_int64(*(const unsigned *)at);
	case FIELD_U64:
		return json_object_new_uint64(*(const uint64_t *)at);
	case FIELD_TEXTS:
		return texts_to_json(at);
	}
	return NULL;
}

static struct json_object *to_json(const struct field *fields, size_t n, const void *status)
{
	_cleanup_json_ struct json_object *object = json_object_new_object();

	for (size_t i = 0; object && i < n; i++)
		if (json_put(object, fields[i].key,
			     field_to_json(fields[i].type,
					   (const char *)status + fields[i].offset)) < 0)
			return NULL;
	return TAKE_PTR(object);
}

static struct json_object *serials_to_json(const struct device_status *status)
{
	_cleanup_json_ struct json_object *array = json_object_new_array();

	for (size_t i = 0; array && i < status->n_serials; i++)
		if (add(array, json_object_new_uint64(status->serials[i])) < 0)
			return NULL;
	return TAKE_PTR(array);
}

struct json_object *device_status_to_json(const struct device_status *status)
{
	_cleanup_json_ struct json_object *object =
		to_json(device_fields, ARRAY_SIZE(device_fields), status);

	if (!object || json_put(object, "Serials", serials_to_json(status)) < 0)
		return NULL;
	return TAKE_PTR(object);
}

static struct json_object *nodes_to_json(const struct host_status *status)
{
	_cleanup_json_ struct json_object *array = json_object_new_array();

	for (size_t i = 0; array && i < status->n_nodes; i++)
		if (add(array, to_json(node_fields, ARRAY_SIZE(node_fields), &status->nodes[i])) <
		    0)
			return NULL;
	return TAKE_PTR(array);
}

static struct json_object *memdevs_to_json(const struct host_status *status)
{
	_cleanup_json_ struct json_object *array = json_object_new_array();

	for (size_t i = 0; array && i < status->n_memdevs; i++)
		if (add(array,
			to_json(memdev_fields, ARRAY_SIZE(memdev_fields), &status->memdevs[i])) < 0)
			return NULL;
	return TAKE_PTR(array);
}

struct json_object *host_status_to_json(const struct host_status *status)
{
	_cleanup_json_ struct json_object *object =
		to_json(host_fields, ARRAY_SIZE(host_fields), status);

	if (!object || json_put(object, "Nodes", nodes_to_json(status)) < 0 ||
	    json_put(object, "Memdevs", memdevs_to_json(status)) < 0 ||
	    /* Of a daemon's life; there is none here. */
	    json_put(object, "Failures", json_object_new_array()) < 0)
		return NULL;
	return TAKE_PTR(object);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_MODEL_NAMES_H
#define DAXTIER_MODEL_NAMES_H

/*
 * The vocabulary: every enumeration of the model with its one spelling. The same words stand in
 * the configuration, in the journal, on D-Bus and in the kernel's own files where it has them.
 *
 * X_to_string() returns static storage and never NULL; X_from_string() returns the value or
 * -EINVAL. X_MAX is a count, not a value.
 */

enum dax_kind {
	DAX_KIND_UNKNOWN,
	DAX_KIND_CXL,
	DAX_KIND_HMEM,
	DAX_KIND_PMEM,
	DAX_KIND_MAX,
};

/* What of a device a look can fail to read, where a rule or a plan depends on it. */
enum device_fact {
	DEVICE_FACT_SERIALS,
	DEVICE_FACT_TARGET_NODE,
	DEVICE_FACT_INITIATOR_NODE,
	DEVICE_FACT_DISTANCE,
	DEVICE_FACT_RANGES,
	DEVICE_FACT_DRIVER,
	DEVICE_FACT_MAX,
};

/* Where a distance came from, weakest last. */
enum distance_source {
	DISTANCE_UNKNOWN,
	DISTANCE_HWLOC,	  /* hwloc_distances_get(), lists a node once it has online memory */
	DISTANCE_LIBNUMA, /* numa_distance(), has a node once it exists, which is at bind */
	DISTANCE_KERNEL,  /* nodeN/distance read directly, where libnuma cannot tell */
	DISTANCE_SLIT,	  /* ACPI SLIT through SRAT's memory affinity, before the node exists */
	DISTANCE_DEFAULT, /* the kernel's default for what no table lists: 10 local, 20 remote */
	DISTANCE_SOURCE_MAX,
};

/* /sys/devices/system/memory/auto_online_blocks */
enum online_policy {
	ONLINE_POLICY_UNKNOWN,
	ONLINE_POLICY_OFFLINE,
	ONLINE_POLICY_ONLINE,
	ONLINE_POLICY_ONLINE_KERNEL,
	ONLINE_POLICY_ONLINE_MOVABLE,
	ONLINE_POLICY_MAX,
};

/* /sys/module/memory_hotplug/parameters/memmap_on_memory */
enum memmap_param {
	MEMMAP_PARAM_ABSENT, /* the kernel was built without CONFIG_MHP_MEMMAP_ON_MEMORY */
	MEMMAP_PARAM_OFF,
	MEMMAP_PARAM_ON,
	MEMMAP_PARAM_FORCE,
	MEMMAP_PARAM_MAX,
};

/* The per-device attribute memmap_on_memory. */
enum memmap_knob {
	MEMMAP_KNOB_ABSENT,
	MEMMAP_KNOB_OFF,
	MEMMAP_KNOB_ON,
	MEMMAP_KNOB_MAX,
};

/* memoryN/state */
enum block_state {
	BLOCK_ABSENT, /* there is no such directory: nothing was hot-plugged */
	BLOCK_OFFLINE,
	BLOCK_GOING_OFFLINE,
	BLOCK_ONLINE,
	BLOCK_STATE_MAX,
};

/* memoryN/valid_zones of an online block */
enum zone {
	ZONE_NONE, /* offline, or spanning zones */
	ZONE_DMA,
	ZONE_DMA32,
	ZONE_NORMAL,
	ZONE_MOVABLE,
	ZONE_DEVICE,
	ZONE_MAX,
};

/* mode of a CXL endpoint decoder or region: which of a memdev's capacities it holds */
enum decoder_mode {
	DECODER_MODE_NONE,
	DECODER_MODE_RAM,
	DECODER_MODE_PMEM,
	DECODER_MODE_MIXED,
	DECODER_MODE_MAX,
};

/* [daemon] convert */
enum convert_mode {
	CONVERT_NEVER,
	CONVERT_HOT_ADDED,
	CONVERT_ALWAYS,
	CONVERT_MAX,
};

/* [rule] mode */
enum rule_mode {
	RULE_MODE_SYSTEM_RAM,
	RULE_MODE_DEVDAX,
	RULE_MODE_IGNORE,
	RULE_MODE_MAX,
};

/* [rule] memmap-on-memory */
enum memmap_choice {
	MEMMAP_CHOICE_AUTO,
	MEMMAP_CHOICE_YES,
	MEMMAP_CHOICE_NO,
	MEMMAP_CHOICE_MAX,
};

/* [rule] zone */
enum target_zone {
	TARGET_ZONE_MOVABLE,
	TARGET_ZONE_KERNEL,
	TARGET_ZONE_MAX,
};

/* What a person sees of a device. */
enum device_state {
	DEVICE_UNMANAGED,
	DEVICE_PENDING,
	DEVICE_APPLYING,
	DEVICE_ONLINE,
	DEVICE_PARTIAL,
	DEVICE_MISMATCH,
	DEVICE_DEVDAX,
	DEVICE_HELD_BACK,
	DEVICE_RELEASING,
	DEVICE_RELEASED,
	DEVICE_FAILED,
	DEVICE_STUCK,
	DEVICE_STATE_MAX,
};

/* What a plan is to bring about. */
enum plan_purpose {
	PLAN_CONFIGURE, /* what the policy says of the device; conversion is a part of it */
	PLAN_RELEASE,	/* the device's memory given up, and with it what the request asks for */
	PLAN_CREATE_REGION, /* a CXL region, from which a dax device comes */
	PLAN_PURPOSE_MAX,
};

/* What an operator asked for, beyond what the policy says of itself. */
enum device_request {
	REQUEST_NONE,
	REQUEST_APPLY,	 /* end a release, forget failures, and do what the policy says */
	REQUEST_FORCE,	 /* the same, and convert what is online, whatever [daemon] convert says */
	REQUEST_RELEASE, /* take it offline and unbind it */
	REQUEST_EJECT,	 /* the same, and take its CXL region apart */
	REQUEST_MAX,
};

/* The steps a plan is made of; see plan.h for what each one needs. */
enum step_kind {
	STEP_LOAD_MODULE,
	STEP_UNBIND_DRIVER,
	STEP_SET_MEMMAP,
	STEP_HOLD_AUTO_ONLINE,
	STEP_BIND_KMEM,
	STEP_RESTORE_AUTO_ONLINE,
	STEP_ONLINE_BLOCKS,
	STEP_VERIFY,
	STEP_BIND_DEVDAX,
	STEP_PROBE_DEFAULT,
	STEP_OFFLINE_BLOCKS,
	STEP_UNPLUG,
	STEP_SET_DPA,
	STEP_CREATE_REGION,
	STEP_COMMIT_REGION,
	STEP_ENABLE_REGION,
	STEP_DISABLE_REGION,
	STEP_DECOMMIT_REGION,
	STEP_DELETE_REGION,
	STEP_FREE_DPA,
	STEP_MAX,
};

const char *dax_kind_to_string(enum dax_kind v);
int dax_kind_from_string(const char *s);
const char *device_fact_to_string(enum device_fact v); /* "target node" */
const char *distance_source_to_string(enum distance_source v);
int distance_source_from_string(const char *s);
const char *online_policy_to_string(enum online_policy v);
int online_policy_from_string(const char *s);
const char *memmap_param_to_string(enum memmap_param v);
int memmap_param_from_string(const char *s); /* Y, N, force as the kernel writes them */
const char *memmap_knob_to_string(enum memmap_knob v);
const char *block_state_to_string(enum block_state v);
int block_state_from_string(const char *s);
const char *zone_to_string(enum zone v);
int zone_from_string(const char *s);
const char *decoder_mode_to_string(enum decoder_mode v);
int decoder_mode_from_string(const char *s);
const char *convert_mode_to_string(enum convert_mode v);
int convert_mode_from_string(const char *s);
const char *rule_mode_to_string(enum rule_mode v);
int rule_mode_from_string(const char *s);
const char *memmap_choice_to_string(enum memmap_choice v);
int memmap_choice_from_string(const char *s);
const char *target_zone_to_string(enum target_zone v);
int target_zone_from_string(const char *s);
const char *device_state_to_string(enum device_state v);
int device_state_from_string(const char *s);
const char *plan_purpose_to_string(enum plan_purpose v);
int plan_purpose_from_string(const char *s);
const char *device_request_to_string(enum device_request v);
int device_request_from_string(const char *s);
const char *step_kind_to_string(enum step_kind v);
int step_kind_from_string(const char *s);

#endif

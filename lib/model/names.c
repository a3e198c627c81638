/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/names.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

static const char *name_of(const char *const *names, size_t n, unsigned v)
{
	return v < n ? names[v] : "invalid";
}

static int value_of(const char *const *names, size_t n, const char *s)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], s) == 0)
			return (int)i;
	return -EINVAL;
}

#define DEFINE_TO_STRING(name, max)                                                                \
	const char *name##_to_string(enum name v)                                                  \
	{                                                                                          \
		return name_of(name##_names, max, v);                                              \
	}

#define DEFINE_NAMES(name, max)                                                                    \
	DEFINE_TO_STRING(name, max)                                                                \
	int name##_from_string(const char *s)                                                      \
	{                                                                                          \
		return value_of(name##_names, max, s);                                             \
	}                                                                                          \
	struct swallow_semicolon_##name

static const char *const dax_kind_names[DAX_KIND_MAX] = {
	[DAX_KIND_UNKNOWN] = "unknown",
	[DAX_KIND_CXL] = "cxl",
	[DAX_KIND_HMEM] = "hmem",
	[DAX_KIND_PMEM] = "pmem",
};
DEFINE_NAMES(dax_kind, DAX_KIND_MAX);

static const char *const device_fact_names[DEVICE_FACT_MAX] = {
	[DEVICE_FACT_SERIALS] = "serials",
	[DEVICE_FACT_TARGET_NODE] = "target node",
	[DEVICE_FACT_INITIATOR_NODE] = "initiator node",
	[DEVICE_FACT_DISTANCE] = "distance",
	[DEVICE_FACT_RANGES] = "ranges",
	[DEVICE_FACT_DRIVER] = "driver",
};
DEFINE_TO_STRING(device_fact, DEVICE_FACT_MAX)

static const char *const distance_source_names[DISTANCE_SOURCE_MAX] = {
	[DISTANCE_UNKNOWN] = "unknown", [DISTANCE_HWLOC] = "hwloc", [DISTANCE_LIBNUMA] = "libnuma",
	[DISTANCE_KERNEL] = "kernel",	[DISTANCE_SLIT] = "slit",   [DISTANCE_DEFAULT] = "default",
};
DEFINE_NAMES(distance_source, DISTANCE_SOURCE_MAX);

static const char *const online_policy_names[ONLINE_POLICY_MAX] = {
	[ONLINE_POLICY_UNKNOWN] = "unknown",
	[ONLINE_POLICY_OFFLINE] = "offline",
	[ONLINE_POLICY_ONLINE] = "online",
	[ONLINE_POLICY_ONLINE_KERNEL] = "online_kernel",
	[ONLINE_POLICY_ONLINE_MOVABLE] = "online_movable",
};
DEFINE_NAMES(online_policy, ONLINE_POLICY_MAX);

static const char *const memmap_param_names[MEMMAP_PARAM_MAX] = {
	[MEMMAP_PARAM_ABSENT] = "absent",
	[MEMMAP_PARAM_OFF] = "N",
	[MEMMAP_PARAM_ON] = "Y",
	[MEMMAP_PARAM_FORCE] = "force",
};
DEFINE_NAMES(memmap_param, MEMMAP_PARAM_MAX);

static const char *const memmap_knob_names[MEMMAP_KNOB_MAX] = {
	[MEMMAP_KNOB_ABSENT] = "absent",
	[MEMMAP_KNOB_OFF] = "0",
	[MEMMAP_KNOB_ON] = "1",
};
DEFINE_TO_STRING(memmap_knob, MEMMAP_KNOB_MAX)

static const char *const block_state_names[BLOCK_STATE_MAX] = {
	[BLOCK_ABSENT] = "absent",
	[BLOCK_OFFLINE] = "offline",
	[BLOCK_GOING_OFFLINE] = "going-offline",
	[BLOCK_ONLINE] = "online",
};
DEFINE_NAMES(block_state, BLOCK_STATE_MAX);

static const char *const zone_names[ZONE_MAX] = {
	[ZONE_NONE] = "none",	  [ZONE_DMA] = "DMA",	      [ZONE_DMA32] = "DMA32",
	[ZONE_NORMAL] = "Normal", [ZONE_MOVABLE] = "Movable", [ZONE_DEVICE] = "Device",
};
DEFINE_NAMES(zone, ZONE_MAX);

static const char *const decoder_mode_names[DECODER_MODE_MAX] = {
	[DECODER_MODE_NONE] = "none",
	[DECODER_MODE_RAM] = "ram",
	[DECODER_MODE_PMEM] = "pmem",
	[DECODER_MODE_MIXED] = "mixed",
};
DEFINE_NAMES(decoder_mode, DECODER_MODE_MAX);

static const char *const convert_mode_names[CONVERT_MAX] = {
	[CONVERT_NEVER] = "never",
	[CONVERT_HOT_ADDED] = "hot-added",
	[CONVERT_ALWAYS] = "always",
};
DEFINE_NAMES(convert_mode, CONVERT_MAX);

static const char *const rule_mode_names[RULE_MODE_MAX] = {
	[RULE_MODE_SYSTEM_RAM] = "system-ram",
	[RULE_MODE_DEVDAX] = "devdax",
	[RULE_MODE_IGNORE] = "ignore",
};
DEFINE_NAMES(rule_mode, RULE_MODE_MAX);

static const char *const memmap_choice_names[MEMMAP_CHOICE_MAX] = {
	[MEMMAP_CHOICE_AUTO] = "auto",
	[MEMMAP_CHOICE_YES] = "yes",
	[MEMMAP_CHOICE_NO] = "no",
};
DEFINE_NAMES(memmap_choice, MEMMAP_CHOICE_MAX);

static const char *const target_zone_names[TARGET_ZONE_MAX] = {
	[TARGET_ZONE_MOVABLE] = "movable",
	[TARGET_ZONE_KERNEL] = "kernel",
};
DEFINE_NAMES(target_zone, TARGET_ZONE_MAX);

static const char *const device_state_names[DEVICE_STATE_MAX] = {
	[DEVICE_UNMANAGED] = "unmanaged", [DEVICE_PENDING] = "pending",
	[DEVICE_APPLYING] = "applying",	  [DEVICE_ONLINE] = "online",
	[DEVICE_PARTIAL] = "partial",	  [DEVICE_MISMATCH] = "mismatch",
	[DEVICE_DEVDAX] = "devdax",	  [DEVICE_HELD_BACK] = "held-back",
	[DEVICE_RELEASING] = "releasing", [DEVICE_RELEASED] = "released",
	[DEVICE_FAILED] = "failed",	  [DEVICE_STUCK] = "stuck",
};
DEFINE_NAMES(device_state, DEVICE_STATE_MAX);

static const char *const plan_purpose_names[PLAN_PURPOSE_MAX] = {
	[PLAN_CONFIGURE] = "configure",
	[PLAN_RELEASE] = "release",
	[PLAN_CREATE_REGION] = "create-region",
};
DEFINE_NAMES(plan_purpose, PLAN_PURPOSE_MAX);

static const char *const device_request_names[REQUEST_MAX] = {
	[REQUEST_NONE] = "none",       [REQUEST_APPLY] = "apply", [REQUEST_FORCE] = "force",
	[REQUEST_RELEASE] = "release", [REQUEST_EJECT] = "eject",
};
DEFINE_NAMES(device_request, REQUEST_MAX);

static const char *const step_kind_names[STEP_MAX] = {
	[STEP_LOAD_MODULE] = "load-module",
	[STEP_UNBIND_DRIVER] = "unbind-driver",
	[STEP_SET_MEMMAP] = "set-memmap",
	[STEP_HOLD_AUTO_ONLINE] = "hold-auto-online",
	[STEP_BIND_KMEM] = "bind-kmem",
	[STEP_RESTORE_AUTO_ONLINE] = "restore-auto-online",
	[STEP_ONLINE_BLOCKS] = "online-blocks",
	[STEP_VERIFY] = "verify",
	[STEP_BIND_DEVDAX] = "bind-devdax",
	[STEP_PROBE_DEFAULT] = "probe-default",
	[STEP_OFFLINE_BLOCKS] = "offline-blocks",
	[STEP_UNPLUG] = "unplug",
	[STEP_SET_DPA] = "set-dpa",
	[STEP_CREATE_REGION] = "create-region",
	[STEP_COMMIT_REGION] = "commit-region",
	[STEP_ENABLE_REGION] = "enable-region",
	[STEP_DISABLE_REGION] = "disable-region",
	[STEP_DECOMMIT_REGION] = "decommit-region",
	[STEP_DELETE_REGION] = "delete-region",
	[STEP_FREE_DPA] = "free-dpa",
};
DEFINE_NAMES(step_kind, STEP_MAX);

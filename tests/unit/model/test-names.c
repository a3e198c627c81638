/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/names.h"

#include <errno.h>

#include "base/cleanup.h"
#include "test-model.h"

/*
 * The spellings are interface: they stand in configuration files, in scripts that read --json and
 * in clients on the bus. So they are written out here once more, in the order of the enumeration.
 */
#define CHECK_TO_STRING(name, max, ...)                                                            \
	const char *const words[] = {__VA_ARGS__};                                                 \
	ck_assert_uint_eq(ARRAY_SIZE(words), max);                                                 \
	for (unsigned v = 0; v < max; v++)                                                         \
		ck_assert_str_eq(name##_to_string((enum name)v), words[v]);                        \
	ck_assert_str_eq(name##_to_string((enum name)max), "invalid");                             \
	ck_assert_str_eq(name##_to_string((enum name) - 1), "invalid")

#define CHECK_NAMES(name, max, ...)                                                                \
	START_TEST(name)                                                                           \
	{                                                                                          \
		CHECK_TO_STRING(name, max, __VA_ARGS__);                                           \
		for (unsigned v = 0; v < max; v++)                                                 \
			ck_assert_int_eq(name##_from_string(words[v]), (int)v);                    \
		ck_assert_int_eq(name##_from_string(""), -EINVAL);                                 \
		ck_assert_int_eq(name##_from_string("invalid"), -EINVAL);                          \
		ck_assert_int_eq(name##_from_string(" "), -EINVAL);                                \
	}                                                                                          \
	END_TEST

CHECK_NAMES(dax_kind, DAX_KIND_MAX, "unknown", "cxl", "hmem", "pmem")
CHECK_NAMES(distance_source, DISTANCE_SOURCE_MAX, "unknown", "hwloc", "libnuma", "kernel", "slit",
	    "default")
CHECK_NAMES(online_policy, ONLINE_POLICY_MAX, "unknown", "offline", "online", "online_kernel",
	    "online_movable")
CHECK_NAMES(memmap_param, MEMMAP_PARAM_MAX, "absent", "N", "Y", "force")
CHECK_NAMES(block_state, BLOCK_STATE_MAX, "absent", "offline", "going-offline", "online")
CHECK_NAMES(zone, ZONE_MAX, "none", "DMA", "DMA32", "Normal", "Movable", "Device")
CHECK_NAMES(decoder_mode, DECODER_MODE_MAX, "none", "ram", "pmem", "mixed")
CHECK_NAMES(plan_purpose, PLAN_PURPOSE_MAX, "configure", "release", "create-region")
CHECK_NAMES(device_request, REQUEST_MAX, "none", "apply", "force", "release", "eject")
CHECK_NAMES(convert_mode, CONVERT_MAX, "never", "hot-added", "always")
CHECK_NAMES(rule_mode, RULE_MODE_MAX, "system-ram", "devdax", "ignore")
CHECK_NAMES(memmap_choice, MEMMAP_CHOICE_MAX, "auto", "yes", "no")
CHECK_NAMES(target_zone, TARGET_ZONE_MAX, "movable", "kernel")
CHECK_NAMES(device_state, DEVICE_STATE_MAX, "unmanaged", "pending", "applying", "online", "partial",
	    "mismatch", "devdax", "held-back", "releasing", "released", "failed", "stuck")
CHECK_NAMES(step_kind, STEP_MAX, "load-module", "unbind-driver", "set-memmap", "hold-auto-online",
	    "bind-kmem", "restore-auto-online", "online-blocks", "verify", "bind-devdax",
	    "probe-default", "offline-blocks", "unplug", "set-dpa", "create-region",
	    "commit-region", "enable-region", "disable-region", "decommit-region", "delete-region",
	    "free-dpa")

START_TEST(memmap_knob)
{
	CHECK_TO_STRING(memmap_knob, MEMMAP_KNOB_MAX, "absent", "0", "1");
}
END_TEST

START_TEST(device_fact)
{
	CHECK_TO_STRING(device_fact, DEVICE_FACT_MAX, "serials", "target node", "initiator node",
			"distance", "ranges", "driver");
}
END_TEST

TCase *names_tests(void)
{
	TCase *tests = tcase_create("names");

	tcase_add_test(tests, dax_kind);
	tcase_add_test(tests, device_fact);
	tcase_add_test(tests, distance_source);
	tcase_add_test(tests, online_policy);
	tcase_add_test(tests, memmap_param);
	tcase_add_test(tests, memmap_knob);
	tcase_add_test(tests, block_state);
	tcase_add_test(tests, zone);
	tcase_add_test(tests, convert_mode);
	tcase_add_test(tests, rule_mode);
	tcase_add_test(tests, memmap_choice);
	tcase_add_test(tests, target_zone);
	tcase_add_test(tests, device_state);
	tcase_add_test(tests, decoder_mode);
	tcase_add_test(tests, plan_purpose);
	tcase_add_test(tests, device_request);
	tcase_add_test(tests, step_kind);
	return tests;
}

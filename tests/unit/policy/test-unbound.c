/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "suites.h"

/* mode = system-ram, and the device is not bound to kmem. */

#define TAIL_MOVABLE "online-blocks online_movable, verify Movable"
#define BIND_MOVABLE                                                                               \
	"hold-auto-online online_movable, bind-kmem, restore-auto-online, " TAIL_MOVABLE
#define BIND_OFFLINE "hold-auto-online offline, bind-kmem, restore-auto-online"

static struct bench bench;
static struct dax_device *device;
static struct rule *rule;

/* 16 GiB: small, so its memmap goes to DRAM whatever its distance. */
static void setup(void)
{
	bench_init(&bench);
	device = bench_add_device(&bench, DAX_KIND_CXL, 16 * GIB);
	rule = bench_add_rule(&bench, "far");
}

static void teardown(void)
{
	bench_done(&bench);
}

START_TEST(small_goes_online_within_the_bind)
{
	const struct device_plan *plan;

	assert_plan(&bench, device, DEVICE_PENDING, "set-memmap 0, " BIND_MOVABLE);
	plan = bench_plan(&bench, device);
	ck_assert(plan->managed);
	ck_assert_str_eq(plan->rule, "far");
	ck_assert_str_eq(plan->reason,
			 "rule \"far\" makes it system RAM in zone movable of node 2, "
			 "its memmap in DRAM");
	ck_assert(!plan->memmap.wanted);
	ck_assert_uint_eq(plan->memmap.bytes, 256 * MIB);
	ck_assert_str_eq(plan->memmap.reason, "in DRAM, because 16 GiB is below min-size 64 GiB");
}
END_TEST

/* apply/ refuses when the device is not the one that was planned for. */
START_TEST(plan_carries_what_apply_needs)
{
	const struct device_plan *plan = bench_plan(&bench, device);

	ck_assert_int_eq(plan->target_node, 2);
	ck_assert_uint_eq(plan->size, 16 * GIB);
	ck_assert_uint_eq(plan->block_size, 128 * MIB);
	ck_assert_uint_eq(plan->n_ranges, 1);
	ck_assert_uint_eq(plan->ranges[0].start, device->ranges[0].start);
	ck_assert_uint_eq(plan->ranges[0].end, device->ranges[0].end);
	ck_assert_int_eq(plan->zone, TARGET_ZONE_MOVABLE);
}
END_TEST

START_TEST(knob_as_wanted_is_not_written)
{
	device->knob = MEMMAP_KNOB_OFF;
	assert_plan(&bench, device, DEVICE_PENDING, BIND_MOVABLE);
}
END_TEST

START_TEST(module_is_loaded_first)
{
	bench.facts.host.kmem_loaded = false;
	bench_set_driver(device, "device_dax");
	assert_plan(&bench, device, DEVICE_PENDING,
		    "load-module kmem, unbind-driver device_dax, set-memmap 0, " BIND_MOVABLE);
}
END_TEST

START_TEST(kernel_zone)
{
	rule->zone = TARGET_ZONE_KERNEL;
	assert_plan(&bench, device, DEVICE_PENDING,
		    "set-memmap 0, hold-auto-online online_kernel, bind-kmem, restore-auto-online, "
		    "online-blocks online_kernel, verify kernel");
	ck_assert_int_eq(bench_plan(&bench, device)->zone, TARGET_ZONE_KERNEL);
}
END_TEST

START_TEST(policy_is_held_even_if_it_reads_as_needed)
{
	bench.facts.host.auto_online = ONLINE_POLICY_ONLINE_MOVABLE;
	assert_plan(&bench, device, DEVICE_PENDING, "set-memmap 0, " BIND_MOVABLE);
}
END_TEST

START_TEST(without_a_policy_there_is_none_to_hold)
{
	bench.facts.host.auto_online = ONLINE_POLICY_UNKNOWN;
	assert_plan(&bench, device, DEVICE_PENDING, "set-memmap 0, bind-kmem, " TAIL_MOVABLE);
}
END_TEST

/* Memmap: what the kernel cannot do is not asked of it. */

START_TEST(inert_knob_is_set_to_the_auto_answer)
{
	bench.facts.host.memmap_param = MEMMAP_PARAM_OFF;
	assert_plan(&bench, device, DEVICE_PENDING, "set-memmap 0, " BIND_MOVABLE);
}
END_TEST

START_TEST(impossible_wish_leaves_the_knob_alone)
{
	const struct device_plan *plan;

	rule->memmap = MEMMAP_CHOICE_YES;
	device->knob = MEMMAP_KNOB_OFF;
	bench.facts.host.memmap_param = MEMMAP_PARAM_OFF;
	assert_plan(&bench, device, DEVICE_PENDING, BIND_MOVABLE);
	device->knob = MEMMAP_KNOB_ON;
	assert_plan(&bench, device, DEVICE_PENDING, BIND_MOVABLE);

	plan = bench_plan(&bench, device);
	ck_assert(plan->memmap.wanted);
	ck_assert(!plan->memmap.effective);
	assert_says(plan->memmap.reason, "memory_hotplug.memmap_on_memory=1");
	assert_says(plan->reason, "its memmap in DRAM");
}
END_TEST

START_TEST(wish_is_written)
{
	rule->memmap = MEMMAP_CHOICE_YES;
	device->knob = MEMMAP_KNOB_OFF;
	assert_plan(&bench, device, DEVICE_PENDING, "set-memmap 1, " BIND_MOVABLE);
	ck_assert(bench_plan(&bench, device)->memmap.effective);
}
END_TEST

START_TEST(without_a_knob_nothing_is_written)
{
	device->knob = MEMMAP_KNOB_ABSENT;
	assert_plan(&bench, device, DEVICE_PENDING, BIND_MOVABLE);
	rule->memmap = MEMMAP_CHOICE_YES;
	assert_plan(&bench, device, DEVICE_PENDING, BIND_MOVABLE);
}
END_TEST

/* Distance: a forecast that may change the answer. */

static void make_large(void)
{
	teardown();
	bench_init(&bench);
	device = bench_add_device(&bench, DAX_KIND_CXL, 64 * GIB);
	rule = bench_add_rule(&bench, "far");
}

START_TEST(a_forecast_that_matters_stops_after_the_bind)
{
	static const enum distance_source forecasts[] = {DISTANCE_DEFAULT, DISTANCE_SLIT,
							 DISTANCE_UNKNOWN};

	make_large();
	bench_set_distance(device, 20, forecasts[_i]);
	assert_plan(&bench, device, DEVICE_PENDING,
		    forecasts[_i] == DISTANCE_UNKNOWN ? "set-memmap 0, " BIND_OFFLINE
						      : BIND_OFFLINE);
	assert_says(bench_plan(&bench, device)->reason, "is a forecast");
	assert_says(bench_plan(&bench, device)->reason, distance_source_to_string(forecasts[_i]));
}
END_TEST

START_TEST(a_known_distance_does_not)
{
	static const enum distance_source known[] = {DISTANCE_HWLOC, DISTANCE_LIBNUMA,
						     DISTANCE_KERNEL};

	make_large();
	bench_set_distance(device, 20, known[_i]);
	assert_plan(&bench, device, DEVICE_PENDING, BIND_MOVABLE);
	bench_set_distance(device, 41, known[_i]);
	assert_plan(&bench, device, DEVICE_PENDING, "set-memmap 0, " BIND_MOVABLE);
}
END_TEST

START_TEST(a_forecast_that_cannot_matter_does_not)
{
	make_large();
	bench.facts.host.memmap_param = MEMMAP_PARAM_OFF;
	assert_plan(&bench, device, DEVICE_PENDING, "set-memmap 0, " BIND_MOVABLE);
	bench.facts.host.memmap_param = MEMMAP_PARAM_ON;
	rule->memmap = MEMMAP_CHOICE_YES;
	assert_plan(&bench, device, DEVICE_PENDING, BIND_MOVABLE);
}
END_TEST

START_TEST(a_forecast_that_chooses_the_zone_matters)
{
	struct rule *near = rule;

	near->match_distance_set = true;
	near->match_distance = (struct u64_span){0, 20};
	bench_add_rule(&bench, "rest")->zone = TARGET_ZONE_KERNEL;
	assert_plan(&bench, device, DEVICE_PENDING, "set-memmap 0, " BIND_OFFLINE);
	bench_set_distance(device, 20, DISTANCE_HWLOC);
	assert_plan(&bench, device, DEVICE_PENDING, "set-memmap 0, " BIND_MOVABLE);
}
END_TEST

START_TEST(hold_of_offline_is_kept_when_it_reads_so)
{
	make_large();
	bench.facts.host.auto_online = ONLINE_POLICY_OFFLINE;
	assert_plan(&bench, device, DEVICE_PENDING, BIND_OFFLINE);
}
END_TEST

/* What cannot be, or must not. */

START_TEST(no_target_node)
{
	device->target_node = 0;
	ck_assert_int_eq(bench_plan(&bench, device)->state, DEVICE_PENDING);
	device->target_node = -1;
	assert_plan(&bench, device, DEVICE_FAILED, "");
	assert_says(bench_plan(&bench, device)->reason, "target node");
	ck_assert_ptr_nonnull(bench_plan(&bench, device)->memmap.reason);
}
END_TEST

START_TEST(smaller_than_a_block)
{
	device->size = 100 * MIB;
	device->usable = 0;
	assert_plan(&bench, device, DEVICE_FAILED, "");
	ck_assert_str_eq(bench_plan(&bench, device)->reason,
			 "its 100 MiB in 1 range do not contain one whole memory block of 128 MiB, "
			 "and kmem adds whole blocks only");
}
END_TEST

START_TEST(no_memory_hotplug)
{
	bench.facts.host.block_size = 0;
	device->usable = 0;
	assert_plan(&bench, device, DEVICE_FAILED, "");
	assert_says(bench_plan(&bench, device)->reason, "CONFIG_MEMORY_HOTPLUG");
}
END_TEST

START_TEST(held_open)
{
	bench_set_driver(device, "device_dax");
	bench_add_holder(device, 1234, "postgres", false);
	assert_plan(&bench, device, DEVICE_FAILED, "");
	ck_assert_str_eq(bench_plan(&bench, device)->reason,
			 "held open by 1234 (postgres); stop it, or exclude the device with mode = "
			 "devdax");
	bench_add_holder(device, 77, "qemu", true);
	bench_add_holder(device, 78, NULL, false);
	assert_plan(&bench, device, DEVICE_FAILED, "");
	ck_assert_str_eq(bench_plan(&bench, device)->reason,
			 "held open by 1234 (postgres), mapped by 77 (qemu), held open by 78 (?); "
			 "stop them, or exclude the device with mode = devdax");
}
END_TEST

START_TEST(device_dax_that_nobody_holds_is_taken)
{
	bench_set_driver(device, "device_dax");
	assert_plan(&bench, device, DEVICE_PENDING,
		    "unbind-driver device_dax, set-memmap 0, " BIND_MOVABLE);
}
END_TEST

START_TEST(an_unknown_driver_is_not)
{
	bench_set_driver(device, "fsdev_dax");
	assert_plan(&bench, device, DEVICE_FAILED, "");
	assert_says(bench_plan(&bench, device)->reason, "bound to driver fsdev_dax");
}
END_TEST

TCase *unbound_tests(void)
{
	TCase *tests = tcase_create("unbound");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, small_goes_online_within_the_bind);
	tcase_add_test(tests, plan_carries_what_apply_needs);
	tcase_add_test(tests, knob_as_wanted_is_not_written);
	tcase_add_test(tests, module_is_loaded_first);
	tcase_add_test(tests, kernel_zone);
	tcase_add_test(tests, policy_is_held_even_if_it_reads_as_needed);
	tcase_add_test(tests, without_a_policy_there_is_none_to_hold);
	tcase_add_test(tests, inert_knob_is_set_to_the_auto_answer);
	tcase_add_test(tests, impossible_wish_leaves_the_knob_alone);
	tcase_add_test(tests, wish_is_written);
	tcase_add_test(tests, without_a_knob_nothing_is_written);
	tcase_add_loop_test(tests, a_forecast_that_matters_stops_after_the_bind, 0, 3);
	tcase_add_loop_test(tests, a_known_distance_does_not, 0, 3);
	tcase_add_test(tests, a_forecast_that_cannot_matter_does_not);
	tcase_add_test(tests, a_forecast_that_chooses_the_zone_matters);
	tcase_add_test(tests, hold_of_offline_is_kept_when_it_reads_so);
	tcase_add_test(tests, no_target_node);
	tcase_add_test(tests, smaller_than_a_block);
	tcase_add_test(tests, no_memory_hotplug);
	tcase_add_test(tests, held_open);
	tcase_add_test(tests, device_dax_that_nobody_holds_is_taken);
	tcase_add_test(tests, an_unknown_driver_is_not);
	return tests;
}

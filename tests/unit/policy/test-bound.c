/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <string.h>

#include "bench.h"
#include "suites.h"

/* mode = system-ram, and the device is bound to kmem. */

#define ONLINE "online-blocks online_movable, verify Movable"
#define REBIND(knob)                                                                               \
	"unbind-driver kmem, set-memmap " knob ", hold-auto-online online_movable, bind-kmem, "    \
	"restore-auto-online, " ONLINE

static struct bench bench;
static struct dax_device *device;
static struct rule *rule;

/* 16 GiB are 128 blocks; small, so its memmap belongs in DRAM, and that is where it is. */
static void setup(void)
{
	bench_init(&bench);
	device = bench_add_device(&bench, DAX_KIND_CXL, 16 * GIB);
	rule = bench_add_rule(&bench, "far");
	device->knob = MEMMAP_KNOB_OFF;
	bench_set_distance(device, 20, DISTANCE_LIBNUMA);
	bench_bind_kmem(device, BLOCK_OFFLINE, ZONE_NONE);
}

static void teardown(void)
{
	bench_done(&bench);
}

START_TEST(all_online_is_done)
{
	const struct device_plan *plan;

	bench_bind_kmem(device, BLOCK_ONLINE, ZONE_MOVABLE);
	assert_plan(&bench, device, DEVICE_ONLINE, "");
	plan = bench_plan(&bench, device);
	ck_assert_str_eq(plan->reason,
			 "all 128 blocks are online in zone movable, as rule \"far\" says");
	ck_assert(!plan->memmap.effective);
}
END_TEST

START_TEST(all_online_in_any_kernel_zone_is_done)
{
	static const enum zone zones[] = {ZONE_NORMAL, ZONE_DMA32, ZONE_DMA};

	rule->zone = TARGET_ZONE_KERNEL;
	bench_bind_kmem(device, BLOCK_ONLINE, ZONE_NORMAL);
	bench_set_blocks(device, 4, BLOCK_ONLINE, zones[_i]);
	assert_plan(&bench, device, DEVICE_ONLINE, "");
}
END_TEST

START_TEST(inert_knob_is_no_mismatch)
{
	bench_bind_kmem(device, BLOCK_ONLINE, ZONE_MOVABLE);
	device->knob = MEMMAP_KNOB_ON;
	bench.facts.host.memmap_param = MEMMAP_PARAM_OFF;
	assert_plan(&bench, device, DEVICE_ONLINE, "");
	rule->memmap = MEMMAP_CHOICE_YES;
	assert_plan(&bench, device, DEVICE_ONLINE, "");
	ck_assert(bench_plan(&bench, device)->memmap.wanted);
	ck_assert(!bench_plan(&bench, device)->memmap.effective);
}
END_TEST

START_TEST(all_offline_is_onlined)
{
	assert_plan(&bench, device, DEVICE_PENDING, ONLINE);
	rule->zone = TARGET_ZONE_KERNEL;
	assert_plan(&bench, device, DEVICE_PENDING, "online-blocks online_kernel, verify kernel");
}
END_TEST

START_TEST(some_offline_is_onlined)
{
	bench_set_blocks(device, 127, BLOCK_ONLINE, ZONE_MOVABLE);
	assert_plan(&bench, device, DEVICE_PENDING, ONLINE);
	assert_says(bench_plan(&bench, device)->reason, "1 of 128 blocks are offline");
}
END_TEST

/* The second half of a plan that stopped to look at the distance. */

START_TEST(answer_that_stood_is_onlined)
{
	rule->memmap = MEMMAP_CHOICE_YES;
	device->knob = MEMMAP_KNOB_ON;
	assert_plan(&bench, device, DEVICE_PENDING, ONLINE);
}
END_TEST

START_TEST(answer_that_changed_is_bound_anew)
{
	const struct device_plan *plan;

	rule->memmap = MEMMAP_CHOICE_YES;
	assert_plan(&bench, device, DEVICE_PENDING, REBIND("1"));
	plan = bench_plan(&bench, device);
	ck_assert(plan->memmap.effective);
	assert_says(plan->reason, "bound anew");

	rule->memmap = MEMMAP_CHOICE_NO;
	device->knob = MEMMAP_KNOB_ON;
	assert_plan(&bench, device, DEVICE_PENDING, REBIND("0"));
	ck_assert(!bench_plan(&bench, device)->memmap.effective);
}
END_TEST

START_TEST(but_only_once)
{
	const struct device_plan *plan;

	rule->memmap = MEMMAP_CHOICE_YES;
	bench_history(&bench, device)->rebinds = 1;
	assert_plan(&bench, device, DEVICE_PENDING, ONLINE);
	plan = bench_plan(&bench, device);
	assert_says(plan->reason,
		    "its memmap stays in DRAM, because it was bound anew once already");
	ck_assert(plan->memmap.wanted);
	ck_assert(!plan->memmap.effective);
	ck_assert_str_eq(plan->memmap.reason,
			 "in DRAM, because kmem was bound with the knob at 0; wanted on the "
			 "device, because rule \"far\" says memmap-on-memory = yes");
}
END_TEST

/* Bound, and still nobody knows: it does not get better by waiting. */
START_TEST(a_forecast_does_not_keep_a_bound_device_offline)
{
	bench.config.memmap_min_size = GIB;
	device->knob = MEMMAP_KNOB_ON;
	bench_set_distance(device, 20, DISTANCE_DEFAULT);
	assert_plan(&bench, device, DEVICE_PENDING, ONLINE);
	device->knob = MEMMAP_KNOB_OFF;
	assert_plan(&bench, device, DEVICE_PENDING, REBIND("1"));
}
END_TEST

START_TEST(inert_knob_is_no_reason_to_bind_anew)
{
	device->knob = MEMMAP_KNOB_ON;
	bench.facts.host.memmap_param = MEMMAP_PARAM_ABSENT;
	assert_plan(&bench, device, DEVICE_PENDING, ONLINE);
}
END_TEST

START_TEST(nothing_is_unbound_while_a_block_is_online)
{
	rule->memmap = MEMMAP_CHOICE_YES;
	bench_set_blocks(device, 1, BLOCK_ONLINE, ZONE_MOVABLE);
	assert_plan(&bench, device, DEVICE_PENDING, ONLINE);
	assert_says(bench_plan(&bench, device)->reason,
		    "its memmap stays in DRAM, because a part of it is online already");
}
END_TEST

/* Mismatch. */

START_TEST(wrong_zone)
{
	static const struct {
		enum convert_mode convert;
		bool hot_added;
		const char *words;
	} cases[] = {
		{CONVERT_HOT_ADDED, false, "convert = hot-added spares devices that were there"},
		{CONVERT_NEVER, true, "convert = never"},
	};
	const struct device_plan *plan;

	bench_bind_kmem(device, BLOCK_ONLINE, ZONE_NORMAL);
	bench.config.convert = cases[_i].convert;
	bench_history(&bench, device)->hot_added = cases[_i].hot_added;
	assert_plan(&bench, device, DEVICE_MISMATCH, "");
	plan = bench_plan(&bench, device);
	assert_says(plan->reason, "128 of 128 blocks are online in zone Normal, but rule \"far\" "
				  "says zone = movable; left alone");
	assert_says(plan->reason, cases[_i].words);
}
END_TEST

START_TEST(one_block_in_the_wrong_zone)
{
	bench_bind_kmem(device, BLOCK_ONLINE, ZONE_MOVABLE);
	device->blocks[100].zone = ZONE_NONE; /* spans two */
	assert_plan(&bench, device, DEVICE_MISMATCH, "");
	assert_says(bench_plan(&bench, device)->reason, "1 of 128 blocks are online in zone none");

	/* Those offline stay so: more of the same would not be as the rule says either. */
	device->blocks[100].zone = ZONE_NORMAL;
	device->blocks[101].state = BLOCK_OFFLINE;
	assert_plan(&bench, device, DEVICE_MISMATCH, "");
}
END_TEST

START_TEST(movable_where_the_kernel_zone_was_asked_for)
{
	rule->zone = TARGET_ZONE_KERNEL;
	bench_bind_kmem(device, BLOCK_ONLINE, ZONE_MOVABLE);
	assert_plan(&bench, device, DEVICE_MISMATCH, "");
	assert_says(bench_plan(&bench, device)->reason,
		    "online in zone Movable, but rule \"far\" says zone = kernel");
}
END_TEST

START_TEST(wrong_memmap)
{
	const struct device_plan *plan;

	rule->memmap = MEMMAP_CHOICE_YES;
	bench_bind_kmem(device, BLOCK_ONLINE, ZONE_MOVABLE);
	assert_plan(&bench, device, DEVICE_MISMATCH, "");
	plan = bench_plan(&bench, device);
	assert_says(plan->reason,
		    "online with its memmap in DRAM, but by rule \"far\" it belongs on "
		    "the device; left alone");
	ck_assert(plan->memmap.wanted);
	ck_assert(!plan->memmap.effective);

	rule->memmap = MEMMAP_CHOICE_NO;
	device->knob = MEMMAP_KNOB_ON;
	assert_plan(&bench, device, DEVICE_MISMATCH, "");
	ck_assert(bench_plan(&bench, device)->memmap.effective);
}
END_TEST

/* Incomplete, and in motion. */

START_TEST(unplugged)
{
	bench_set_blocks(device, 128, BLOCK_ABSENT, ZONE_NONE);
	assert_plan(&bench, device, DEVICE_PARTIAL, "");
	assert_says(bench_plan(&bench, device)->reason, "none of its 128 blocks");
}
END_TEST

START_TEST(blocks_missing)
{
	bench_bind_kmem(device, BLOCK_ONLINE, ZONE_MOVABLE);
	bench_set_blocks(device, 28, BLOCK_ABSENT, ZONE_NONE);
	assert_plan(&bench, device, DEVICE_PARTIAL, "");
	assert_says(bench_plan(&bench, device)->reason, "28 of 128 blocks are not there");

	/* What is there is used, but cannot be verified as a whole, nor bound anew. */
	rule->memmap = MEMMAP_CHOICE_YES;
	device->blocks[100].state = BLOCK_OFFLINE;
	assert_plan(&bench, device, DEVICE_PENDING, "online-blocks online_movable");
	bench_set_blocks(device, 128, BLOCK_OFFLINE, ZONE_NONE);
	bench_set_blocks(device, 28, BLOCK_ABSENT, ZONE_NONE);
	assert_plan(&bench, device, DEVICE_PENDING, "online-blocks online_movable");
	assert_says(bench_plan(&bench, device)->reason, "not all of its blocks are there");
}
END_TEST

START_TEST(blocks_unseen)
{
	device->n_blocks = 0;
	assert_plan(&bench, device, DEVICE_PARTIAL, "");
	assert_says(bench_plan(&bench, device)->reason, "cannot be seen");
}
END_TEST

START_TEST(going_offline_is_waited_for)
{
	bench_bind_kmem(device, BLOCK_ONLINE, ZONE_MOVABLE);
	bench_set_blocks(device, 2, BLOCK_GOING_OFFLINE, ZONE_NONE);
	assert_plan(&bench, device, DEVICE_PENDING, "");
	assert_says(bench_plan(&bench, device)->reason, "2 of 128 blocks are going offline");
}
END_TEST

/*
 * The real distance made it devdax; unbound from kmem its node is gone, the forecast is back, and
 * would make it system RAM.
 */
START_TEST(a_forecast_does_not_undo_what_the_real_distance_did)
{
	struct rule *beyond;

	rule->match_distance_set = true;
	rule->match_distance = (struct u64_span){0, 20};
	beyond = bench_add_rule(&bench, "beyond");
	beyond->mode = RULE_MODE_DEVDAX;
	bench_set_distance(device, 30, DISTANCE_LIBNUMA);
	assert_plan(&bench, device, DEVICE_PENDING, "unbind-driver kmem, bind-devdax");

	bench_set_driver(device, "device_dax");
	bench_set_blocks(device, 128, BLOCK_ABSENT, ZONE_NONE);
	bench_set_distance(device, 20, DISTANCE_DEFAULT);
	ck_assert_uint_gt(bench_plan(&bench, device)->n_steps, 0); /* its default driver, as yet */
	bench_history(&bench, device)->rebinds = 1;
	assert_plan(&bench, device, DEVICE_DEVDAX, "");
	assert_says(bench_plan(&bench, device)->reason, "real distance");

	/* A policy without such a rule is free to take it. */
	beyond->mode = RULE_MODE_SYSTEM_RAM;
	ck_assert_uint_gt(bench_plan(&bench, device)->n_steps, 0);
}
END_TEST

TCase *bound_tests(void)
{
	TCase *tests = tcase_create("bound");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, all_online_is_done);
	tcase_add_loop_test(tests, all_online_in_any_kernel_zone_is_done, 0, 3);
	tcase_add_test(tests, inert_knob_is_no_mismatch);
	tcase_add_test(tests, all_offline_is_onlined);
	tcase_add_test(tests, some_offline_is_onlined);
	tcase_add_test(tests, answer_that_stood_is_onlined);
	tcase_add_test(tests, answer_that_changed_is_bound_anew);
	tcase_add_test(tests, but_only_once);
	tcase_add_test(tests, a_forecast_does_not_keep_a_bound_device_offline);
	tcase_add_test(tests, inert_knob_is_no_reason_to_bind_anew);
	tcase_add_test(tests, nothing_is_unbound_while_a_block_is_online);
	tcase_add_loop_test(tests, wrong_zone, 0, 2);
	tcase_add_test(tests, one_block_in_the_wrong_zone);
	tcase_add_test(tests, movable_where_the_kernel_zone_was_asked_for);
	tcase_add_test(tests, wrong_memmap);
	tcase_add_test(tests, unplugged);
	tcase_add_test(tests, blocks_missing);
	tcase_add_test(tests, blocks_unseen);
	tcase_add_test(tests, going_offline_is_waited_for);
	tcase_add_test(tests, a_forecast_does_not_undo_what_the_real_distance_did);
	return tests;
}

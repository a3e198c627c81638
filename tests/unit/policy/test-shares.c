/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <string.h>

#include "bench.h"
#include "suites.h"

/* What devices share: the movable guard's ratio, and the DRAM budget. */

#define BIND                                                                                       \
	"hold-auto-online online_movable, bind-kmem, restore-auto-online, online-blocks "          \
	"online_movable, verify Movable"

static struct bench bench;
static struct dax_device *device, *second;
static struct rule *rule;

/*
 * Two of 16 GiB, whose memmaps are 256 MiB each and belong in DRAM. 64 GiB of kernel zones and a
 * ratio of 4 allow 256 GiB; 5 % of 64 GiB DRAM are 3.2 GiB, the memmaps of 204.8 GiB.
 */
static void setup(void)
{
	bench_init(&bench);
	bench.config.memmap_min_size = TIB;
	device = bench_add_device(&bench, DAX_KIND_CXL, 16 * GIB);
	second = bench_add_device(&bench, DAX_KIND_CXL, 16 * GIB);
	device->knob = second->knob = MEMMAP_KNOB_OFF;
	rule = bench_add_rule(&bench, "far");
}

static void teardown(void)
{
	bench_done(&bench);
}

/* Another of them, instead of the first two if those are in the way. */
static struct dax_device *add_device(uint64_t size)
{
	struct dax_device *added = bench_add_device(&bench, DAX_KIND_CXL, size);

	added->knob = MEMMAP_KNOB_OFF;
	return added;
}

START_TEST(guard_holds_back_what_exceeds_it)
{
	bench.nodes[0].movable = 240 * GIB;
	assert_plan(&bench, device, DEVICE_PENDING, BIND);
	bench.nodes[1].movable = 1;
	assert_plan(&bench, device, DEVICE_HELD_BACK, "");
	assert_says(bench_plan(&bench, device)->reason, "16 GiB more");

	/* Not taken from device_dax either. */
	bench_set_driver(device, "device_dax");
	assert_plan(&bench, device, DEVICE_HELD_BACK, "");
}
END_TEST

START_TEST(guard_is_for_the_movable_zone)
{
	bench.nodes[0].movable = TIB;
	assert_plan(&bench, device, DEVICE_HELD_BACK, "");
	rule->zone = TARGET_ZONE_KERNEL;
	ck_assert_int_eq(bench_plan(&bench, device)->state, DEVICE_PENDING);
	rule->zone = TARGET_ZONE_MOVABLE;
	bench.config.movable_max_ratio = 0;
	assert_plan(&bench, device, DEVICE_PENDING, BIND);
}
END_TEST

START_TEST(guard_counts_what_was_planned_before)
{
	bench.nodes[0].movable = 224 * GIB;
	assert_plan(&bench, second, DEVICE_PENDING, BIND);
	bench.nodes[0].movable++;
	assert_plan(&bench, second, DEVICE_HELD_BACK, "");
	assert_plan(&bench, device, DEVICE_PENDING, BIND);

	/* A first one that is not planned at all leaves its share. */
	bench_set_driver(device, "device_dax");
	bench_add_holder(device, 1, "x", false);
	assert_plan(&bench, second, DEVICE_PENDING, BIND);
}
END_TEST

START_TEST(guard_counts_kernel_memory_planned_before)
{
	bench.nodes[0].movable = 304 * GIB; /* 4 × (64 + 16) - 16 */
	assert_plan(&bench, second, DEVICE_HELD_BACK, "");
	rule->zone = TARGET_ZONE_KERNEL;
	ck_assert_int_eq(strv_add(&rule->match_devices, "dax0.0"), 0);
	bench_add_rule(&bench, "rest");
	assert_plan(&bench, second, DEVICE_PENDING, BIND);
	bench.nodes[0].movable++;
	assert_plan(&bench, second, DEVICE_HELD_BACK, "");
}
END_TEST

/* Half of the first is online: only the other half is still to come. */
START_TEST(guard_counts_what_is_still_to_come)
{
	bench_bind_kmem(device, BLOCK_OFFLINE, ZONE_NONE);
	bench_set_blocks(device, 64, BLOCK_ONLINE, ZONE_MOVABLE);
	bench.nodes[0].movable = 232 * GIB;
	ck_assert_int_eq(bench_plan(&bench, second)->state, DEVICE_PENDING);
	bench.nodes[0].movable++;
	ck_assert_int_eq(bench_plan(&bench, second)->state, DEVICE_HELD_BACK);
}
END_TEST

START_TEST(guard_holds_back_what_is_bound_but_offline)
{
	bench_bind_kmem(device, BLOCK_OFFLINE, ZONE_NONE);
	bench.nodes[0].movable = 240 * GIB;
	ck_assert_int_eq(bench_plan(&bench, device)->state, DEVICE_PENDING);
	bench.nodes[0].movable++;
	assert_plan(&bench, device, DEVICE_HELD_BACK, "");
}
END_TEST

START_TEST(guard_does_not_touch_what_is_online)
{
	bench.nodes[0].movable = 10 * TIB;
	bench_bind_kmem(device, BLOCK_OFFLINE, ZONE_NONE);
	bench_set_blocks(device, 1, BLOCK_ONLINE, ZONE_MOVABLE);
	assert_plan(&bench, device, DEVICE_PENDING, "online-blocks online_movable, verify Movable");
	bench_bind_kmem(device, BLOCK_ONLINE, ZONE_MOVABLE);
	assert_plan(&bench, device, DEVICE_ONLINE, "");
}
END_TEST

START_TEST(budget_counts_others_and_what_was_planned_before)
{
	struct dax_device *third = add_device(180 * GIB); /* 2.8125 GiB */

	bench.config.movable_max_ratio = 0;
	ck_assert(!bench_plan(&bench, device)->memmap.wanted);
	ck_assert(!bench_plan(&bench, second)->memmap.wanted);
	ck_assert(bench_plan(&bench, third)->memmap.wanted);
	assert_says(bench_plan(&bench, third)->memmap.reason, "512 MiB of other devices");

	/* It is the same once the first two are bound. */
	bench_bind_kmem(device, BLOCK_ONLINE, ZONE_MOVABLE);
	assert_says(bench_plan(&bench, third)->memmap.reason, "512 MiB of other devices");
	bench_bind_kmem(second, BLOCK_ONLINE, ZONE_MOVABLE);
	assert_says(bench_plan(&bench, third)->memmap.reason, "512 MiB of other devices");

	/* And not if the second carries its own. */
	second->knob = MEMMAP_KNOB_ON;
	ck_assert(!bench_plan(&bench, third)->memmap.wanted);
}
END_TEST

/* What is about to go onto the device takes nothing from DRAM. */
START_TEST(budget_does_not_count_memmaps_on_the_device)
{
	struct dax_device *third = add_device(180 * GIB);

	bench.config.movable_max_ratio = 0;
	rule->memmap = MEMMAP_CHOICE_YES;
	ck_assert_int_eq(strv_add(&rule->match_devices, "dax[01].0"), 0);
	bench_add_rule(&bench, "rest");
	ck_assert(!bench_plan(&bench, third)->memmap.wanted);
}
END_TEST

START_TEST(own_memmap_is_not_held_against_it)
{
	struct dax_device *large = add_device(204 * GIB); /* 3.1875 GiB, of 3.2 */

	bench.config.movable_max_ratio = 0;
	device->target_node = second->target_node = -1; /* out of the way */
	bench_set_distance(large, 20, DISTANCE_LIBNUMA);
	ck_assert(!bench_plan(&bench, large)->memmap.wanted);
	bench_bind_kmem(large, BLOCK_OFFLINE, ZONE_NONE);
	ck_assert(!bench_plan(&bench, large)->memmap.wanted);
	bench_bind_kmem(large, BLOCK_ONLINE, ZONE_MOVABLE);
	assert_plan(&bench, large, DEVICE_ONLINE, "");

	/* Nor what somebody else took later. */
	bench_bind_kmem(second, BLOCK_ONLINE, ZONE_MOVABLE);
	assert_plan(&bench, large, DEVICE_ONLINE, "");
	assert_says(bench_plan(&bench, large)->memmap.reason, "below min-size");
}
END_TEST

/* It was right when the other's memmap was to be in DRAM. */
START_TEST(what_the_budget_put_on_the_device_may_stay)
{
	struct dax_device *large = add_device(204 * GIB);

	large->knob = MEMMAP_KNOB_ON;
	bench_bind_kmem(large, BLOCK_ONLINE, ZONE_MOVABLE);
	device->knob = second->knob = MEMMAP_KNOB_ON;
	bench_bind_kmem(device, BLOCK_ONLINE, ZONE_MOVABLE);
	bench_bind_kmem(second, BLOCK_ONLINE, ZONE_MOVABLE);
	assert_plan(&bench, large, DEVICE_ONLINE, "");
	ck_assert(bench_plan(&bench, large)->memmap.effective);

	/* No share of the others makes it right for a small one. */
	large->usable = 16 * GIB;
	assert_plan(&bench, device, DEVICE_MISMATCH, "");
}
END_TEST

/* But one that breaks the budget by itself never was right. */
START_TEST(a_memmap_too_large_by_itself_is_a_mismatch)
{
	bench_bind_kmem(device, BLOCK_ONLINE, ZONE_MOVABLE);
	bench.config.memmap_dram_budget = 1;
	assert_plan(&bench, device, DEVICE_MISMATCH, "");
	assert_says(bench_plan(&bench, device)->memmap.reason, "dram-budget");
}
END_TEST

/* With nothing online it can still be put right. */
START_TEST(budget_that_others_took_moves_an_offline_memmap)
{
	struct dax_device *other = add_device(200 * GIB);

	bench_bind_kmem(other, BLOCK_ONLINE, ZONE_MOVABLE);
	bench_bind_kmem(device, BLOCK_OFFLINE, ZONE_NONE);
	assert_plan(&bench, device, DEVICE_PENDING, "unbind-driver kmem, set-memmap 1, " BIND);
}
END_TEST

START_TEST(sizes_at_the_end_of_the_scale)
{
	device->size = device->usable = UINT64_MAX;
	second->size = second->usable = UINT64_MAX;
	bench.nodes[0].total = bench.nodes[0].kernel = UINT64_MAX / 2;
	bench.config.movable_max_ratio = 2;
	assert_plan(&bench, device, DEVICE_HELD_BACK, "");
	bench.config.movable_max_ratio = 3;
	bench_set_distance(device, 20, DISTANCE_HWLOC);
	bench_set_distance(second, 20, DISTANCE_HWLOC);
	assert_plan(&bench, device, DEVICE_PENDING, "set-memmap 1, " BIND);
	assert_plan(&bench, second, DEVICE_PENDING, "set-memmap 1, " BIND);
}
END_TEST

TCase *shares_tests(void)
{
	TCase *tests = tcase_create("shares");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, guard_holds_back_what_exceeds_it);
	tcase_add_test(tests, guard_is_for_the_movable_zone);
	tcase_add_test(tests, guard_counts_what_was_planned_before);
	tcase_add_test(tests, guard_counts_kernel_memory_planned_before);
	tcase_add_test(tests, guard_counts_what_is_still_to_come);
	tcase_add_test(tests, guard_holds_back_what_is_bound_but_offline);
	tcase_add_test(tests, guard_does_not_touch_what_is_online);
	tcase_add_test(tests, budget_counts_others_and_what_was_planned_before);
	tcase_add_test(tests, budget_does_not_count_memmaps_on_the_device);
	tcase_add_test(tests, own_memmap_is_not_held_against_it);
	tcase_add_test(tests, what_the_budget_put_on_the_device_may_stay);
	tcase_add_test(tests, a_memmap_too_large_by_itself_is_a_mismatch);
	tcase_add_test(tests, budget_that_others_took_moves_an_offline_memmap);
	tcase_add_test(tests, sizes_at_the_end_of_the_scale);
	return tests;
}

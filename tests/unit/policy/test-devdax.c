/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <string.h>

#include "bench.h"
#include "suites.h"

static struct bench bench;
static struct dax_device *device;

static void setup(void)
{
	bench_init(&bench);
	device = bench_add_device(&bench, DAX_KIND_CXL, 16 * GIB);
	bench_add_rule(&bench, "raw")->mode = RULE_MODE_DEVDAX;
}

static void teardown(void)
{
	bench_done(&bench);
}

START_TEST(bound_is_done)
{
	const struct device_plan *plan;

	bench_set_driver(device, "device_dax");
	bench_add_holder(device, 77, "qemu", true); /* which is what it is for */
	assert_plan(&bench, device, DEVICE_DEVDAX, "");
	plan = bench_plan(&bench, device);
	ck_assert(plan->managed);
	ck_assert_str_eq(plan->rule, "raw");
	ck_assert_ptr_nonnull(plan->memmap.reason);
}
END_TEST

START_TEST(unbound_is_bound)
{
	assert_plan(&bench, device, DEVICE_PENDING, "bind-devdax");
}
END_TEST

START_TEST(without_its_driver_that_is_loaded_first)
{
	bench.facts.host.device_dax_loaded = false;
	assert_plan(&bench, device, DEVICE_PENDING, "load-module device_dax, bind-devdax");
	bench_bind_kmem(device, BLOCK_OFFLINE, ZONE_NONE);
	assert_plan(&bench, device, DEVICE_PENDING,
		    "load-module device_dax, unbind-driver kmem, bind-devdax");
}
END_TEST

START_TEST(kmem_without_online_memory_is_taken_over)
{
	bench_bind_kmem(device, BLOCK_OFFLINE, ZONE_NONE);
	assert_plan(&bench, device, DEVICE_PENDING, "unbind-driver kmem, bind-devdax");
	bench_set_blocks(device, device->n_blocks, BLOCK_ABSENT, ZONE_NONE);
	assert_plan(&bench, device, DEVICE_PENDING, "unbind-driver kmem, bind-devdax");
}
END_TEST

START_TEST(kmem_with_online_memory_is_left_alone)
{
	bench_bind_kmem(device, BLOCK_OFFLINE, ZONE_NONE);
	bench_set_blocks(device, 1, BLOCK_ONLINE, ZONE_MOVABLE);
	assert_plan(&bench, device, DEVICE_MISMATCH, "");
	assert_says(bench_plan(&bench, device)->reason, "1 of 128 blocks are online as system RAM");
	assert_says(bench_plan(&bench, device)->reason, "left alone");
	ck_assert(bench_plan(&bench, device)->memmap.effective);
}
END_TEST

START_TEST(kmem_on_its_way_offline_is_waited_for)
{
	bench_bind_kmem(device, BLOCK_OFFLINE, ZONE_NONE);
	bench_set_blocks(device, 3, BLOCK_GOING_OFFLINE, ZONE_NONE);
	assert_plan(&bench, device, DEVICE_PENDING, "");
	assert_says(bench_plan(&bench, device)->reason, "3 of 128");
}
END_TEST

/* To unbind it might strand online memory until reboot. */
START_TEST(kmem_whose_blocks_are_unseen_is_left_alone)
{
	bench_bind_kmem(device, BLOCK_OFFLINE, ZONE_NONE);
	device->n_blocks = 0;
	assert_plan(&bench, device, DEVICE_MISMATCH, "");
	assert_says(bench_plan(&bench, device)->reason, "cannot be seen");
}
END_TEST

START_TEST(another_driver_is_left_alone)
{
	bench_set_driver(device, "fsdev_dax");
	assert_plan(&bench, device, DEVICE_FAILED, "");
	assert_says(bench_plan(&bench, device)->reason, "fsdev_dax");
}
END_TEST

TCase *devdax_tests(void)
{
	TCase *tests = tcase_create("devdax");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, bound_is_done);
	tcase_add_test(tests, unbound_is_bound);
	tcase_add_test(tests, without_its_driver_that_is_loaded_first);
	tcase_add_test(tests, kmem_without_online_memory_is_taken_over);
	tcase_add_test(tests, kmem_with_online_memory_is_left_alone);
	tcase_add_test(tests, kmem_on_its_way_offline_is_waited_for);
	tcase_add_test(tests, kmem_whose_blocks_are_unseen_is_left_alone);
	tcase_add_test(tests, another_driver_is_left_alone);
	return tests;
}

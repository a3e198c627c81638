/* SPDX-License-Identifier: GPL-2.0-or-later */
/* offline-blocks: in which order, what it passes over, and what it says of what would not go. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "suites.h"
#include "tree.h"

START_TEST(the_newest_first)
{
	_cleanup_free_ char *order = NULL;

	host_online((struct fake_kernel_host){}, "online_movable");
	ck_assert_int_eq(release(STEP_OFFLINE_BLOCKS), 0);
	order = blocks_written("offline");
	ck_assert_str_eq(order, "memory35 memory34 memory33 memory32");
	ck_assert_str_eq(bench.events, "offline-blocks:done unbind-driver:done");
	bench_assert_driver("dax0.0", NULL);
	ck_assert(!tree_has(bench.root, MEMORY "/memory32"));
	bench_assert_no_records();
	ck_assert_uint_eq(bench.blocks_done, N_BLOCKS);
	ck_assert_uint_eq(bench.blocks_total, N_BLOCKS);
}
END_TEST

START_TEST(what_is_offline_is_not_asked)
{
	_cleanup_free_ char *order = NULL;

	host_online((struct fake_kernel_host){}, "online_movable");
	bench_write(MEMORY "/memory34/state", "offline");
	fake_kernel_clear_log(bench.root);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_OFFLINE_BLOCKS, NULL), 0);
	order = blocks_written("offline");
	ck_assert_str_eq(order, "memory35 memory33 memory32");
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_OFFLINE_BLOCKS, NULL), 0);
	ck_assert_str_eq(bench.events, "offline-blocks:skipped");
	ck_assert_uint_eq(bench.blocks_done, N_BLOCKS);
}
END_TEST

static void offline_first(struct bench *b, const char *path)
{
	b->before_write = NULL;
	ck_assert_int_eq(fake_kernel_write(b->root, path, "offline"), 0);
}

START_TEST(somebody_else_was_faster)
{
	host_online((struct fake_kernel_host){}, "online_movable");
	bench.before_write = offline_first;
	ck_assert_int_eq(release(STEP_OFFLINE_BLOCKS), 0);
	bench_assert_driver("dax0.0", NULL);
}
END_TEST

START_TEST(progress_is_told_a_hundred_times)
{
	struct fake_kernel_device device = bench_cxl;

	device.ranges[0].size = 450 * BLOCK;
	bench_host((struct fake_kernel_host){.auto_online = "online_movable"});
	bench_add(&device);
	bench_write(DRIVERS "/kmem/bind", "dax0.0");
	ck_assert_int_eq(bench_one(&device, STEP_OFFLINE_BLOCKS, NULL), 0);
	ck_assert_uint_eq(bench.blocks_done, 450);
	ck_assert_uint_eq(bench.blocks_total, 450);
	ck_assert_uint_le(bench.n_blocks_reports, 102);
	ck_assert_uint_ge(bench.n_blocks_reports, 50);
}
END_TEST

/* Passed over, and tried again after the others. */
START_TEST(what_is_pinned_for_a_moment)
{
	_cleanup_free_ char *order = NULL;

	host_online((struct fake_kernel_host){}, "online_movable");
	fake_kernel_pin_block(bench.root, 34, 2);
	ck_assert_int_eq(release(STEP_OFFLINE_BLOCKS), 0);
	order = blocks_written("offline");
	ck_assert_str_eq(order, "memory35 memory34 memory33 memory32 memory34 memory34");
	bench_assert_driver("dax0.0", NULL);
}
END_TEST

/* The first, one in the middle, and the last: all is as it was. */
START_TEST(what_is_pinned_stays_and_is_named)
{
	_cleanup_free_ char *before = NULL, *after = NULL, *name = NULL;

	host_online((struct fake_kernel_host){}, "online_movable");
	before = fake_kernel_snapshot(bench.root);
	fake_kernel_pin_block(bench.root, FIRST_BLOCK + (unsigned)_i, UINT_MAX);
	ck_assert_int_eq(release(STEP_OFFLINE_BLOCKS), -EBUSY);
	ck_assert_int_gt(asprintf(&name,
				  "1 of 4 blocks of dax0.0 did not go offline: memory%u (Movable): "
				  "EBUSY; pages that are pinned",
				  FIRST_BLOCK + (unsigned)_i),
			 0);
	bench_assert_failure(STEP_OFFLINE_BLOCKS, -EBUSY, name);
	ck_assert(bench.failure.undone);
	after = fake_kernel_snapshot(bench.root);
	ck_assert_str_eq(after, before);
	bench_assert_no_records();
	/* Which is told as well. */
	ck_assert_uint_eq(bench.blocks_done, 0);
}
END_TEST

START_TEST(the_first_few_are_named)
{
	struct fake_kernel_device device = bench_cxl;

	device.ranges[0].size = 8 * BLOCK;
	bench_host((struct fake_kernel_host){.auto_online = "online_movable"});
	bench_add(&device);
	bench_write(DRIVERS "/kmem/bind", "dax0.0");
	for (unsigned i = 0; i < 6; i++)
		fake_kernel_pin_block(bench.root, FIRST_BLOCK + i, UINT_MAX);
	ck_assert_int_eq(bench_one(&device, STEP_OFFLINE_BLOCKS, NULL), -EBUSY);
	bench_assert_failure(STEP_OFFLINE_BLOCKS, -EBUSY, "6 of 8 blocks of dax0.0");
	bench_assert_failure(STEP_OFFLINE_BLOCKS, -EBUSY, "memory37 (Movable): EBUSY");
	bench_assert_failure(STEP_OFFLINE_BLOCKS, -EBUSY, "memory34 (Movable): EBUSY and 2 more;");
}
END_TEST

START_TEST(a_kernel_zone_is_explained)
{
	host_online((struct fake_kernel_host){}, "online");
	fake_kernel_pin_block(bench.root, 33, UINT_MAX);
	ck_assert_int_eq(release(STEP_OFFLINE_BLOCKS), -EBUSY);
	bench_assert_failure(STEP_OFFLINE_BLOCKS, -EBUSY,
			     "memory33 (Normal): EBUSY; in a zone of the kernel");
	bench_assert_blocks(&bench_cxl, "online", "Normal");
}
END_TEST

/* What is no matter of moments ends it at once. */
START_TEST(what_will_not_pass)
{
	_cleanup_free_ char *order = NULL;

	host_online((struct fake_kernel_host){}, "online_movable");
	bench_fault(FAKE_KERNEL_WRITE, 2, 1, NULL, -EACCES);
	ck_assert_int_eq(release(STEP_OFFLINE_BLOCKS), -EACCES);
	bench_assert_failure(STEP_OFFLINE_BLOCKS, -EACCES,
			     "3 of 4 blocks of dax0.0 did not go offline: memory34 (Movable): "
			     "EACCES, memory33 (Movable): not tried, "
			     "memory32 (Movable): not tried; Permission denied");
	order = blocks_written("offline");
	ck_assert_str_eq(order, "memory35 memory34");
	bench_assert_blocks(&bench_cxl, "online", "Movable");
	ck_assert(bench.failure.undone);
}
END_TEST

START_TEST(each_goes_back_into_its_own_zone)
{
	_cleanup_free_ char *before = NULL, *after = NULL, *kernel = NULL, *movable = NULL;

	host_online((struct fake_kernel_host){}, "offline");
	bench_write(MEMORY "/memory32/state", "online_movable");
	bench_write(MEMORY "/memory33/state", "online_kernel");
	bench_write(MEMORY "/memory35/state", "online_movable");
	fake_kernel_clear_log(bench.root);
	before = fake_kernel_snapshot(bench.root);
	fake_kernel_pin_block(bench.root, 32, UINT_MAX);
	ck_assert_int_eq(release(STEP_OFFLINE_BLOCKS), -EBUSY);
	after = fake_kernel_snapshot(bench.root);
	ck_assert_str_eq(after, before);
	kernel = blocks_written("online_kernel");
	movable = blocks_written("online_movable");
	ck_assert_str_eq(kernel, "memory33");
	ck_assert_str_eq(movable, "memory35");
}
END_TEST

/* The kernel takes no such block offline, so none of the others is disturbed. */
START_TEST(in_more_than_one_zone)
{
	host_online((struct fake_kernel_host){}, "online_movable");
	tree_put(bench.root, MEMORY "/memory33/valid_zones", "none\n");
	ck_assert_int_eq(release(STEP_OFFLINE_BLOCKS), -EINVAL);
	bench_assert_failure(STEP_OFFLINE_BLOCKS, -EINVAL, "memory33 of dax0.0 is online in more");
	ck_assert_uint_eq(bench_writes(), 0);
	bench_assert_no_records();
}
END_TEST

static void remove_device(struct bench *b, const char *path)
{
	if (strstr(path, "memory34") == NULL)
		return;
	b->before_write = NULL;
	fake_kernel_remove_device(b->root, "dax0.0");
}

/* By surprise, in the middle: its memory is stuck, and nothing is done to it any more. */
START_TEST(it_leaves_meanwhile)
{
	host_online((struct fake_kernel_host){}, "online_movable");
	bench.before_write = remove_device;
	ck_assert_int_eq(release(STEP_OFFLINE_BLOCKS), -ENODEV);
	bench_assert_failure(STEP_UNBIND_DRIVER, -ENODEV, "dax0.0");
	ck_assert(bench.failure.undone);
	bench_assert_no_records();
}
END_TEST

START_TEST(not_ours_any_more)
{
	bench_host((struct fake_kernel_host){});
	bench_add(&bench_cxl);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_OFFLINE_BLOCKS, NULL), -EAGAIN);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_OFFLINE_BLOCKS, "online"), -EINVAL);
	ck_assert_uint_eq(bench_writes(), 0);
}
END_TEST

/* Fragmented, with a part that is smaller than a block, and blocks of 2 GiB. */
START_TEST(several_ranges_of_large_blocks)
{
	const uint64_t size = 2 * FAKE_KERNEL_GIB;
	struct fake_kernel_device device = bench_cxl;
	_cleanup_free_ char *order = NULL;
	struct device_plan plan;

	device.ranges[0] = (struct fake_kernel_range){8 * size, 2 * size};
	device.ranges[1] = (struct fake_kernel_range){16 * size, size / 2};
	device.ranges[2] = (struct fake_kernel_range){20 * size, size};
	bench_host((struct fake_kernel_host){
		.auto_online = "online_movable", .block_size = size, .dram = 4 * size});
	bench_add(&device);
	bench_write(DRIVERS "/kmem/bind", "dax0.0");
	bench_plan(&plan, &device);
	plan.block_size = size;
	bench_step(&plan, STEP_OFFLINE_BLOCKS, NULL);
	bench_step(&plan, STEP_UNBIND_DRIVER, "kmem");
	ck_assert_int_eq(bench_apply(&plan), 0);
	device_plan_done(&plan);
	order = blocks_written("offline");
	ck_assert_str_eq(order, "memory20 memory9 memory8");
	ck_assert_uint_eq(bench.blocks_total, 3);
}
END_TEST

/* On one node with another device: of that, nothing is touched. */
START_TEST(a_shared_node)
{
	struct fake_kernel_device other = bench_hmem;

	host_online((struct fake_kernel_host){}, "online_movable");
	other.target_node = bench_cxl.target_node;
	bench_add(&other);
	bench_write(DRIVERS "/kmem/bind", "dax2.0");
	ck_assert_int_eq(release(STEP_OFFLINE_BLOCKS), 0);
	bench_assert_driver("dax2.0", "kmem");
	bench_assert_blocks(&other, "online", "Movable");
	bench_assert_reads("sys/devices/system/node/has_memory", "0,1");
}
END_TEST

TCase *offline_tests(void)
{
	TCase *tcase = tcase_create("offline");

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, bench_setup, bench_teardown);
	tcase_add_test(tcase, the_newest_first);
	tcase_add_test(tcase, what_is_offline_is_not_asked);
	tcase_add_test(tcase, somebody_else_was_faster);
	tcase_add_test(tcase, progress_is_told_a_hundred_times);
	tcase_add_test(tcase, what_is_pinned_for_a_moment);
	tcase_add_loop_test(tcase, what_is_pinned_stays_and_is_named, 0, N_BLOCKS);
	tcase_add_test(tcase, the_first_few_are_named);
	tcase_add_test(tcase, a_kernel_zone_is_explained);
	tcase_add_test(tcase, what_will_not_pass);
	tcase_add_test(tcase, each_goes_back_into_its_own_zone);
	tcase_add_test(tcase, in_more_than_one_zone);
	tcase_add_test(tcase, it_leaves_meanwhile);
	tcase_add_test(tcase, not_ours_any_more);
	tcase_add_test(tcase, several_ranges_of_large_blocks);
	tcase_add_test(tcase, a_shared_node);
	return tcase;
}

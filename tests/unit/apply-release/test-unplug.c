/* SPDX-License-Identifier: GPL-2.0-or-later */
/* unplug: all of the memory at once, where kmem has the attribute state. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "suites.h"
#include "tree.h"

#define STATE DEVICES "/dax0.0/state"

static const struct fake_kernel_host with_state = {.has_state = true};

START_TEST(one_write)
{
	host_online(with_state, "online_movable");
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_UNPLUG, NULL), 0);
	ck_assert_uint_eq(bench_writes(), 1);
	ck_assert(!tree_has(bench.root, MEMORY "/memory32"));
	bench_assert_reads(STATE, "unplugged");
	ck_assert_uint_eq(bench.blocks_done, N_BLOCKS);
	bench_assert_no_records();
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_UNPLUG, NULL), 0);
	ck_assert_str_eq(bench.events, "unplug:skipped");
}
END_TEST

START_TEST(then_unbound)
{
	host_online(with_state, "online");
	ck_assert_int_eq(release(STEP_UNPLUG), 0);
	ck_assert_uint_eq(bench_writes(), 2);
	bench_assert_driver("dax0.0", NULL);
}
END_TEST

START_TEST(kernels_without_it)
{
	host_online((struct fake_kernel_host){}, "online");
	ck_assert_int_eq(release(STEP_UNPLUG), -EAGAIN);
	bench_assert_failure(STEP_UNPLUG, -EAGAIN, "dax0.0 has no attribute state");
	ck_assert_uint_eq(bench_writes(), 0);
}
END_TEST

/* The kernel itself puts everything back; which block it was is found out one by one. */
START_TEST(rolled_back)
{
	_cleanup_free_ char *before = NULL, *after = NULL;

	host_online(with_state, _i ? "online" : "online_movable");
	before = fake_kernel_snapshot(bench.root);
	fake_kernel_pin_block(bench.root, 34, UINT_MAX);
	ck_assert_int_eq(release(STEP_UNPLUG), -EBUSY);
	bench_assert_failure(STEP_UNPLUG, -EBUSY,
			     _i ? "memory34 (Normal): EBUSY; in a zone of the kernel"
				: "1 of 4 blocks of dax0.0 did not go offline: memory34 (Movable): "
				  "EBUSY; pages that are pinned");
	ck_assert(bench.failure.undone);
	after = fake_kernel_snapshot(bench.root);
	ck_assert_str_eq(after, before);
}
END_TEST

/* Or it does not, and then it is done block by block. */
START_TEST(half_rolled_back)
{
	_cleanup_free_ char *before = NULL, *after = NULL, *back = NULL;

	host_online(with_state, "offline");
	bench_write(MEMORY "/memory32/state", "online_kernel");
	bench_write(MEMORY "/memory33/state", "online_movable");
	bench_write(MEMORY "/memory34/state", "online_movable");
	fake_kernel_clear_log(bench.root);
	before = fake_kernel_snapshot(bench.root);
	fake_kernel_break_rollback(bench.root);
	fake_kernel_pin_block(bench.root, 34, UINT_MAX);
	ck_assert_int_eq(release(STEP_UNPLUG), -EBUSY);
	ck_assert(bench.failure.undone);
	after = fake_kernel_snapshot(bench.root);
	ck_assert_str_eq(after, before);
	back = blocks_written("online_movable");
	ck_assert_str_eq(back, "memory33");
}
END_TEST

/* What follows fails: plugged in again as it was, by a word of the attribute where there is one. */
START_TEST(plugged_in_again)
{
	_cleanup_free_ char *before = NULL, *after = NULL;

	host_online(with_state, _i ? "online" : "online_movable");
	before = fake_kernel_snapshot(bench.root);
	bench_fault(FAKE_KERNEL_WRITE, 1, 1, "*/unbind", -EIO);
	ck_assert_int_eq(release(STEP_UNPLUG), -EIO);
	ck_assert_str_eq(bench.events, "unplug:done unplug:undo");
	ck_assert(bench.failure.undone);
	after = fake_kernel_snapshot(bench.root);
	ck_assert_str_eq(after, before);
	ck_assert_uint_eq(bench_writes(), 3); /* unplugged, unbind, and the word */
}
END_TEST

START_TEST(plugged_in_again_in_both_zones)
{
	_cleanup_free_ char *before = NULL, *after = NULL;

	host_online(with_state, "offline");
	bench_write(MEMORY "/memory32/state", "online_kernel");
	bench_write(MEMORY "/memory33/state", "online_movable");
	bench_write(AUTO_ONLINE, "online");
	before = fake_kernel_snapshot(bench.root);
	bench_fault(FAKE_KERNEL_WRITE, 1, 1, "*/unbind", -EIO);
	ck_assert_int_eq(release(STEP_UNPLUG), -EIO);
	ck_assert(bench.failure.undone);
	after = fake_kernel_snapshot(bench.root);
	ck_assert_str_eq(after, before);
	bench_assert_no_records();
}
END_TEST

/* What it answers is not what counts. */
START_TEST(nothing_is_believed)
{
	host_online(with_state, "online_movable");
	bench_fault(FAKE_KERNEL_WRITE, 1, 1, "*/dax0.0/state", 0);
	ck_assert_int_eq(release(STEP_UNPLUG), -EIO);
	bench_assert_failure(STEP_UNPLUG, -EIO, "4 of its 4 blocks are still there");
	bench_assert_blocks(&bench_cxl, "online", "Movable");
	bench_assert_driver("dax0.0", "kmem");
}
END_TEST

START_TEST(what_will_not_pass)
{
	host_online(with_state, "online_movable");
	bench_fault(FAKE_KERNEL_WRITE, 1, 1, "*/dax0.0/state", -EACCES);
	ck_assert_int_eq(release(STEP_UNPLUG), -EACCES);
	bench_assert_failure(STEP_UNPLUG, -EACCES, "Permission denied");
	ck_assert_uint_eq(bench_writes(), 1);
}
END_TEST

TCase *unplug_tests(void)
{
	TCase *tcase = tcase_create("unplug");

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, bench_setup, bench_teardown);
	tcase_add_test(tcase, one_write);
	tcase_add_test(tcase, then_unbound);
	tcase_add_test(tcase, kernels_without_it);
	tcase_add_loop_test(tcase, rolled_back, 0, 2);
	tcase_add_test(tcase, half_rolled_back);
	tcase_add_loop_test(tcase, plugged_in_again, 0, 2);
	tcase_add_test(tcase, plugged_in_again_in_both_zones);
	tcase_add_test(tcase, nothing_is_believed);
	tcase_add_test(tcase, what_will_not_pass);
	return tcase;
}

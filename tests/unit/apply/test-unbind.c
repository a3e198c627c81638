/* SPDX-License-Identifier: GPL-2.0-or-later */
/* unbind-driver, and undoing a bind. */
#include <errno.h>
#include <string.h>

#include "bench.h"
#include "tree.h"

static void pmem_on_device_dax(void)
{
	bench_host((struct fake_kernel_host){});
	bench_add(&bench_pmem);
	bench_write(DRIVERS "/device_dax/bind", "dax1.0");
	fake_kernel_clear_log(bench.root);
}

START_TEST(unbind_device_dax)
{
	pmem_on_device_dax();
	ck_assert_int_eq(bench_one(&bench_pmem, STEP_UNBIND_DRIVER, "device_dax"), 0);
	bench_assert_driver("dax1.0", NULL);
	ck_assert_int_eq(bench_one(&bench_pmem, STEP_UNBIND_DRIVER, "device_dax"), 0);
	ck_assert_str_eq(bench.events, "unbind-driver:skipped");
	ck_assert_uint_eq(bench_writes(), 1);
}
END_TEST

START_TEST(unbind_of_another_driver_is_not_needed)
{
	pmem_on_device_dax();
	ck_assert_int_eq(bench_one(&bench_pmem, STEP_UNBIND_DRIVER, "kmem"), 0);
	ck_assert_str_eq(bench.events, "unbind-driver:skipped");
	bench_assert_driver("dax1.0", "device_dax");
}
END_TEST

START_TEST(unbind_refuses_a_device_in_use)
{
	pmem_on_device_dax();
	fake_kernel_start_process(bench.root, 1234, "postgres", "dax1.0",
				  _i ? FAKE_KERNEL_MAPPED : FAKE_KERNEL_OPEN);
	ck_assert_int_eq(bench_one(&bench_pmem, STEP_UNBIND_DRIVER, "device_dax"), -EBUSY);
	bench_assert_failure(STEP_UNBIND_DRIVER, -EBUSY, "1234 (postgres)");
	ck_assert_uint_eq(bench_writes(), 0);
	fake_kernel_end_process(bench.root, 1234);
	ck_assert_int_eq(bench_one(&bench_pmem, STEP_UNBIND_DRIVER, "device_dax"), 0);
}
END_TEST

/* The kernel would let it happen, and the memory would be stuck. */
START_TEST(unbind_refuses_kmem_with_memory_online)
{
	bench_host((struct fake_kernel_host){.auto_online = "offline"});
	bench_add(&bench_cxl);
	bench_write(DRIVERS "/kmem/bind", "dax0.0");
	bench_write(MEMORY "/memory34/state", "online_movable");
	fake_kernel_clear_log(bench.root);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_UNBIND_DRIVER, "kmem"), -EBUSY);
	bench_assert_failure(STEP_UNBIND_DRIVER, -EBUSY,
			     "1 of 4 blocks are online, the first is memory34");
	ck_assert_uint_eq(bench_writes(), 0);
	bench_write(MEMORY "/memory34/state", "offline");
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_UNBIND_DRIVER, "kmem"), 0);
	bench_assert_driver("dax0.0", NULL);
	ck_assert(!tree_has(bench.root, MEMORY "/memory32"));
}
END_TEST

/* Between the last look and the write, where nobody can look. */
static void online_before_unbind(struct bench *b, const char *path)
{
	if (!strstr(path, "/unbind"))
		return;
	b->before_write = NULL;
	bench_write(MEMORY "/memory34/state", "online_movable");
}

START_TEST(unbind_tells_what_it_left_behind)
{
	bench_host((struct fake_kernel_host){.auto_online = "offline"});
	bench_add(&bench_cxl);
	bench_write(DRIVERS "/kmem/bind", "dax0.0");
	bench.before_write = online_before_unbind;
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_UNBIND_DRIVER, "kmem"), -EBUSY);
	bench_assert_failure(STEP_UNBIND_DRIVER, -EBUSY,
			     "4 of its 4 blocks are still there, the first is memory32 (offline)");
	ck_assert_ptr_nonnull(strstr(bench.failure.message, "stuck until the next boot"));
	ck_assert(!bench.failure.undone);
	bench_assert_driver("dax0.0", NULL);
}
END_TEST

START_TEST(unbind_refuses_going_offline)
{
	bench_host((struct fake_kernel_host){.auto_online = "offline"});
	bench_add(&bench_cxl);
	bench_write(DRIVERS "/kmem/bind", "dax0.0");
	tree_put(bench.root, MEMORY "/memory33/state", "going-offline\n");
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_UNBIND_DRIVER, "kmem"), -EBUSY);
	bench_assert_driver("dax0.0", "kmem");
}
END_TEST

START_TEST(unbind_refuses_unknown_drivers)
{
	bench_host((struct fake_kernel_host){});
	bench_add(&bench_cxl);
	tree_dir(bench.root, DRIVERS "/fsdev_dax");
	tree_link(bench.root, DEVICES "/dax0.0/driver",
		  "../../../../../../../../bus/dax/drivers/fsdev_dax");
	bench_assert_driver("dax0.0", "fsdev_dax");
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_UNBIND_DRIVER, "fsdev_dax"), -EOPNOTSUPP);
	bench_assert_failure(STEP_UNBIND_DRIVER, -EOPNOTSUPP, "fsdev_dax");
}
END_TEST

/* A plan of one step for a device of which no range is known. */
static int without_ranges(enum step_kind kind, const char *value)
{
	struct device_plan plan;
	int r;

	bench_plan(&plan, &bench_cxl);
	plan.n_ranges = 0;
	bench_step(&plan, kind, value);
	r = bench_apply(&plan);
	device_plan_done(&plan);
	return r;
}

/* "No block is online" is not the same as "no block is known". */
START_TEST(unbind_refuses_unknown_ranges)
{
	bench_host((struct fake_kernel_host){});
	bench_add(&bench_cxl);
	bench_write(DRIVERS "/kmem/bind", "dax0.0");
	fake_kernel_clear_log(bench.root);
	ck_assert_int_eq(without_ranges(STEP_UNBIND_DRIVER, "kmem"), -EAGAIN);
	tree_delete(bench.root, DEVICES "/dax0.0/mapping0");
	ck_assert_int_eq(without_ranges(STEP_UNBIND_DRIVER, "kmem"), -EBUSY);
	bench_assert_failure(STEP_UNBIND_DRIVER, -EBUSY, "ranges are not known");
	bench_assert_driver("dax0.0", "kmem");
	ck_assert_uint_eq(bench_writes(), 0);
}
END_TEST

START_TEST(bind_waits_for_ranges)
{
	bench_host((struct fake_kernel_host){});
	bench_add(&bench_cxl);
	tree_delete(bench.root, DEVICES "/dax0.0/mapping0");
	fake_kernel_clear_log(bench.root);
	ck_assert_int_eq(without_ranges(STEP_BIND_KMEM, NULL), -EAGAIN);
	bench_assert_failure(STEP_BIND_KMEM, -EAGAIN, "no address ranges");
	ck_assert_uint_eq(bench_writes(), 0);
}
END_TEST

static void kmem_with_state(void)
{
	bench_host((struct fake_kernel_host){.has_state = true, .auto_online = "offline"});
	bench_add(&bench_cxl);
	bench_write(DRIVERS "/kmem/bind", "dax0.0");
	fake_kernel_clear_log(bench.root);
}

static void online_at_unbind(struct bench *b, const char *path)
{
	if (strstr(path, "/unbind"))
		ck_assert_int_lt(
			fake_kernel_write(b->root, MEMORY "/memory34/state", "online_movable"), 0);
}

/* Somebody brings a block online behind the look at it: there is none left to be stuck. */
START_TEST(unbind_leaves_no_block_to_race_for)
{
	kmem_with_state();
	bench.before_write = online_at_unbind;
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_UNBIND_DRIVER, "kmem"), 0);
	bench_assert_driver("dax0.0", NULL);
	ck_assert(!tree_has(bench.root, MEMORY "/memory34"));
}
END_TEST

START_TEST(unbind_refuses_what_cannot_be_unplugged)
{
	kmem_with_state();
	bench_fault(FAKE_KERNEL_WRITE, 1, 1, "*/state", -EBUSY);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_UNBIND_DRIVER, "kmem"), -EBUSY);
	bench_assert_failure(STEP_UNBIND_DRIVER, -EBUSY, "cannot be removed");
	ck_assert(bench.failure.undone);
	bench_assert_driver("dax0.0", "kmem");
	bench_assert_blocks(&bench_cxl, "offline", "Normal Movable");
}
END_TEST

/* What had been unplugged for the unbind is there again, offline. */
START_TEST(unbind_that_fails_plugs_again)
{
	kmem_with_state();
	bench_fault(FAKE_KERNEL_WRITE, 1, 1, "*/unbind", -EIO);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_UNBIND_DRIVER, "kmem"), -EIO);
	ck_assert(bench.failure.undone);
	ck_assert_str_eq(bench.events, "unbind-driver:undo");
	bench_assert_driver("dax0.0", "kmem");
	bench_assert_reads(DEVICES "/dax0.0/state", "offline");
	bench_assert_blocks(&bench_cxl, "offline", "Normal Movable");
}
END_TEST

/* The device is replaced by another one of its name once its first step is done. */
static void replace_device(struct bench *b, const struct apply_report *report)
{
	struct fake_kernel_device other = bench_pmem;

	if (report->event != APPLY_STEP_BEGIN || report->step != STEP_SET_MEMMAP)
		return;
	other.ranges[0].start += 64 * BLOCK;
	fake_kernel_remove_device(b->root, "dax1.0");
	fake_kernel_add_device(b->root, &other);
	bench_write(DRIVERS "/device_dax/bind", "dax1.0");
}

START_TEST(another_device_is_left_alone_by_an_undo)
{
	static const enum step_kind binds[] = {STEP_BIND_DEVDAX, STEP_PROBE_DEFAULT};
	struct device_plan plan;

	bench_host((struct fake_kernel_host){});
	bench_add(&bench_pmem);
	bench_plan(&plan, &bench_pmem);
	bench_step(&plan, binds[_i], NULL);
	bench_step(&plan, STEP_SET_MEMMAP, "1");
	bench.on_report = replace_device;
	ck_assert_int_eq(bench_apply(&plan), -EAGAIN);
	bench_assert_failure(STEP_SET_MEMMAP, -EAGAIN, "not what the plan was made for");
	ck_assert(bench.failure.undone);
	bench_assert_driver("dax1.0", "device_dax");
	device_plan_done(&plan);
}
END_TEST

TCase *unbind_tests(void)
{
	TCase *tcase = tcase_create("unbind");

	tcase_add_checked_fixture(tcase, bench_setup, bench_teardown);
	tcase_add_test(tcase, unbind_device_dax);
	tcase_add_test(tcase, unbind_of_another_driver_is_not_needed);
	tcase_add_loop_test(tcase, unbind_refuses_a_device_in_use, 0, 2);
	tcase_add_test(tcase, unbind_refuses_kmem_with_memory_online);
	tcase_add_test(tcase, unbind_tells_what_it_left_behind);
	tcase_add_test(tcase, unbind_refuses_going_offline);
	tcase_add_test(tcase, unbind_refuses_unknown_drivers);
	tcase_add_test(tcase, unbind_refuses_unknown_ranges);
	tcase_add_test(tcase, bind_waits_for_ranges);
	tcase_add_test(tcase, unbind_leaves_no_block_to_race_for);
	tcase_add_test(tcase, unbind_refuses_what_cannot_be_unplugged);
	tcase_add_test(tcase, unbind_that_fails_plugs_again);
	tcase_add_loop_test(tcase, another_device_is_left_alone_by_an_undo, 0, 2);
	return tcase;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* set-memmap, and what all steps on a device look at first. */
#include <errno.h>
#include <string.h>

#include "bench.h"
#include "tree.h"

#define KNOB DEVICES "/dax0.0/memmap_on_memory"

/* Every step that acts on the device makes sure that it is the one that was planned for. */
static const struct {
	enum step_kind kind;
	const char *value;
} on_device[] = {
	{STEP_UNBIND_DRIVER, "kmem"},
	{STEP_SET_MEMMAP, "0"},
	{STEP_BIND_KMEM, NULL},
	{STEP_VERIFY, NULL},
	{STEP_ONLINE_BLOCKS, "online_movable"},
	{STEP_BIND_DEVDAX, NULL},
	{STEP_PROBE_DEFAULT, NULL},
};

START_TEST(device_is_gone)
{
	bench_host((struct fake_kernel_host){});
	ck_assert_int_eq(bench_one(&bench_cxl, on_device[_i].kind, on_device[_i].value), -ENODEV);
	bench_assert_failure(on_device[_i].kind, -ENODEV, "dax0.0 is gone");
	ck_assert(bench.failure.undone);
	ck_assert_uint_eq(bench_writes(), 0);
}
END_TEST

START_TEST(device_is_another_one)
{
	struct fake_kernel_device others[] = {bench_cxl, bench_cxl, bench_cxl, bench_cxl};

	others[0].ranges[0].size += BLOCK;
	others[1].ranges[0].start += BLOCK;
	others[2].target_node = 5;
	others[3].ranges[0].size /= 2;
	others[3].ranges[1] = (struct fake_kernel_range){0x8000000000, N_BLOCKS * BLOCK / 2};
	for (size_t i = 0; i < 4; i++) {
		if (i == 0)
			bench_host((struct fake_kernel_host){});
		else
			fake_kernel_remove_device(bench.root, "dax0.0");
		bench_add(&others[i]);
		fake_kernel_clear_log(bench.root);
		ck_assert_int_eq(bench_one(&bench_cxl, on_device[_i].kind, on_device[_i].value),
				 -EAGAIN);
		bench_assert_failure(on_device[_i].kind, -EAGAIN, "not what the plan was made for");
		ck_assert_uint_eq(bench_writes(), 0);
	}
}
END_TEST

START_TEST(ranges_may_come_in_any_order)
{
	struct fake_kernel_device planned = bench_cxl, there = bench_cxl;

	planned.ranges[1] = (struct fake_kernel_range){0x8000000000, BLOCK};
	there.ranges[0] = planned.ranges[1];
	there.ranges[1] = planned.ranges[0];
	bench_host((struct fake_kernel_host){});
	bench_add(&there);
	ck_assert_int_eq(bench_one(&planned, STEP_SET_MEMMAP, "0"), 0);
}
END_TEST

/* As large as planned, and from the same addresses on, and yet not the same memory. */
START_TEST(ranges_may_not_end_elsewhere)
{
	struct fake_kernel_device planned = bench_cxl, there;

	planned.ranges[0].size = 2 * BLOCK;
	planned.ranges[1] = (struct fake_kernel_range){0x8000000000, 2 * BLOCK};
	there = planned;
	there.ranges[0].size = BLOCK;
	there.ranges[1].size = 3 * BLOCK;
	bench_host((struct fake_kernel_host){});
	bench_add(&there);
	ck_assert_int_eq(bench_one(&planned, STEP_SET_MEMMAP, "0"), -EAGAIN);
}
END_TEST

START_TEST(knob_is_set)
{
	bench_host((struct fake_kernel_host){});
	bench_add(&bench_cxl);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_SET_MEMMAP, "0"), 0);
	bench_assert_reads(KNOB, "0");
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_SET_MEMMAP, "0"), 0);
	ck_assert_str_eq(bench.events, "set-memmap:skipped");
	ck_assert_uint_eq(bench_writes(), 1);
}
END_TEST

START_TEST(knob_is_busy_while_bound)
{
	bench_host((struct fake_kernel_host){.auto_online = "offline"});
	bench_add(&bench_cxl);
	bench_write(DRIVERS "/kmem/bind", "dax0.0");
	fake_kernel_clear_log(bench.root);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_SET_MEMMAP, "0"), -EBUSY);
	bench_assert_failure(STEP_SET_MEMMAP, -EBUSY, "unbind it first");
	ck_assert_uint_eq(bench_writes(), 0);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_SET_MEMMAP, "1"), 0);
	ck_assert_str_eq(bench.events, "set-memmap:skipped");
}
END_TEST

START_TEST(knob_without_the_boot_parameter)
{
	bench_host((struct fake_kernel_host){.memmap_param = "N"});
	bench_add(&bench_hmem);
	ck_assert_int_eq(bench_one(&bench_hmem, STEP_SET_MEMMAP, "1"), -EOPNOTSUPP);
	bench_assert_failure(STEP_SET_MEMMAP, -EOPNOTSUPP, "memory_hotplug.memmap_on_memory=1");
	ck_assert_str_eq(bench.failure.path, "/" DEVICES "/dax2.0/memmap_on_memory");
}
END_TEST

START_TEST(knob_is_absent)
{
	bench_host((struct fake_kernel_host){.no_knob = true});
	bench_add(&bench_cxl);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_SET_MEMMAP, "0"), 0);
	ck_assert_str_eq(bench.events, "set-memmap:skipped");
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_SET_MEMMAP, "1"), -EOPNOTSUPP);
	bench_assert_failure(STEP_SET_MEMMAP, -EOPNOTSUPP, "6.9");
}
END_TEST

/* EINTR and EAGAIN are of the moment: a few more tries, but not for ever. */
START_TEST(moments_pass)
{
	int error = _i ? -EAGAIN : -EINTR;

	bench_host((struct fake_kernel_host){});
	bench_add(&bench_cxl);
	bench_fault(FAKE_KERNEL_WRITE, 1, 3, NULL, error);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_SET_MEMMAP, "0"), 0);
	bench_assert_reads(KNOB, "0");
	fake_kernel_clear_faults(bench.root);
	bench_fault(FAKE_KERNEL_WRITE, 1, UINT_MAX, NULL, error);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_SET_MEMMAP, "1"), error);
	ck_assert(bench.failure.undone);
	bench_assert_reads(KNOB, "0");
}
END_TEST

START_TEST(what_was_written_is_read_back)
{
	bench_host((struct fake_kernel_host){});
	bench_add(&bench_hmem);
	/* A write that answers success, and whose value somebody else has overwritten at once. */
	bench_fault(FAKE_KERNEL_WRITE, 1, 1, NULL, 0);
	ck_assert_int_eq(bench_one(&bench_hmem, STEP_SET_MEMMAP, "1"), -EIO);
	bench_assert_failure(STEP_SET_MEMMAP, -EIO, "reads \"0\"");
	ck_assert(bench.failure.undone);
}
END_TEST

TCase *step_tests(void)
{
	const int n = sizeof(on_device) / sizeof(on_device[0]);
	TCase *tcase = tcase_create("steps");

	tcase_add_checked_fixture(tcase, bench_setup, bench_teardown);
	tcase_add_loop_test(tcase, device_is_gone, 0, n);
	tcase_add_loop_test(tcase, device_is_another_one, 0, n);
	tcase_add_test(tcase, ranges_may_come_in_any_order);
	tcase_add_test(tcase, ranges_may_not_end_elsewhere);
	tcase_add_test(tcase, knob_is_set);
	tcase_add_test(tcase, knob_is_busy_while_bound);
	tcase_add_test(tcase, knob_without_the_boot_parameter);
	tcase_add_test(tcase, knob_is_absent);
	tcase_add_loop_test(tcase, moments_pass, 0, 2);
	tcase_add_test(tcase, what_was_written_is_read_back);
	return tcase;
}

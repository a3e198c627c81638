/* SPDX-License-Identifier: GPL-2.0-or-later */
/* load-module, unbind-driver and set-memmap one by one. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "tree.h"

#define KNOB DEVICES "/dax0.0/memmap_on_memory"

START_TEST(module_is_loaded)
{
	bench_host((struct fake_kernel_host){.no_kmem = true});
	bench_add(&bench_cxl);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_LOAD_MODULE, "kmem"), 0);
	ck_assert_str_eq(bench.events, "load-module:done");
	ck_assert(tree_has(bench.root, DRIVERS "/kmem"));
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_LOAD_MODULE, "kmem"), 0);
	ck_assert_str_eq(bench.events, "load-module:skipped");
}
END_TEST

/* Two devices wait; only one is planned for, and loading the driver binds neither. */
static void two_wait_for_kmem(void)
{
	bench_host((struct fake_kernel_host){.no_kmem = true});
	bench_write(AUTOPROBE, "1");
	bench_add(&bench_cxl);
	bench_add(&bench_hmem);
	fake_kernel_clear_log(bench.root);
}

START_TEST(module_binds_nothing)
{
	two_wait_for_kmem();
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_LOAD_MODULE, "kmem"), 0);
	ck_assert(tree_has(bench.root, DRIVERS "/kmem"));
	bench_assert_driver("dax0.0", NULL);
	bench_assert_driver("dax2.0", NULL);
	bench_assert_reads(AUTOPROBE, "1");
	bench_assert_no_records();
	ck_assert_uint_eq(bench_writes(), 2);
}
END_TEST

START_TEST(module_binds_nothing_when_it_fails)
{
	two_wait_for_kmem();
	bench.module_error = -ENOENT;
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_LOAD_MODULE, "kmem"), -ENOENT);
	bench_assert_failure(STEP_LOAD_MODULE, -ENOENT, "CONFIG_DEV_DAX_KMEM");
	ck_assert(bench.failure.undone);
	bench_assert_reads(AUTOPROBE, "1");
	bench_assert_no_records();
}
END_TEST

/* The claim has seen to it, and its record stays the claim's. */
START_TEST(module_leaves_the_claim_alone)
{
	two_wait_for_kmem();
	ck_assert_int_eq(apply_claim(&bench.applier), APPLY_CLAIM_TAKEN);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_LOAD_MODULE, "kmem"), 0);
	bench_assert_reads(AUTOPROBE, "0");
	bench_assert_reads("run/dax-autoprobe", "old=1");
	ck_assert_uint_eq(bench_writes(), 1);
	ck_assert_int_eq(apply_restore(&bench.applier), 0);
	bench_assert_reads(AUTOPROBE, "1");
}
END_TEST

static void die(struct bench *b)
{
	raise(SIGKILL);
}

/*
 * A worker that is killed while the module loads: what it held is put back by whoever comes next,
 * whether that restores, claims, or loads a module for another plan, and with or without a claim
 * that somebody had undone.
 */
START_TEST(killed_while_a_module_loads)
{
	bool claimed = _i & 1;
	int status;
	pid_t pid;

	two_wait_for_kmem();
	if (claimed) {
		ck_assert_int_eq(apply_claim(&bench.applier), APPLY_CLAIM_TAKEN);
		bench_write(AUTOPROBE, "1");
	}
	pid = fork();
	if (pid == 0) {
		bench.before_load = die;
		bench_one(&bench_cxl, STEP_LOAD_MODULE, "kmem");
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	bench_assert_reads(AUTOPROBE, "0");
	bench_assert_reads("run/dax-autoprobe-plan", "old=1");

	switch (_i / 2) {
	case 0:
		ck_assert_int_eq(apply_restore_auto_online(&bench.applier), 0);
		bench_assert_reads(AUTOPROBE, "1");
		break;
	case 1:
		ck_assert_int_eq(apply_claim(&bench.applier),
				 claimed ? APPLY_CLAIM_RESUMED : APPLY_CLAIM_TAKEN);
		bench_assert_reads(AUTOPROBE, "0");
		bench_assert_reads("run/dax-autoprobe", "old=1");
		break;
	case 2:
		ck_assert_int_eq(bench_one(&bench_cxl, STEP_LOAD_MODULE, "kmem"), 0);
		bench_assert_driver("dax0.0", NULL);
		bench_assert_reads(AUTOPROBE, "1");
		break;
	case 3:
		ck_assert_int_eq(apply_unclaim(&bench.applier), 0);
		ck_assert_int_eq(apply_restore(&bench.applier), 0);
		break;
	}
	ck_assert(!tree_has(bench.root, "run/dax-autoprobe-plan"));
	ck_assert_int_eq(apply_restore(&bench.applier), 0);
	bench_assert_reads(AUTOPROBE, "1");
	ck_assert(!tree_has(bench.root, "run/dax-autoprobe"));
	bench_assert_no_records();
}
END_TEST

/* It is loaded, and what was held cannot be put back at first. */
START_TEST(module_and_autoprobe_that_stays)
{
	two_wait_for_kmem();
	bench_fault(FAKE_KERNEL_WRITE, 2, 1, NULL, -EIO);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_LOAD_MODULE, "kmem"), -EIO);
	bench_assert_failure(STEP_LOAD_MODULE, -EIO, "drivers_autoprobe");
	ck_assert(bench.failure.undone);
	ck_assert_str_eq(bench.events, "load-module:undo");
	bench_assert_reads(AUTOPROBE, "1");
	bench_assert_no_records();
}
END_TEST

static const struct {
	int error;
	const char *text;
} module_errors[] = {
	{-ENOENT, "CONFIG_DEV_DAX_KMEM"},
	{-EPERM, "CAP_SYS_MODULE"},
	{-ENOMEM, "modprobe kmem"},
};

START_TEST(module_is_refused)
{
	bench_host((struct fake_kernel_host){.no_kmem = true});
	bench_add(&bench_cxl);
	bench.module_error = module_errors[_i].error;
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_LOAD_MODULE, "kmem"), module_errors[_i].error);
	bench_assert_failure(STEP_LOAD_MODULE, module_errors[_i].error, module_errors[_i].text);
	ck_assert_ptr_nonnull(
		strstr(bench.failure.message, module_errors[_i].error == -ENOENT  ? "ENOENT"
					      : module_errors[_i].error == -EPERM ? "EPERM"
										  : "ENOMEM"));
	ck_assert(bench.failure.undone);
}
END_TEST

START_TEST(module_without_its_driver)
{
	bench_host((struct fake_kernel_host){.no_kmem = true});
	bench_add(&bench_cxl);
	bench.module_inert = true;
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_LOAD_MODULE, "kmem"), -EIO);
	bench_assert_failure(STEP_LOAD_MODULE, -EIO, "no driver of that name");
}
END_TEST

/* libkmod itself, on whatever machine this is. */
START_TEST(kmod_knows_no_such_module)
{
	ck_assert_int_eq(module_kmod_ops.load(NULL, "daxtier_has_no_such_module"), -ENOENT);
}
END_TEST

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
	bench_assert_failure(STEP_SET_MEMMAP, -EOPNOTSUPP, "6.8");
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
	tcase_add_test(tcase, module_is_loaded);
	tcase_add_test(tcase, module_binds_nothing);
	tcase_add_test(tcase, module_binds_nothing_when_it_fails);
	tcase_add_test(tcase, module_leaves_the_claim_alone);
	tcase_add_loop_test(tcase, killed_while_a_module_loads, 0, 8);
	tcase_add_test(tcase, module_and_autoprobe_that_stays);
	tcase_add_loop_test(tcase, module_is_refused, 0,
			    sizeof(module_errors) / sizeof(module_errors[0]));
	tcase_add_test(tcase, module_without_its_driver);
	tcase_add_test(tcase, kmod_knows_no_such_module);
	tcase_add_test(tcase, unbind_device_dax);
	tcase_add_test(tcase, unbind_of_another_driver_is_not_needed);
	tcase_add_loop_test(tcase, unbind_refuses_a_device_in_use, 0, 2);
	tcase_add_test(tcase, unbind_refuses_kmem_with_memory_online);
	tcase_add_test(tcase, unbind_refuses_going_offline);
	tcase_add_test(tcase, unbind_refuses_unknown_drivers);
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

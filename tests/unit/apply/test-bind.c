/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bind-kmem, bind-devdax and probe-default one by one. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "tree.h"

static bool has_id(const char *driver, const char *device)
{
	char path[96];

	snprintf(path, sizeof(path), ".fake-kernel/ids/%s/%s", driver, device);
	return tree_has(bench.root, path);
}

START_TEST(bind_cxl)
{
	bench_host((struct fake_kernel_host){});
	bench_add(&bench_cxl);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_BIND_KMEM, NULL), 0);
	bench_assert_driver("dax0.0", "kmem");
	ck_assert_uint_eq(bench_writes(), 1);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_BIND_KMEM, NULL), 0);
	ck_assert_str_eq(bench.events, "bind-kmem:skipped");
	ck_assert_uint_eq(bench_writes(), 1);
}
END_TEST

START_TEST(bind_needs_it_unbound)
{
	bench_host((struct fake_kernel_host){});
	bench_add(&bench_pmem);
	bench_write(DRIVERS "/device_dax/bind", "dax1.0");
	ck_assert_int_eq(bench_one(&bench_pmem, STEP_BIND_KMEM, NULL), -EBUSY);
	bench_assert_failure(STEP_BIND_KMEM, -EBUSY, "bound to device_dax");
	bench_assert_driver("dax1.0", "device_dax");
}
END_TEST

START_TEST(bind_without_kmem)
{
	bench_host((struct fake_kernel_host){.no_kmem = true});
	bench_add(&bench_cxl);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_BIND_KMEM, NULL), -ENOENT);
	bench_assert_failure(STEP_BIND_KMEM, -ENOENT, "CONFIG_DEV_DAX_KMEM");
}
END_TEST

START_TEST(bind_without_a_node)
{
	struct fake_kernel_device device = bench_cxl;

	device.target_node = -1;
	bench_host((struct fake_kernel_host){});
	bench_add(&device);
	ck_assert_int_eq(bench_one(&device, STEP_BIND_KMEM, NULL), -EINVAL);
	bench_assert_failure(STEP_BIND_KMEM, -EINVAL, "NUMA node");
	ck_assert_uint_eq(bench_writes(), 0);
}
END_TEST

START_TEST(bind_without_a_whole_block)
{
	struct fake_kernel_device device = bench_cxl;

	device.ranges[0].start += BLOCK / 2;
	device.ranges[0].size = BLOCK;
	bench_host((struct fake_kernel_host){});
	bench_add(&device);
	ck_assert_int_eq(bench_one(&device, STEP_BIND_KMEM, NULL), -EINVAL);
	bench_assert_failure(STEP_BIND_KMEM, -EINVAL, "whole memory block of 128 MiB");
	ck_assert_uint_eq(bench_writes(), 0);
}
END_TEST

START_TEST(bind_without_memory_for_the_memmap)
{
	struct fake_kernel_device device = bench_cxl;

	device.ranges[0].size = 128 * FAKE_KERNEL_GIB;
	bench_host((struct fake_kernel_host){.dram = FAKE_KERNEL_GIB, .memmap_param = "N"});
	bench_add(&device);
	ck_assert_int_eq(bench_one(&device, STEP_BIND_KMEM, NULL), -ENOMEM);
	bench_assert_failure(STEP_BIND_KMEM, -ENOMEM, "memmap takes 2 GiB of DRAM");
}
END_TEST

START_TEST(bind_over_stuck_memory)
{
	bench_host((struct fake_kernel_host){});
	bench_add(&bench_cxl);
	bench_write(DRIVERS "/kmem/bind", "dax0.0");
	fake_kernel_remove_device(bench.root, "dax0.0");
	bench_add(&bench_cxl);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_BIND_KMEM, NULL), -EBUSY);
	bench_assert_failure(STEP_BIND_KMEM, -EBUSY, "/proc/iomem");
	ck_assert(bench.failure.undone);
}
END_TEST

static const struct {
	int error;
	const char *text;
} probe_errors[] = {
	{-EINVAL, "mode = ignore"},	  {-EEXIST, "stuck until the next boot"},
	{-E2BIG, "beyond the addresses"}, {-ENOSPC, "ENOSPC"},
	{-ENXIO, "kernel's log"},
};

START_TEST(bind_fails_in_the_probe)
{
	bench_host((struct fake_kernel_host){});
	bench_add(&bench_cxl);
	fake_kernel_fail_probe(bench.root, "dax0.0", probe_errors[_i].error);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_BIND_KMEM, NULL), probe_errors[_i].error);
	bench_assert_failure(STEP_BIND_KMEM, probe_errors[_i].error, probe_errors[_i].text);
	ck_assert_str_eq(bench.failure.path, "/" DRIVERS "/kmem/bind");
}
END_TEST

/* kmem does not match a pmem device by its type. */
START_TEST(bind_pmem_by_id)
{
	bench_host((struct fake_kernel_host){});
	bench_add(&bench_pmem);
	ck_assert_int_eq(bench_one(&bench_pmem, STEP_BIND_KMEM, NULL), 0);
	bench_assert_driver("dax1.0", "kmem");
	ck_assert(!has_id("kmem", "dax1.0"));
	bench_assert_no_records();
}
END_TEST

START_TEST(bind_by_id_spares_bystanders)
{
	bench_host((struct fake_kernel_host){});
	bench_add(&bench_pmem);
	bench_add(&bench_cxl);
	bench_add(&bench_hmem);
	ck_assert_int_eq(bench_one(&bench_pmem, STEP_BIND_KMEM, NULL), -EBUSY);
	bench_assert_failure(STEP_BIND_KMEM, -EBUSY, "dax0.0, dax2.0");
	bench_assert_driver("dax0.0", NULL);
	bench_assert_driver("dax2.0", NULL);
	ck_assert(!has_id("kmem", "dax1.0"));

	bench_write(DRIVERS "/kmem/bind", "dax0.0");
	bench_write(DRIVERS "/kmem/bind", "dax2.0");
	ck_assert_int_eq(bench_one(&bench_pmem, STEP_BIND_KMEM, NULL), 0);
}
END_TEST

/* Another pmem device is not matched by kmem either. */
START_TEST(bind_by_id_past_another_pmem)
{
	struct fake_kernel_device other = bench_pmem;

	other.name = "dax3.0";
	other.ranges[0].start = 128 * BLOCK;
	bench_host((struct fake_kernel_host){});
	bench_add(&bench_pmem);
	bench_add(&other);
	ck_assert_int_eq(bench_one(&bench_pmem, STEP_BIND_KMEM, NULL), 0);
	bench_assert_driver("dax3.0", NULL);
}
END_TEST

static void arrive_at_new_id(struct bench *b, const char *path)
{
	if (!strstr(path, "/new_id"))
		return;
	b->before_write = NULL;
	bench_add(&bench_cxl);
}

static void assert_bystander_is_offline(void)
{
	bench_assert_driver("dax1.0", "kmem");
	bench_assert_driver("dax0.0", "kmem");
	bench_assert_blocks(&bench_cxl, "offline", "Normal Movable");
	bench_assert_no_records();
}

/* A device that appears behind the look for bystanders is bound along, but not brought online, and
 * what the plan is for is. */
START_TEST(bind_by_id_brings_no_newcomer_online)
{
	static const char *const policies[] = {"online", "online_movable", "offline"};
	struct device_plan plan;

	bench_host((struct fake_kernel_host){.auto_online = policies[_i]});
	bench_add(&bench_pmem);
	bench.before_write = arrive_at_new_id;
	bench_plan(&plan, &bench_pmem);
	bench_step(&plan, STEP_HOLD_AUTO_ONLINE, "online_movable");
	bench_step(&plan, STEP_BIND_KMEM, NULL);
	bench_step(&plan, STEP_RESTORE_AUTO_ONLINE, NULL);
	bench_step(&plan, STEP_ONLINE_BLOCKS, "online_movable");
	bench_step(&plan, STEP_VERIFY, "Movable");
	ck_assert_int_eq(bench_apply(&plan), 0);
	assert_bystander_is_offline();
	bench_assert_blocks(&bench_pmem, "online", "Movable");
	bench_assert_reads(AUTO_ONLINE, policies[_i]);
	device_plan_done(&plan);
}
END_TEST

/* The same where the plan holds nothing itself. */
START_TEST(bind_by_id_holds_by_itself)
{
	bench_host((struct fake_kernel_host){});
	bench_add(&bench_pmem);
	bench.before_write = arrive_at_new_id;
	ck_assert_int_eq(bench_one(&bench_pmem, STEP_BIND_KMEM, NULL), 0);
	assert_bystander_is_offline();
	bench_assert_blocks(&bench_pmem, "offline", "Normal Movable");
	bench_assert_reads(AUTO_ONLINE, "online");
}
END_TEST

START_TEST(bind_by_id_and_policy_that_stays)
{
	bench_host((struct fake_kernel_host){});
	bench_add(&bench_pmem);
	bench_fault(FAKE_KERNEL_WRITE, 2, 1, "*auto_online_blocks", -EIO);
	ck_assert_int_eq(bench_one(&bench_pmem, STEP_BIND_KMEM, NULL), -EIO);
	bench_assert_failure(STEP_BIND_KMEM, -EIO, "auto_online_blocks");
	ck_assert(bench.failure.undone);
	ck_assert_str_eq(bench.events, "hold-auto-online:undo bind-kmem:undo");
	bench_assert_driver("dax1.0", NULL);
	bench_assert_reads(AUTO_ONLINE, "online");
	bench_assert_no_records();
}
END_TEST

/* new_id says nothing of the probe; bind does. */
START_TEST(bind_by_id_tells_why_it_failed)
{
	bench_host((struct fake_kernel_host){});
	bench_add(&bench_pmem);
	fake_kernel_fail_probe(bench.root, "dax1.0", -ENOMEM);
	ck_assert_int_eq(bench_one(&bench_pmem, STEP_BIND_KMEM, NULL), -ENOMEM);
	bench_assert_failure(STEP_BIND_KMEM, -ENOMEM, "not enough free memory");
	ck_assert(!has_id("kmem", "dax1.0"));
	bench_assert_no_records();
	ck_assert(bench.failure.undone);
}
END_TEST

START_TEST(id_that_stays_is_told_and_remembered)
{
	bench_host((struct fake_kernel_host){});
	bench_add(&bench_pmem);
	bench_fault(FAKE_KERNEL_WRITE, 1, 1, "*remove_id", -EIO);
	ck_assert_int_eq(bench_one(&bench_pmem, STEP_BIND_KMEM, NULL), 0);
	ck_assert_str_eq(bench.events, "bind-kmem:undo-failed bind-kmem:done");
	ck_assert_ptr_nonnull(strstr(bench.message, "cannot take dax1.0 off the ids"));
	ck_assert(has_id("kmem", "dax1.0"));
	ck_assert(tree_has(bench.root, "run/dax-new-id"));

	ck_assert_int_eq(apply_restore(&bench.applier), 0);
	ck_assert(!has_id("kmem", "dax1.0"));
	bench_assert_no_records();
}
END_TEST

/* The next one to use new_id cleans up behind the one that was killed. */
START_TEST(id_left_behind_is_taken_off_first)
{
	bench_host((struct fake_kernel_host){});
	bench_add(&bench_pmem);
	tree_put(bench.root, ".fake-kernel/ids/kmem/dax7.0", "");
	tree_put(bench.root, "run/dax-new-id", "driver=kmem\ndevice=dax7.0\n");
	ck_assert_int_eq(bench_one(&bench_pmem, STEP_BIND_KMEM, NULL), 0);
	ck_assert(!has_id("kmem", "dax7.0"));
	bench_assert_no_records();
}
END_TEST

static const char *const bad_records[] = {
	"",
	"driver=kmem\n",
	"driver=../../x\ndevice=dax0.0\n",
	"driver=kmem\ndevice=sda\n",
	"driver=kmem\ndevice=dax0.0\nmore\n",
};

START_TEST(id_record_that_makes_no_sense)
{
	bench_host((struct fake_kernel_host){});
	bench_add(&bench_pmem);
	tree_put(bench.root, "run/dax-new-id", bad_records[_i]);
	ck_assert_int_eq(apply_restore(&bench.applier), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(bench.message, "run/dax-new-id"));
	ck_assert_int_eq(bench_one(&bench_pmem, STEP_BIND_KMEM, NULL), -EBADMSG);
	bench_assert_failure(STEP_BIND_KMEM, -EBADMSG, "makes no sense");
	ck_assert(tree_has(bench.root, "run/dax-new-id"));
	bench_assert_driver("dax1.0", NULL);
}
END_TEST

/* Before 6.3 device_dax takes every device, and kmem none but by id. */
START_TEST(bind_cxl_by_id_on_old_kernels)
{
	bench_host((struct fake_kernel_host){.match_always = true, .no_knob = true});
	bench_add(&bench_hmem);
	ck_assert_int_eq(bench_one(&bench_hmem, STEP_BIND_KMEM, NULL), 0);
	bench_assert_driver("dax2.0", "kmem");
}
END_TEST

START_TEST(devdax_by_type)
{
	bench_host((struct fake_kernel_host){});
	bench_add(&bench_pmem);
	ck_assert_int_eq(bench_one(&bench_pmem, STEP_BIND_DEVDAX, NULL), 0);
	bench_assert_driver("dax1.0", "device_dax");
	ck_assert_uint_eq(bench_writes(), 1);
	ck_assert_int_eq(bench_one(&bench_pmem, STEP_BIND_DEVDAX, NULL), 0);
	ck_assert_str_eq(bench.events, "bind-devdax:skipped");
}
END_TEST

START_TEST(devdax_by_id)
{
	bench_host((struct fake_kernel_host){});
	bench_add(&bench_cxl);
	bench_add(&bench_pmem);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_BIND_DEVDAX, NULL), -EBUSY);
	bench_assert_failure(STEP_BIND_DEVDAX, -EBUSY, "dax1.0");
	bench_write(DRIVERS "/device_dax/bind", "dax1.0");
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_BIND_DEVDAX, NULL), 0);
	bench_assert_driver("dax0.0", "device_dax");
	ck_assert(!has_id("device_dax", "dax0.0"));
}
END_TEST

/* Those that wait for kmem are not of its type. */
START_TEST(devdax_by_id_past_kmem_devices)
{
	struct fake_kernel_device other = bench_cxl;

	other.name = "dax4.0";
	other.region = "region4";
	other.ranges[0].start = 128 * BLOCK;
	other.serials[0] = 0xabc4;
	bench_host((struct fake_kernel_host){});
	bench_add(&bench_cxl);
	bench_add(&bench_hmem);
	bench_add(&other);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_BIND_DEVDAX, NULL), 0);
	bench_assert_driver("dax0.0", "device_dax");
	bench_assert_driver("dax2.0", NULL);
	bench_assert_driver("dax4.0", NULL);
}
END_TEST

START_TEST(devdax_needs_it_unbound)
{
	bench_host((struct fake_kernel_host){});
	bench_add(&bench_cxl);
	bench_write(DRIVERS "/kmem/bind", "dax0.0");
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_BIND_DEVDAX, NULL), -EBUSY);
	bench_assert_driver("dax0.0", "kmem");
}
END_TEST

START_TEST(default_driver)
{
	bench_host((struct fake_kernel_host){});
	bench_add(&bench_pmem);
	ck_assert_int_eq(bench_one(&bench_pmem, STEP_PROBE_DEFAULT, NULL), 0);
	bench_assert_driver("dax1.0", "device_dax");
	ck_assert_ptr_nonnull(strstr(bench.message, "device_dax"));
	ck_assert_int_eq(bench_one(&bench_pmem, STEP_PROBE_DEFAULT, NULL), 0);
	ck_assert_str_eq(bench.events, "probe-default:skipped");
	ck_assert_uint_eq(bench_writes(), 1);
}
END_TEST

START_TEST(default_driver_may_be_none)
{
	bench_host((struct fake_kernel_host){.no_kmem = true});
	bench_add(&bench_cxl);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_PROBE_DEFAULT, NULL), 0);
	ck_assert_str_eq(bench.events, "probe-default:done");
	ck_assert_str_eq(bench.message, "no driver wants dax0.0");
}
END_TEST

/* It is the host's policy that an unmanaged device meets, not what a dead worker held. */
START_TEST(default_driver_sees_the_hosts_policy)
{
	bench_host((struct fake_kernel_host){.auto_online = "online_movable"});
	bench_add(&bench_cxl);
	tree_put(bench.root, "run/auto-online", "old=offline\nheld=online_movable\n");
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_PROBE_DEFAULT, NULL), 0);
	bench_assert_blocks(&bench_cxl, "offline", "Normal Movable");
	bench_assert_no_records();
}
END_TEST

TCase *bind_tests(void)
{
	TCase *tcase = tcase_create("bind");

	tcase_add_checked_fixture(tcase, bench_setup, bench_teardown);
	tcase_add_test(tcase, bind_cxl);
	tcase_add_test(tcase, bind_needs_it_unbound);
	tcase_add_test(tcase, bind_without_kmem);
	tcase_add_test(tcase, bind_without_a_node);
	tcase_add_test(tcase, bind_without_a_whole_block);
	tcase_add_test(tcase, bind_without_memory_for_the_memmap);
	tcase_add_test(tcase, bind_over_stuck_memory);
	tcase_add_loop_test(tcase, bind_fails_in_the_probe, 0,
			    sizeof(probe_errors) / sizeof(probe_errors[0]));
	tcase_add_test(tcase, bind_pmem_by_id);
	tcase_add_test(tcase, bind_by_id_spares_bystanders);
	tcase_add_test(tcase, bind_by_id_past_another_pmem);
	tcase_add_loop_test(tcase, bind_by_id_brings_no_newcomer_online, 0, 3);
	tcase_add_test(tcase, bind_by_id_holds_by_itself);
	tcase_add_test(tcase, bind_by_id_and_policy_that_stays);
	tcase_add_test(tcase, bind_by_id_tells_why_it_failed);
	tcase_add_test(tcase, id_that_stays_is_told_and_remembered);
	tcase_add_test(tcase, id_left_behind_is_taken_off_first);
	tcase_add_loop_test(tcase, id_record_that_makes_no_sense, 0,
			    sizeof(bad_records) / sizeof(bad_records[0]));
	tcase_add_test(tcase, bind_cxl_by_id_on_old_kernels);
	tcase_add_test(tcase, devdax_by_type);
	tcase_add_test(tcase, devdax_by_id);
	tcase_add_test(tcase, devdax_by_id_past_kmem_devices);
	tcase_add_test(tcase, devdax_needs_it_unbound);
	tcase_add_test(tcase, default_driver);
	tcase_add_test(tcase, default_driver_may_be_none);
	tcase_add_test(tcase, default_driver_sees_the_hosts_policy);
	return tcase;
}

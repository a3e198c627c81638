/* SPDX-License-Identifier: GPL-2.0-or-later */
/* online-blocks and verify one by one. */
#include <errno.h>
#include <string.h>

#include "bench.h"
#include "tree.h"

/* Bound, with every block offline. */
static void bound(struct fake_kernel_host host)
{
	host.auto_online = "offline";
	bench_host(host);
	bench_add(&bench_cxl);
	bench_write(DRIVERS "/kmem/bind", "dax0.0");
	fake_kernel_clear_log(bench.root);
}

START_TEST(all_offline)
{
	bound((struct fake_kernel_host){});
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_ONLINE_BLOCKS, "online_movable"), 0);
	bench_assert_blocks(&bench_cxl, "online", "Movable");
	ck_assert_uint_eq(bench_writes(), N_BLOCKS);
	ck_assert_uint_eq(bench.blocks_done, N_BLOCKS);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_ONLINE_BLOCKS, "online_movable"), 0);
	ck_assert_str_eq(bench.events, "online-blocks:skipped");
	ck_assert_uint_eq(bench_writes(), N_BLOCKS);
}
END_TEST

START_TEST(kernel_zone)
{
	bound((struct fake_kernel_host){});
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_ONLINE_BLOCKS, "online_kernel"), 0);
	bench_assert_blocks(&bench_cxl, "online", "Normal");
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_VERIFY, "kernel"), 0);
}
END_TEST

START_TEST(only_what_is_offline)
{
	bound((struct fake_kernel_host){});
	bench_write(MEMORY "/memory33/state", "online_kernel");
	fake_kernel_clear_log(bench.root);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_ONLINE_BLOCKS, "online_movable"), 0);
	ck_assert_uint_eq(bench_writes(), N_BLOCKS - 1);
	bench_assert_reads(MEMORY "/memory33/valid_zones", "Normal");
}
END_TEST

static void online_movable_first(struct bench *b, const char *path)
{
	b->before_write = NULL;
	fake_kernel_write(b->root, path, "online_movable");
}

static void online_kernel_first(struct bench *b, const char *path)
{
	b->before_write = NULL;
	fake_kernel_write(b->root, path, "online_kernel");
}

START_TEST(somebody_else_was_faster)
{
	bound((struct fake_kernel_host){});
	bench.before_write = online_movable_first;
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_ONLINE_BLOCKS, "online_movable"), 0);
	bench_assert_blocks(&bench_cxl, "online", "Movable");
}
END_TEST

START_TEST(somebody_else_was_faster_and_wrong)
{
	bound((struct fake_kernel_host){});
	bench.before_write = online_kernel_first;
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_ONLINE_BLOCKS, "online_movable"), -EEXIST);
	bench_assert_failure(STEP_ONLINE_BLOCKS, -EEXIST, "memory32");
	/* The others are online all the same. */
	bench_assert_reads(MEMORY "/memory35/valid_zones", "Movable");
}
END_TEST

/* A write that has no effect looks as one that was undone before it is read back. */
START_TEST(taken_back_at_once)
{
	bound((struct fake_kernel_host){});
	bench_fault(FAKE_KERNEL_WRITE, 1, UINT_MAX, "*/memory33/state", 0);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_ONLINE_BLOCKS, "online_movable"), -EAGAIN);
	bench_assert_failure(STEP_ONLINE_BLOCKS, -EAGAIN, "offline again");
	ck_assert_str_eq(bench.failure.path, "/" MEMORY "/memory33/state");
	bench_assert_reads(MEMORY "/memory35/state", "online");
}
END_TEST

START_TEST(refused_zone)
{
	bound((struct fake_kernel_host){});
	bench_fault(FAKE_KERNEL_WRITE, 1, 1, NULL, -EINVAL);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_ONLINE_BLOCKS, "online_movable"), -EINVAL);
	bench_assert_failure(STEP_ONLINE_BLOCKS, -EINVAL, "valid_zones");
	ck_assert_str_eq(bench.failure.path, "/" MEMORY "/memory32/state");
}
END_TEST

START_TEST(bad_pages_cost_their_block_only)
{
	bound((struct fake_kernel_host){});
	fake_kernel_poison_block(bench.root, 33);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_ONLINE_BLOCKS, "online_movable"), -EHWPOISON);
	bench_assert_failure(STEP_ONLINE_BLOCKS, -EHWPOISON, "memory33");
	ck_assert_uint_eq(bench.blocks_done, N_BLOCKS - 1);
	bench_assert_reads(MEMORY "/memory33/state", "offline");
	bench_assert_reads(MEMORY "/memory35/state", "online");
}
END_TEST

START_TEST(several_failures_are_counted)
{
	bound((struct fake_kernel_host){});
	fake_kernel_poison_block(bench.root, 32);
	fake_kernel_poison_block(bench.root, 34);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_ONLINE_BLOCKS, "online_movable"), -EHWPOISON);
	bench_assert_failure(STEP_ONLINE_BLOCKS, -EHWPOISON, "2 of 4 blocks of dax0.0 are online");
}
END_TEST

/* Without memory the next block would fare no better. */
START_TEST(no_memory_stops_it)
{
	bound((struct fake_kernel_host){});
	bench_fault(FAKE_KERNEL_WRITE, 2, UINT_MAX, NULL, -ENOMEM);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_ONLINE_BLOCKS, "online_movable"), -ENOMEM);
	ck_assert_uint_eq(bench_writes(), 2);
	ck_assert_uint_eq(bench.blocks_done, 1);
}
END_TEST

START_TEST(not_ours_any_more)
{
	bench_host((struct fake_kernel_host){});
	bench_add(&bench_cxl);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_ONLINE_BLOCKS, "online_movable"), -EAGAIN);
	bench_assert_failure(STEP_ONLINE_BLOCKS, -EAGAIN, "not bound to kmem");
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_VERIFY, NULL), -EAGAIN);
}
END_TEST

START_TEST(progress_is_told_a_hundred_times)
{
	struct fake_kernel_device device = bench_cxl;

	device.ranges[0].size = 450 * BLOCK;
	bench_host((struct fake_kernel_host){.auto_online = "offline"});
	bench_add(&device);
	bench_write(DRIVERS "/kmem/bind", "dax0.0");
	ck_assert_int_eq(bench_one(&device, STEP_ONLINE_BLOCKS, "online_movable"), 0);
	ck_assert_uint_eq(bench.blocks_done, 450);
	ck_assert_uint_eq(bench.blocks_total, 450);
	ck_assert_uint_le(bench.n_blocks_reports, 101);
	ck_assert_uint_ge(bench.n_blocks_reports, 50);
}
END_TEST

/* 7.3: all at once, but only from "unplugged". */
START_TEST(unplugged_device_goes_through_its_state)
{
	bound((struct fake_kernel_host){.has_state = true});
	bench_write(DEVICES "/dax0.0/state", "unplugged");
	fake_kernel_clear_log(bench.root);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_ONLINE_BLOCKS, "online_movable"), 0);
	bench_assert_blocks(&bench_cxl, "online", "Movable");
	bench_assert_reads(DEVICES "/dax0.0/state", "online_movable");
	ck_assert_uint_eq(bench_writes(), 1);
}
END_TEST

START_TEST(offline_device_with_state_goes_by_blocks)
{
	bound((struct fake_kernel_host){.has_state = true});
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_ONLINE_BLOCKS, "online_movable"), 0);
	bench_assert_blocks(&bench_cxl, "online", "Movable");
	bench_assert_reads(DEVICES "/dax0.0/state", "offline");
}
END_TEST

START_TEST(unplugged_device_is_refused)
{
	bound((struct fake_kernel_host){.has_state = true});
	bench_write(DEVICES "/dax0.0/state", "unplugged");
	bench_fault(FAKE_KERNEL_WRITE, 1, 1, NULL, -ENOMEM);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_ONLINE_BLOCKS, "online_movable"), -ENOMEM);
	bench_assert_failure(STEP_ONLINE_BLOCKS, -ENOMEM, "reads \"unplugged\"");
}
END_TEST

START_TEST(verify_finds_the_wrong_zone)
{
	bound((struct fake_kernel_host){});
	bench_write(MEMORY "/memory32/state", "online_movable");
	bench_write(MEMORY "/memory33/state", "online_kernel");
	bench_write(MEMORY "/memory34/state", "online_movable");
	bench_write(MEMORY "/memory35/state", "online_movable");
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_VERIFY, "Movable"), -EEXIST);
	bench_assert_failure(STEP_VERIFY, -EEXIST, "memory33 is Normal");
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_VERIFY, "kernel"), -EEXIST);
	bench_assert_failure(STEP_VERIFY, -EEXIST, "3 of 4 blocks");
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_VERIFY, NULL), 0);
	ck_assert_uint_eq(bench.blocks_done, N_BLOCKS);
}
END_TEST

START_TEST(verify_finds_offline_blocks)
{
	bound((struct fake_kernel_host){});
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_VERIFY, "Movable"), -EAGAIN);
	bench_assert_failure(STEP_VERIFY, -EAGAIN,
			     "memory32 is offline, memory33 is offline, memory34 is offline, …");
	ck_assert_uint_eq(bench.blocks_done, 0);
}
END_TEST

START_TEST(verify_finds_absent_blocks)
{
	bound((struct fake_kernel_host){});
	tree_delete(bench.root, MEMORY "/memory33");
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_VERIFY, NULL), -EIO);
	bench_assert_failure(STEP_VERIFY, -EIO, "memory33 is absent");
}
END_TEST

#define MEMINFO "sys/devices/system/node/node1/meminfo"

static const struct {
	const char *meminfo, *param;
	int result;
} totals[] = {
	/* 4 blocks of 128 MiB less 1/64 are 516096 KiB. */
	{"Node 1 MemTotal:       516096 kB\n", "Y", 0},
	{"Node 1 MemTotal:       516095 kB\nNode 1 MemFree: 600000 kB\n", "Y", -EIO},
	{"Node 1 MemTotal:       516095 kB\n", "force", 0},
	{"Node 1 MemTotal:       900000 kB\n", "Y", 0}, /* with another device on the node */
	{"Node 1 MemFree:        516095 kB\n", "Y", 0},
};

START_TEST(verify_compares_the_nodes_total)
{
	bench_host((struct fake_kernel_host){.memmap_param = totals[_i].param,
					     .auto_online = "online_movable"});
	bench_add(&bench_cxl);
	bench_write(DRIVERS "/kmem/bind", "dax0.0");
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_VERIFY, "Movable"), 0);
	tree_put(bench.root, MEMINFO, totals[_i].meminfo);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_VERIFY, "Movable"), totals[_i].result);
	if (totals[_i].result == 0)
		return;
	bench_assert_failure(STEP_VERIFY, -EIO, "528481280 bytes");
	ck_assert_ptr_nonnull(strstr(bench.failure.message, "528482304 bytes"));
	ck_assert_str_eq(bench.failure.path, "/" MEMINFO);
}
END_TEST

/* Where it cannot be read there is nothing to compare with. */
START_TEST(verify_without_meminfo)
{
	bench_host((struct fake_kernel_host){.auto_online = "online_movable"});
	bench_add(&bench_cxl);
	bench_write(DRIVERS "/kmem/bind", "dax0.0");
	tree_delete(bench.root, MEMINFO);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_VERIFY, "Movable"), 0);
}
END_TEST

TCase *block_tests(void)
{
	TCase *tcase = tcase_create("blocks");

	tcase_add_checked_fixture(tcase, bench_setup, bench_teardown);
	tcase_add_test(tcase, all_offline);
	tcase_add_test(tcase, kernel_zone);
	tcase_add_test(tcase, only_what_is_offline);
	tcase_add_test(tcase, somebody_else_was_faster);
	tcase_add_test(tcase, somebody_else_was_faster_and_wrong);
	tcase_add_test(tcase, taken_back_at_once);
	tcase_add_test(tcase, refused_zone);
	tcase_add_test(tcase, bad_pages_cost_their_block_only);
	tcase_add_test(tcase, several_failures_are_counted);
	tcase_add_test(tcase, no_memory_stops_it);
	tcase_add_test(tcase, not_ours_any_more);
	tcase_add_test(tcase, progress_is_told_a_hundred_times);
	tcase_add_test(tcase, unplugged_device_goes_through_its_state);
	tcase_add_test(tcase, offline_device_with_state_goes_by_blocks);
	tcase_add_test(tcase, unplugged_device_is_refused);
	tcase_add_test(tcase, verify_finds_the_wrong_zone);
	tcase_add_test(tcase, verify_finds_offline_blocks);
	tcase_add_test(tcase, verify_finds_absent_blocks);
	tcase_add_loop_test(tcase, verify_compares_the_nodes_total, 0,
			    sizeof(totals) / sizeof(totals[0]));
	tcase_add_test(tcase, verify_without_meminfo);
	return tcase;
}

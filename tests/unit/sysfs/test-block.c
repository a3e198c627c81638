/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sysfs/block.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "failing-alloc.h"
#include "failing-ops.h"
#include "test-sysfs.h"
#include "tree.h"

#define MIB   (UINT64_C(1) << 20)
#define BLOCK (128 * MIB)

/* A kernel that answers reads from a script, in this order and no other. */
struct answer {
	const char *path;
	int error;
	const char *text;
};

struct script {
	const struct answer *answers;
	size_t n, next;
};

static int scripted_read(void *userdata, int root_fd, const char *path, char **ret,
			 size_t *ret_size)
{
	struct script *script = userdata;
	const struct answer *answer = &script->answers[script->next];

	ck_assert_uint_lt(script->next, script->n);
	script->next++;
	ck_assert_str_eq(path, answer->path);
	if (answer->error < 0)
		return answer->error;
	*ret = strdup(answer->text);
	*ret_size = strlen(answer->text);
	return 0;
}

static const struct sysfs_ops scripted_ops = {.read = scripted_read};

static void put_block(unsigned number, const char *state, const char *valid_zones)
{
	char path[64];

	snprintf(path, sizeof(path), "sys/devices/system/memory/memory%u/state", number);
	tree_put(tree, path, state);
	snprintf(path, sizeof(path), "sys/devices/system/memory/memory%u/valid_zones", number);
	if (valid_zones)
		tree_put(tree, path, valid_zones);
}

static const struct {
	const char *state, *valid_zones;
	int result;
	struct memory_block block;
} block_cases[] = {
	{"online\n", "Movable\n", 0, {7, BLOCK_ONLINE, ZONE_MOVABLE}},
	{"online\n", "Normal\n", 0, {7, BLOCK_ONLINE, ZONE_NORMAL}},
	{"online\n", "DMA32\n", 0, {7, BLOCK_ONLINE, ZONE_DMA32}},
	{"online\n", "none\n", 0, {7, BLOCK_ONLINE, ZONE_NONE}},
	/* Those of an offline block are where it could go. */
	{"offline\n", "Normal Movable\n", 0, {7, BLOCK_OFFLINE, ZONE_NONE}},
	{"offline\n", "Movable\n", 0, {7, BLOCK_OFFLINE, ZONE_NONE}},
	{"going-offline\n", "Movable\n", 0, {7, BLOCK_GOING_OFFLINE, ZONE_NONE}},
	/* It never settles on one zone. */
	{"online\n", "Normal Movable\n", -EAGAIN, {}},
	/* CONFIG_MEMORY_HOTREMOVE is off. */
	{"online\n", NULL, -EOPNOTSUPP, {}},
	{"confused\n", "Movable\n", -EBADMSG, {}},
	{"\n", "Movable\n", -EBADMSG, {}},
};

START_TEST(one_block)
{
	struct memory_block block = {.number = 99};

	put_block(7, block_cases[_i].state, block_cases[_i].valid_zones);
	ck_assert_int_eq(memory_block_read(&host, 7, &block), block_cases[_i].result);
	if (block_cases[_i].result < 0) {
		ck_assert_uint_eq(block.number, 99);
		return;
	}
	ck_assert_uint_eq(block.number, 7);
	ck_assert_int_eq(block.state, block_cases[_i].block.state);
	ck_assert_int_eq(block.zone, block_cases[_i].block.zone);
}
END_TEST

START_TEST(absent_block_is_no_error)
{
	struct memory_block block = {};

	tree_put(tree, "sys/devices/system/memory/memory_failure", "");
	ck_assert_int_eq(memory_block_read(&host, 3, &block), 0);
	ck_assert_uint_eq(block.number, 3);
	ck_assert_int_eq(block.state, BLOCK_ABSENT);
	ck_assert_int_eq(block.zone, ZONE_NONE);
}
END_TEST

#define STATE "sys/devices/system/memory/memory7/state"
#define ZONES "sys/devices/system/memory/memory7/valid_zones"

/* A block that changes between two reads is told as it is then. */
static const struct {
	struct answer answers[7];
	int result;
	struct memory_block block;
} races[] = {
	{{{STATE, 0, "online\n"}, {ZONES, -ENODEV, NULL}, {STATE, -ENOENT, NULL}},
	 0,
	 {7, BLOCK_ABSENT, ZONE_NONE}},
	{{{STATE, -ENODEV, NULL}}, 0, {7, BLOCK_ABSENT, ZONE_NONE}},
	{{{STATE, 0, "online\n"}, {ZONES, 0, "Normal Movable\n"}, {STATE, 0, "offline\n"}},
	 0,
	 {7, BLOCK_OFFLINE, ZONE_NONE}},
	{{{STATE, 0, "online\n"},
	  {ZONES, 0, "Normal Movable\n"},
	  {STATE, 0, "online\n"},
	  {ZONES, 0, "Movable\n"}},
	 0,
	 {7, BLOCK_ONLINE, ZONE_MOVABLE}},
	{{{STATE, 0, "online\n"}, {ZONES, -EIO, NULL}}, -EIO, {}},
	{{{STATE, -EACCES, NULL}}, -EACCES, {}},
};

START_TEST(block_changes_meanwhile)
{
	struct script script = {.answers = races[_i].answers};
	struct memory_block block = {.number = 99};
	struct sysfs scripted;

	while (script.answers[script.n].path)
		script.n++;
	ck_assert_int_eq(sysfs_open(&scripted, tree, &scripted_ops, &script), 0);
	ck_assert_int_eq(memory_block_read(&scripted, 7, &block), races[_i].result);
	sysfs_close(&scripted);
	ck_assert_uint_eq(script.next, script.n);
	if (races[_i].result < 0) {
		ck_assert_uint_eq(block.number, 99);
		return;
	}
	ck_assert_int_eq(block.state, races[_i].block.state);
	ck_assert_int_eq(block.zone, races[_i].block.zone);
}
END_TEST

/* Two ranges out of order, with edges that belong to no whole block. */
static const struct phys_range two_ranges[] = {
	{.start = 40 * BLOCK, .end = 42 * BLOCK - 1},
	{.start = 33 * BLOCK - 2 * MIB, .end = 35 * BLOCK + 2 * MIB},
};

static void put_two_ranges(void)
{
	put_block(32, "online\n", "Normal\n"); /* only touched, not covered */
	put_block(33, "online\n", "Movable\n");
	put_block(34, "offline\n", "Movable\n");
	put_block(35, "online\n", "Normal\n");
	put_block(41, "online\n", "Normal\n");
}

START_TEST(blocks_of_ranges)
{
	static const struct memory_block expected[] = {
		{33, BLOCK_ONLINE, ZONE_MOVABLE},
		{34, BLOCK_OFFLINE, ZONE_NONE},
		{40, BLOCK_ABSENT, ZONE_NONE},
		{41, BLOCK_ONLINE, ZONE_NORMAL},
	};
	_cleanup_free_ struct memory_block *blocks = NULL;
	size_t n;

	put_two_ranges();
	ck_assert_int_eq(memory_blocks_read(&host, two_ranges, 2, BLOCK, &blocks, &n), 0);
	ck_assert_uint_eq(n, ARRAY_SIZE(expected));
	for (size_t i = 0; i < n; i++) {
		ck_assert_uint_eq(blocks[i].number, expected[i].number);
		ck_assert_int_eq(blocks[i].state, expected[i].state);
		ck_assert_int_eq(blocks[i].zone, expected[i].zone);
	}
}
END_TEST

START_TEST(blocks_of_nothing)
{
	struct phys_range small = {.start = 0, .end = BLOCK - 2}, all = {0, UINT64_MAX};
	struct memory_block *blocks = (struct memory_block *)&small;
	size_t n = 77;

	/* More than any machine can have; said at once, not after 2^37 reads. */
	ck_assert_int_eq(memory_blocks_read(&host, &all, 1, BLOCK, &blocks, &n), -ERANGE);
	ck_assert_uint_eq(n, 77);
	ck_assert_uint_eq(host.n_reads, 0);

	ck_assert_int_eq(memory_blocks_read(&host, &small, 1, BLOCK, &blocks, &n), 0);
	ck_assert_uint_eq(n, 0);
	ck_assert_ptr_null(blocks);
	n = 77;
	ck_assert_int_eq(memory_blocks_read(&host, NULL, 0, BLOCK, &blocks, &n), 0);
	ck_assert_uint_eq(n, 0);
}
END_TEST

static void put_device(void)
{
	tree_put(tree, "sys/devices/dax0.0/size", "1\n");
	tree_link(tree, "sys/bus/dax/devices/dax0.0", "../../../devices/dax0.0");
}

START_TEST(driver_of_a_device)
{
	char *driver = (char *)"untouched";

	ck_assert_int_eq(dax_driver_read(&host, "dax0.0", &driver), -ENODEV);
	ck_assert_str_eq(driver, "untouched");
	put_device();
	ck_assert_int_eq(dax_driver_read(&host, "dax0.0", &driver), 0);
	ck_assert_ptr_null(driver);
	tree_dir(tree, "sys/bus/dax/drivers/kmem");
	tree_link(tree, "sys/devices/dax0.0/driver", "../../bus/dax/drivers/kmem");
	ck_assert_int_eq(dax_driver_read(&host, "dax0.0", &driver), 0);
	ck_assert_str_eq(driver, "kmem");
	free(driver);
}
END_TEST

START_TEST(knob_of_a_device)
{
	enum memmap_knob v = MEMMAP_KNOB_MAX;

	ck_assert_int_eq(dax_knob_read(&host, "dax0.0", &v), -ENODEV);
	ck_assert_int_eq(v, MEMMAP_KNOB_MAX);
	put_device();
	ck_assert_int_eq(dax_knob_read(&host, "dax0.0", &v), 0);
	ck_assert_int_eq(v, MEMMAP_KNOB_ABSENT);
	tree_put(tree, "sys/devices/dax0.0/memmap_on_memory", "1\n");
	ck_assert_int_eq(dax_knob_read(&host, "dax0.0", &v), 0);
	ck_assert_int_eq(v, MEMMAP_KNOB_ON);
	tree_put(tree, "sys/devices/dax0.0/memmap_on_memory", "0\n");
	ck_assert_int_eq(dax_knob_read(&host, "dax0.0", &v), 0);
	ck_assert_int_eq(v, MEMMAP_KNOB_OFF);
	tree_put(tree, "sys/devices/dax0.0/memmap_on_memory", "2\n");
	ck_assert_int_eq(dax_knob_read(&host, "dax0.0", &v), -EBADMSG);
	tree_put(tree, "sys/devices/dax0.0/memmap_on_memory", "yes\n");
	ck_assert_int_eq(dax_knob_read(&host, "dax0.0", &v), -EINVAL);
	ck_assert_int_eq(v, MEMMAP_KNOB_OFF);
}
END_TEST

/* All that this room reads of a device; 0 or the first error. */
static int read_device(struct sysfs *from)
{
	_cleanup_free_ struct memory_block *blocks = NULL;
	_cleanup_free_ char *driver = NULL;
	enum memmap_knob v = MEMMAP_KNOB_MAX;
	size_t n = 0;
	int r;

	r = dax_driver_read(from, "dax0.0", &driver);
	if (r < 0)
		return r;
	r = dax_knob_read(from, "dax0.0", &v);
	if (r < 0)
		return r;
	r = memory_blocks_read(from, two_ranges, 2, BLOCK, &blocks, &n);
	return r;
}

static void put_everything(void)
{
	put_device();
	put_two_ranges();
	tree_dir(tree, "sys/bus/dax/drivers/kmem");
	tree_link(tree, "sys/devices/dax0.0/driver", "../../bus/dax/drivers/kmem");
	tree_put(tree, "sys/devices/dax0.0/memmap_on_memory", "1\n");
}

/* Errors that mean something to a caller come out as they are, from whichever call. */
static const int errors[] = {-EIO, -EACCES, -EINTR, -EBUSY, -ENOMEM};

START_TEST(every_call_may_fail)
{
	struct failing_ops ops = {.error = errors[_i]};
	bool reached = true;
	struct sysfs failing;

	put_everything();
	ck_assert_int_eq(sysfs_open(&failing, tree, &failing_ops, &ops), 0);
	for (ops.fail_at = 1; reached; ops.fail_at++) {
		int r;

		ops.calls = 0;
		r = read_device(&failing);
		reached = ops.calls >= ops.fail_at;
		ck_assert_int_eq(r, reached ? errors[_i] : 0);
	}
	/* The driver, the knob, the state of four blocks, the zone of two. */
	ck_assert_uint_eq(ops.calls, 1 + 1 + 4 + 2);
	sysfs_close(&failing);
}
END_TEST

START_TEST(every_allocation_may_fail)
{
	bool reached = true;
	unsigned n;

	put_everything();
	for (n = 1; reached; n++) {
		int r;

		failing_alloc_arm(n);
		r = read_device(&host);
		reached = failing_alloc_disarm();
		ck_assert_int_eq(r, reached ? -ENOMEM : 0);
	}
	ck_assert_uint_gt(n, 16);
}
END_TEST

TCase *block_tests(void)
{
	TCase *tests = tcase_create("block");

	tcase_add_checked_fixture(tests, setup_tree, teardown_tree);
	tcase_add_loop_test(tests, one_block, 0, ARRAY_SIZE(block_cases));
	tcase_add_test(tests, absent_block_is_no_error);
	tcase_add_loop_test(tests, block_changes_meanwhile, 0, ARRAY_SIZE(races));
	tcase_add_test(tests, blocks_of_ranges);
	tcase_add_test(tests, blocks_of_nothing);
	tcase_add_test(tests, driver_of_a_device);
	tcase_add_test(tests, knob_of_a_device);
	tcase_add_loop_test(tests, every_call_may_fail, 0, ARRAY_SIZE(errors));
	tcase_add_test(tests, every_allocation_may_fail);
	return tests;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "base/cleanup.h"
#include "failing-ops.h"
#include "host-tree.h"
#include "observe/observe.h"
#include "suites.h"

#define MIB (GIB / 1024)

static char *root;

static void setup(void)
{
	root = host_tree_new();
}

static void teardown(void)
{
	root = tree_remove(root);
}

static const struct dax_device *find(const struct facts *facts, const char *name)
{
	const struct dax_device *device = facts_find_device(facts, name);

	ck_assert_msg(device, "%s is not there", name);
	return device;
}

START_TEST(all_kinds)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;
	const struct dax_device *d;

	host_tree_add_pmem(root);
	host_tree_add_hmem(root);
	host_tree_add_cxl(root);
	facts = host_tree_observe(root);
	ck_assert_uint_eq(facts->n_devices, 3);
	ck_assert_uint_eq(facts->problems.n, 0);

	d = &facts->devices[0];
	ck_assert_str_eq(d->name, "dax0.0");
	ck_assert_str_eq(d->path, CXL_DAX);
	ck_assert_int_eq(d->kind, DAX_KIND_CXL);
	ck_assert_uint_eq(d->size, GIB);
	ck_assert_uint_eq(d->align, 2 * MIB);
	ck_assert_int_eq(d->target_node, 2);
	ck_assert_ptr_null(d->driver);
	ck_assert_ptr_null(d->state);
	ck_assert_int_eq(d->tier, -1);

	d = &facts->devices[1];
	ck_assert_int_eq(d->kind, DAX_KIND_HMEM);
	ck_assert_int_eq(d->initiator_node, 0);
	ck_assert_int_eq(d->tier, 4);
	ck_assert_ptr_null(d->region);

	d = &facts->devices[2];
	ck_assert_int_eq(d->kind, DAX_KIND_PMEM);
	ck_assert_str_eq(d->driver, "device_dax");
	ck_assert_uint_eq(d->n_serials, 0);
}
END_TEST

START_TEST(order_of_names)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;

	host_tree_add_hmem(root);
	host_tree_add_cxl(root);
	tree_link(root, "sys/bus/dax/devices/dax10.0", "../../../devices/platform/hmem.0/dax1.0");
	facts = host_tree_observe(root);
	ck_assert_uint_eq(facts->n_devices, 3);
	ck_assert_str_eq(facts->devices[1].name, "dax1.0");
	ck_assert_str_eq(facts->devices[2].name, "dax10.0");
}
END_TEST

START_TEST(unknown_bus)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;

	tree_link(root, "sys/bus/dax/devices/dax7.0", "../../../devices/virtual/new/dax7.0");
	tree_put(root, "sys/devices/virtual/new/dax7.0/size", "4096\n");
	facts = host_tree_observe(root);
	ck_assert_int_eq(find(facts, "dax7.0")->kind, DAX_KIND_UNKNOWN);
}
END_TEST

START_TEST(knob)
{
	static const struct {
		const char *content;
		enum memmap_knob knob;
	} cases[] = {{NULL, MEMMAP_KNOB_ABSENT}, {"0\n", MEMMAP_KNOB_OFF}, {"1\n", MEMMAP_KNOB_ON}};
	_cleanup_(facts_freep) struct facts *facts = NULL;

	host_tree_add_cxl(root);
	tree_delete(root, CXL_DAX "/memmap_on_memory");
	if (cases[_i].content)
		tree_put(root, CXL_DAX "/memmap_on_memory", cases[_i].content);
	facts = host_tree_observe(root);
	ck_assert_int_eq(find(facts, "dax0.0")->knob, cases[_i].knob);
	ck_assert_uint_eq(facts->problems.n, 0);
}
END_TEST

START_TEST(state_attribute)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;

	host_tree_add_cxl(root);
	host_tree_bind(root, CXL_DAX, "kmem");
	tree_put(root, CXL_DAX "/state", "unplugged\n");
	facts = host_tree_observe(root);
	ck_assert_str_eq(find(facts, "dax0.0")->driver, "kmem");
	ck_assert_str_eq(find(facts, "dax0.0")->state, "unplugged");
}
END_TEST

/* kmem trims every range by itself: 126 MiB lost at the front, 0 at the aligned end. */
START_TEST(unaligned_range)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;
	const struct dax_device *d;

	host_tree_add_pmem(root);
	facts = host_tree_observe(root);
	d = find(facts, "dax2.0");
	ck_assert_uint_eq(d->n_ranges, 1);
	ck_assert_uint_eq(d->ranges[0].start, PMEM_BASE);
	ck_assert_uint_eq(d->ranges[0].end, PMEM_BASE + PMEM_SIZE - 1);
	ck_assert_uint_eq(d->usable, PMEM_SIZE - 126 * MIB);
	ck_assert_uint_eq(d->lost, 126 * MIB);
	ck_assert_uint_eq(d->n_blocks, d->usable / BLOCK_SIZE);
	ck_assert_uint_eq(d->blocks[0].number, PMEM_BASE / BLOCK_SIZE + 1);
}
END_TEST

/* mapping10 after mapping9; each range trimmed by itself; "mapping" and "mappings" are no ranges.
 */
START_TEST(fragmented_device)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;
	const struct dax_device *d;

	host_tree_add_hmem(root);
	tree_put(root, HMEM_DAX "/size", "671088640\n"); /* 5 blocks */
	tree_delete(root, HMEM_DAX "/mapping0");
	tree_put(root, HMEM_DAX "/mapping9/start", "0x200000000\n");
	tree_put(root, HMEM_DAX "/mapping9/end", "0x20fffffff\n"); /* 2 blocks */
	tree_put(root, HMEM_DAX "/mapping10/start", "0x184000000\n");
	tree_put(root, HMEM_DAX "/mapping10/end", "0x193ffffff\n"); /* 1 and two halves */
	tree_put(root, HMEM_DAX "/mapping2/start", "0x300000000\n");
	tree_put(root, HMEM_DAX "/mapping2/end", "0x307ffffff\n"); /* 1 */
	tree_put(root, HMEM_DAX "/mappings", "no range\n");
	tree_put(root, HMEM_DAX "/mapping", "neither\n");
	facts = host_tree_observe(root);
	d = find(facts, "dax1.0");
	ck_assert_uint_eq(d->n_ranges, 3);
	ck_assert_uint_eq(d->ranges[0].start, 0x300000000);
	ck_assert_uint_eq(d->ranges[1].start, 0x200000000);
	ck_assert_uint_eq(d->ranges[2].start, 0x184000000);
	ck_assert_uint_eq(d->usable, 4 * BLOCK_SIZE);
	ck_assert_uint_eq(d->lost, BLOCK_SIZE);
	ck_assert_uint_eq(d->n_blocks, 4);
	ck_assert_uint_eq(d->blocks[0].number, 0x188000000 / BLOCK_SIZE);
	ck_assert_uint_eq(d->blocks[3].number, 0x300000000 / BLOCK_SIZE);
	ck_assert_uint_eq(facts->problems.n, 0);
}
END_TEST

START_TEST(smaller_than_a_block)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;
	const struct dax_device *d;

	host_tree_add_hmem(root);
	tree_put(root, HMEM_DAX "/size", "67108864\n");
	tree_put(root, HMEM_DAX "/mapping0/end", "0x183ffffff\n");
	facts = host_tree_observe(root);
	d = find(facts, "dax1.0");
	ck_assert_uint_eq(d->usable, 0);
	ck_assert_uint_eq(d->lost, 64 * MIB);
	ck_assert_uint_eq(d->n_blocks, 0);
}
END_TEST

/* The ranges are for root only. Nobody is told that all of the device is lost for that. */
START_TEST(ranges_that_may_not_be_read)
{
	_cleanup_(observer_freep) struct observer *observer = NULL;
	_cleanup_(facts_freep) struct facts *facts = NULL;
	struct failing_ops ops = {.fail_path = "mapping0/start", .error = -EACCES};
	struct sysfs sysfs;

	host_tree_add_hmem(root);
	tree_put(root, HMEM_DAX "/size", "2147483647\n");
	ck_assert_int_eq(sysfs_open(&sysfs, root, &failing_ops, &ops), 0);
	ck_assert_int_eq(observer_new(&sysfs, NULL, &observer), 0);
	ck_assert_int_eq(observe(observer, &facts), 0);
	sysfs_close(&sysfs);
	ck_assert_uint_eq(facts->devices[0].n_ranges, 0);
	ck_assert_uint_eq(facts->devices[0].n_blocks, 0);
	ck_assert_uint_eq(facts->devices[0].usable, 15 * BLOCK_SIZE);
	ck_assert_uint_eq(facts->devices[0].lost, BLOCK_SIZE - 1);
	ck_assert_uint_eq(facts->problems.n, 1);
	ck_assert_str_eq(facts->problems.items[0],
			 "cannot read " HMEM_DAX "/mapping0/start: Permission denied (EACCES); "
			 "run as root");
}
END_TEST

START_TEST(impossible_range)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;

	host_tree_add_hmem(root);
	tree_put(root, HMEM_DAX "/mapping0/end", "0x17fffffff\n");
	facts = host_tree_observe(root);
	ck_assert_uint_eq(find(facts, "dax1.0")->n_ranges, 0);
	facts_problem(facts, "mapping0 ends at 0x17fffffff, before its start at 0x180000000");
}
END_TEST

START_TEST(without_target_node)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;
	const struct dax_device *d;

	host_tree_add_hmem(root);
	tree_delete(root, HMEM_DAX "/target_node");
	facts = host_tree_observe(root);
	d = find(facts, "dax1.0");
	ck_assert_int_eq(d->target_node, -1);
	ck_assert_int_eq(d->tier, -1);
	ck_assert_int_eq(d->distance.source, DISTANCE_UNKNOWN);
	ck_assert_uint_eq(d->distance.value, 0);
	ck_assert_uint_eq(facts->problems.n, 0);
}
END_TEST

START_TEST(blocks_of_a_device)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;
	const struct dax_device *d;
	uint64_t first = CXL_BASE / BLOCK_SIZE;

	host_tree_add_cxl(root);
	host_tree_bind(root, CXL_DAX, "kmem");
	host_tree_block(root, first - 1, "online", "Normal"); /* not the device's */
	host_tree_block(root, first, "online", "Movable");
	host_tree_block(root, first + 1, "online", "Normal");
	host_tree_block(root, first + 2, "offline", "Normal Movable");
	host_tree_block(root, first + 3, "going-offline", "Normal Movable");
	facts = host_tree_observe(root);
	d = find(facts, "dax0.0");
	ck_assert_uint_eq(d->n_blocks, 8);
	ck_assert_uint_eq(d->blocks[0].number, first);
	ck_assert_int_eq(d->blocks[0].state, BLOCK_ONLINE);
	ck_assert_int_eq(d->blocks[0].zone, ZONE_MOVABLE);
	ck_assert_int_eq(d->blocks[1].zone, ZONE_NORMAL);
	ck_assert_int_eq(d->blocks[2].state, BLOCK_OFFLINE);
	ck_assert_int_eq(d->blocks[2].zone, ZONE_NONE);
	ck_assert_int_eq(d->blocks[3].state, BLOCK_GOING_OFFLINE);
	ck_assert_int_eq(d->blocks[4].state, BLOCK_ABSENT);
	ck_assert_uint_eq(facts->problems.n, 0);
}
END_TEST

/* Files of a node that share the prefix of its blocks' links, seen on real hosts. */
START_TEST(memory_failure_is_no_block)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;

	host_tree_add_cxl(root);
	host_tree_bind(root, CXL_DAX, "kmem");
	host_tree_add_node(root, 2, "10 21 31", "21 10 41");
	tree_put(root, "sys/devices/system/node/node2/memory_failure/total", "0\n");
	tree_put(root, "sys/devices/system/node/node2/memory_side_cache/index1/size", "0\n");
	host_tree_block(root, CXL_BASE / BLOCK_SIZE, "online", "Movable");
	tree_link(root, "sys/devices/system/node/node2/memory82", "../../memory/memory82");
	facts = host_tree_observe(root);
	ck_assert_uint_eq(dax_device_count_blocks(find(facts, "dax0.0")).present, 1);
	ck_assert_uint_eq(facts->problems.n, 0);
}
END_TEST

static const char *const fields[] = {"read_latency", "write_latency", "read_bandwidth",
				     "write_bandwidth"};

static void put_performance(const char *directory, unsigned first)
{
	char path[256];

	for (unsigned i = 0; i < ARRAY_SIZE(fields); i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, fields[i]);
		tree_putf(root, path, "%u\n", first + i);
	}
}

START_TEST(performance)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;
	const struct access_performance *p;

	host_tree_add_cxl(root);
	facts = host_tree_observe(root);
	ck_assert_uint_eq(find(facts, "dax0.0")->performance.read_latency, 0);
	facts = facts_free(facts);

	put_performance(CXL_REGION "/access0", 200);
	facts = host_tree_observe(root);
	p = &find(facts, "dax0.0")->performance;
	ck_assert_uint_eq(p->read_latency, 200);
	ck_assert_uint_eq(p->write_latency, 201);
	ck_assert_uint_eq(p->read_bandwidth, 202);
	ck_assert_uint_eq(p->write_bandwidth, 203);
	facts = facts_free(facts);

	/* The node, once it is there, has what the kernel will decide by. */
	put_performance("sys/devices/system/node/node2/access0/initiators", 300);
	facts = host_tree_observe(root);
	p = &find(facts, "dax0.0")->performance;
	ck_assert_uint_eq(p->read_latency, 300);
	ck_assert_uint_eq(p->write_bandwidth, 303);
}
END_TEST

/* A device that leaves shows as a link without end, or as a folder without its files. */
START_TEST(device_that_left)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;

	host_tree_add_cxl(root);
	host_tree_add_hmem(root);
	host_tree_add_pmem(root);
	tree_delete(root, CXL_DAX);
	tree_delete(root, HMEM_DAX "/size");
	facts = host_tree_observe(root);
	ck_assert_uint_eq(facts->n_devices, 1);
	ck_assert_str_eq(facts->devices[0].name, "dax2.0");
	ck_assert_uint_eq(facts->problems.n, 0);
}
END_TEST

TCase *device_tests(void)
{
	TCase *tcase = tcase_create("device");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, all_kinds);
	tcase_add_test(tcase, order_of_names);
	tcase_add_test(tcase, unknown_bus);
	tcase_add_loop_test(tcase, knob, 0, 3);
	tcase_add_test(tcase, state_attribute);
	tcase_add_test(tcase, unaligned_range);
	tcase_add_test(tcase, fragmented_device);
	tcase_add_test(tcase, smaller_than_a_block);
	tcase_add_test(tcase, ranges_that_may_not_be_read);
	tcase_add_test(tcase, impossible_range);
	tcase_add_test(tcase, without_target_node);
	tcase_add_test(tcase, blocks_of_a_device);
	tcase_add_test(tcase, memory_failure_is_no_block);
	tcase_add_test(tcase, performance);
	tcase_add_test(tcase, device_that_left);
	return tcase;
}

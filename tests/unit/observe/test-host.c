/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "host-tree.h"
#include "observe/observe.h"
#include "suites.h"

#define MEMMAP_PARAM "sys/module/memory_hotplug/parameters/memmap_on_memory"
#define AUTO_ONLINE  "sys/devices/system/memory/auto_online_blocks"

static char *root;

static void setup(void)
{
	root = host_tree_new();
}

static void teardown(void)
{
	root = tree_remove(root);
}

START_TEST(settings_of_the_kernel)
{
	_cleanup_(facts_freep) struct facts *facts = host_tree_observe(root);
	const struct host *host = &facts->host;

	ck_assert_str_eq(host->kernel_release, "6.12.57+deb13-amd64");
	ck_assert_uint_eq(host->block_size, BLOCK_SIZE);
	ck_assert_uint_eq(host->page_size, 4096);
	ck_assert_int_eq(host->auto_online, ONLINE_POLICY_ONLINE);
	ck_assert_int_eq(host->memmap_param, MEMMAP_PARAM_ON);
	ck_assert_int_eq(host->dax_autoprobe, 1);
	ck_assert(host->kmem_loaded);
	ck_assert(host->device_dax_loaded);
	ck_assert_uint_eq(facts->problems.n, 0);
	ck_assert_uint_eq(facts->n_devices, 0);
}
END_TEST

/* The running host says it itself; for a captured one, whoever captured it. */
START_TEST(page_size_of_a_captured_host)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;

	tree_put(root, "capture/page_size", "65536\n");
	facts = host_tree_observe(root);
	ck_assert_uint_eq(facts->host.page_size, 65536);
	facts = facts_free(facts);
	tree_put(root, "capture/page_size", "0\n");
	facts = host_tree_observe(root);
	ck_assert_uint_eq(facts->host.page_size, 4096);
}
END_TEST

START_TEST(kernel_without_dax_and_memmap)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;

	tree_delete(root, "sys/bus/dax");
	tree_delete(root, MEMMAP_PARAM);
	facts = host_tree_observe(root);
	ck_assert_int_eq(facts->host.dax_autoprobe, -1);
	ck_assert(!facts->host.kmem_loaded);
	ck_assert_int_eq(facts->host.memmap_param, MEMMAP_PARAM_ABSENT);
	ck_assert_uint_eq(facts->n_devices, 0);
	ck_assert_uint_eq(facts->problems.n, 0);
}
END_TEST

START_TEST(module_not_loaded)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;

	tree_delete(root, "sys/bus/dax/drivers/device_dax");
	facts = host_tree_observe(root);
	ck_assert(facts->host.kmem_loaded);
	ck_assert(!facts->host.device_dax_loaded);
	facts = facts_free(facts);

	tree_dir(root, "sys/bus/dax/drivers/device_dax");
	tree_delete(root, "sys/bus/dax/drivers/kmem");
	tree_put(root, "sys/bus/dax/drivers_autoprobe", "0\n");
	facts = host_tree_observe(root);
	ck_assert(!facts->host.kmem_loaded);
	ck_assert(facts->host.device_dax_loaded);
	ck_assert_int_eq(facts->host.dax_autoprobe, 0);
}
END_TEST

START_TEST(kernel_without_memory_hotplug)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;

	tree_delete(root, "sys/devices/system/memory");
	host_tree_add_cxl(root);
	facts = host_tree_observe(root);
	ck_assert_uint_eq(facts->host.block_size, 0);
	ck_assert_int_eq(facts->host.auto_online, ONLINE_POLICY_UNKNOWN);
	ck_assert_uint_eq(facts->devices[0].usable, 0);
	ck_assert_uint_eq(facts->devices[0].lost, GIB);
	ck_assert_uint_eq(facts->devices[0].n_blocks, 0);
	facts_problem(facts, "CONFIG_MEMORY_HOTPLUG");
}
END_TEST

START_TEST(words_that_no_kernel_writes)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;

	tree_put(root, AUTO_ONLINE, "sometimes\n");
	tree_put(root, MEMMAP_PARAM, "perhaps\n");
	tree_put(root, "sys/devices/system/memory/block_size_bytes", "0x\n");
	tree_put(root, "sys/bus/dax/drivers_autoprobe", "\n");
	facts = host_tree_observe(root);
	facts_problem(facts, AUTO_ONLINE " reads \"sometimes\"");
	facts_problem(facts, MEMMAP_PARAM " reads \"perhaps\"");
	facts_problem(facts, "cannot read sys/devices/system/memory/block_size_bytes: Invalid");
	facts_problem(facts, "cannot read sys/bus/dax/drivers_autoprobe");
	ck_assert_int_eq(facts->host.dax_autoprobe, -1);
}
END_TEST

START_TEST(memory_by_node_and_zone)
{
	_cleanup_(facts_freep) struct facts *facts = host_tree_observe(root);

	ck_assert_uint_eq(facts->n_nodes, 2);
	ck_assert_int_eq(facts->nodes[0].id, 0);
	ck_assert(facts->nodes[0].has_cpu);
	ck_assert_uint_eq(facts->nodes[0].total, GIB);
	ck_assert_uint_eq(facts->nodes[0].free, GIB / 2);
	ck_assert_uint_eq(facts->nodes[0].reclaimable, 1024 * 1024);
	ck_assert_uint_eq(facts->nodes[0].kernel, (3840 + 60000 + 200000) * UINT64_C(4096));
	ck_assert_uint_eq(facts->nodes[0].movable, 0);
	ck_assert_int_eq(facts->nodes[0].tier, 4);
	ck_assert_uint_eq(facts->nodes[1].total, GIB + 1024);
	ck_assert_uint_eq(facts->nodes[1].kernel, 250000 * UINT64_C(4096));
	ck_assert_uint_eq(facts->nodes[1].movable, 32768 * UINT64_C(4096));
}
END_TEST

START_TEST(zones_in_pages_of_the_host)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;

	tree_put(root, "capture/page_size", "65536\n");
	facts = host_tree_observe(root);
	ck_assert_uint_eq(facts->nodes[1].movable, 32768 * UINT64_C(65536));
}
END_TEST

START_TEST(sparse_nodes_without_cpus_or_tier)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;

	host_tree_add_node(root, 7, "10 21 31", "21 10 41");
	tree_put(root, "sys/devices/virtual/memory_tiering/memory_tier22/nodelist", "7-9\n");
	tree_put(root, "sys/devices/virtual/memory_tiering/memory_tierx/nodelist", "0\n");
	tree_put(root, "sys/devices/virtual/memory_tiering/other_tiers9/nodelist", "0\n");
	tree_put(root, "sys/devices/virtual/memory_tiering/uevent", "");
	tree_delete(root, "sys/devices/virtual/memory_tiering/memory_tier4");
	facts = host_tree_observe(root);
	ck_assert_uint_eq(facts->n_nodes, 3);
	ck_assert_int_eq(facts->nodes[2].id, 7);
	ck_assert(!facts->nodes[2].has_cpu);
	ck_assert_int_eq(facts->nodes[2].tier, 22);
	ck_assert_int_eq(facts->nodes[0].tier, -1);
	ck_assert_uint_eq(facts->problems.n, 0);
}
END_TEST

START_TEST(lists_that_no_kernel_writes)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;

	tree_put(root, "sys/devices/system/node/has_cpu", "0-\n");
	tree_put(root, "sys/devices/virtual/memory_tiering/memory_tier4/nodelist", "all\n");
	facts = host_tree_observe(root);
	facts_problem(facts, "node/has_cpu reads \"0-\"");
	facts_problem(facts, "memory_tier4/nodelist reads \"all\"");
}
END_TEST

/* A wrong --root must not look like a host without memory. */
START_TEST(root_without_sysfs)
{
	_cleanup_(observer_freep) struct observer *observer = NULL;
	struct facts *facts = NULL;
	struct sysfs sysfs;

	tree_delete(root, "sys");
	ck_assert_int_eq(sysfs_open(&sysfs, root, NULL, NULL), 0);
	ck_assert_int_eq(observer_new(&sysfs, NULL, &observer), 0);
	ck_assert_int_eq(observe(observer, &facts), -ENOENT);
	ck_assert_ptr_null(facts);
	sysfs_close(&sysfs);
}
END_TEST

TCase *host_tests(void)
{
	TCase *tcase = tcase_create("host");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, settings_of_the_kernel);
	tcase_add_test(tcase, page_size_of_a_captured_host);
	tcase_add_test(tcase, kernel_without_dax_and_memmap);
	tcase_add_test(tcase, module_not_loaded);
	tcase_add_test(tcase, kernel_without_memory_hotplug);
	tcase_add_test(tcase, words_that_no_kernel_writes);
	tcase_add_test(tcase, memory_by_node_and_zone);
	tcase_add_test(tcase, zones_in_pages_of_the_host);
	tcase_add_test(tcase, sparse_nodes_without_cpus_or_tier);
	tcase_add_test(tcase, lists_that_no_kernel_writes);
	tcase_add_test(tcase, root_without_sysfs);
	return tcase;
}

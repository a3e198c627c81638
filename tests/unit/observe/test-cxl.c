/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cleanup.h"
#include "host-tree.h"
#include "suites.h"

static char *root;

static void setup(void)
{
	root = host_tree_new();
	host_tree_add_cxl(root);
}

static void teardown(void)
{
	root = tree_remove(root);
}

/* endpoint2 belongs to mem1: the numbers do not pair, only the links tell. */
START_TEST(memdev_by_links)
{
	_cleanup_(facts_freep) struct facts *facts = host_tree_observe(root);
	const struct dax_device *d = &facts->devices[0];

	ck_assert_str_eq(d->region, "region0");
	ck_assert_uint_eq(d->n_serials, 1);
	ck_assert_uint_eq(d->serials[0], 0xabc1);
	ck_assert_int_eq(d->initiator_node, 1);
}
END_TEST

START_TEST(serials_in_target_order)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;
	const struct dax_device *d;

	tree_put(root, CXL_REGION "/target0", "decoder3.0\n");
	tree_put(root, CXL_REGION "/target1", "decoder2.0\n");
	facts = host_tree_observe(root);
	d = &facts->devices[0];
	ck_assert_uint_eq(d->n_serials, 2);
	ck_assert_uint_eq(d->serials[0], 0xabc0);
	ck_assert_uint_eq(d->serials[1], 0xabc1);
	ck_assert_int_eq(d->initiator_node, 0);
}
END_TEST

/* A region that is being put together shows empty targets. */
START_TEST(targets_not_yet_assigned)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;

	tree_put(root, CXL_REGION "/target0", "\n");
	tree_put(root, CXL_REGION "/target1", "decoder2.0\n");
	facts = host_tree_observe(root);
	ck_assert_uint_eq(facts->devices[0].n_serials, 1);
	ck_assert_int_eq(facts->devices[0].initiator_node, 1);
	ck_assert_uint_eq(facts->problems.n, 0);
	/* whose serial belongs there will show */
	ck_assert(!dax_device_knows(&facts->devices[0], DEVICE_FACT_SERIALS));
}
END_TEST

START_TEST(device_without_serial_number)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;

	tree_put(root, CXL_PCI "/mem1/serial", "0x0\n");
	facts = host_tree_observe(root);
	ck_assert_uint_eq(facts->devices[0].n_serials, 1);
	ck_assert_uint_eq(facts->devices[0].serials[0], 0);
}
END_TEST

START_TEST(broken_serial_number)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;

	tree_put(root, CXL_PCI "/mem1/serial", "seven\n");
	facts = host_tree_observe(root);
	ck_assert_uint_eq(facts->devices[0].n_serials, 0);
	ck_assert_uint_eq(facts->devices[0].unknown, 1U << DEVICE_FACT_SERIALS);
	facts_problem(facts, "cannot read " CXL_PCI "/mem1/serial");
}
END_TEST

#define AT_LEAST_SERIALS                                                                           \
	(1U << DEVICE_FACT_SERIALS | 1U << DEVICE_FACT_INITIATOR_NODE | 1U << DEVICE_FACT_DISTANCE)

/*
 * A link on the way that is gone leaves what was found before it. The region has a memdev all the
 * same, so nothing is said of its serial and its node.
 */
START_TEST(links_that_left)
{
	static const struct {
		const char *path, *problem;
		unsigned unknown;
	} gone[] = {
		{"sys/bus/cxl/devices/decoder2.0", "sys/bus/cxl/devices/decoder2.0 is missing",
		 AT_LEAST_SERIALS},
		{CXL_PORT "/endpoint2/uport", CXL_PORT "/endpoint2/uport is missing",
		 AT_LEAST_SERIALS},
		{CXL_PCI "/mem1", CXL_PORT "/endpoint2/uport is missing", AT_LEAST_SERIALS},
		{CXL_PCI "/mem1/serial",
		 CXL_PCI "/mem1/serial is missing: not all that is behind dax0.0 is known",
		 1U << DEVICE_FACT_SERIALS},
		{CXL_REGION "/target0", CXL_REGION "/target0 is missing", AT_LEAST_SERIALS},
	};
	_cleanup_(facts_freep) struct facts *facts = NULL;

	tree_delete(root, gone[_i].path);
	facts = host_tree_observe(root);
	ck_assert_uint_eq(facts->n_devices, 1);
	ck_assert_str_eq(facts->devices[0].region, "region0");
	ck_assert_uint_eq(facts->devices[0].n_serials, 0);
	ck_assert_uint_eq(facts->devices[0].unknown, gone[_i].unknown);
	facts_problem(facts, gone[_i].problem);
	ck_assert_uint_eq(facts->problems.n, 1);
}
END_TEST

/* The region says how many there are: one that is missing at the end is missed. */
START_TEST(fewer_targets_than_ways)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;

	tree_put(root, CXL_REGION "/interleave_ways", "2\n");
	facts = host_tree_observe(root);
	ck_assert_uint_eq(facts->devices[0].n_serials, 1);
	ck_assert(!dax_device_knows(&facts->devices[0], DEVICE_FACT_SERIALS));
	facts_problem(facts, CXL_REGION "/target1 is missing");
	facts = facts_free(facts);

	tree_put(root, CXL_REGION "/target1", "decoder3.0\n");
	facts = host_tree_observe(root);
	ck_assert_uint_eq(facts->devices[0].n_serials, 2);
	ck_assert_uint_eq(facts->devices[0].unknown, 0);
	ck_assert_uint_eq(facts->problems.n, 0);
}
END_TEST

/* With one node that has CPUs, there is nothing else that the initiator could be. */
START_TEST(the_only_node_with_cpus)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;

	tree_put(root, "sys/devices/system/node/has_cpu", "0\n");
	tree_delete(root, CXL_REGION "/target0");
	facts = host_tree_observe(root);
	ck_assert_int_eq(facts->devices[0].initiator_node, 0);
	ck_assert_uint_eq(facts->devices[0].unknown, 1U << DEVICE_FACT_SERIALS);
}
END_TEST

/* Without the memdev's node, an ancestor of the dax device may still know. */
START_TEST(node_of_an_ancestor)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;

	tree_put(root, CXL_PCI "/mem1/numa_node", "-1\n");
	tree_put(root, "sys/devices/platform/ACPI0017:00/numa_node", "1\n");
	facts = host_tree_observe(root);
	ck_assert_int_eq(facts->devices[0].initiator_node, 1);
}
END_TEST

TCase *cxl_tests(void)
{
	TCase *tcase = tcase_create("cxl");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, memdev_by_links);
	tcase_add_test(tcase, serials_in_target_order);
	tcase_add_test(tcase, targets_not_yet_assigned);
	tcase_add_test(tcase, device_without_serial_number);
	tcase_add_test(tcase, broken_serial_number);
	tcase_add_loop_test(tcase, links_that_left, 0, 5);
	tcase_add_test(tcase, fewer_targets_than_ways);
	tcase_add_test(tcase, the_only_node_with_cpus);
	tcase_add_test(tcase, node_of_an_ancestor);
	return tcase;
}

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
	facts_problem(facts, "cannot read " CXL_PCI "/mem1/serial");
}
END_TEST

/* A link on the way that is gone leaves what was found before it. */
START_TEST(links_that_left)
{
	static const char *const gone[] = {
		"sys/bus/cxl/devices/decoder2.0",
		CXL_PORT "/endpoint2/uport",
		CXL_PCI "/mem1",
		CXL_REGION "/target0",
	};
	_cleanup_(facts_freep) struct facts *facts = NULL;

	tree_delete(root, gone[_i]);
	facts = host_tree_observe(root);
	ck_assert_uint_eq(facts->n_devices, 1);
	ck_assert_str_eq(facts->devices[0].region, "region0");
	ck_assert_uint_eq(facts->devices[0].n_serials, 0);
	ck_assert_uint_eq(facts->problems.n, 0);
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
	tcase_add_loop_test(tcase, links_that_left, 0, 4);
	tcase_add_test(tcase, node_of_an_ancestor);
	return tcase;
}

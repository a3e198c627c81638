/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "failing-ops.h"
#include "host-tree.h"
#include "observe/observe.h"
#include "suites.h"

static char *root;

static void setup(void)
{
	root = host_tree_new();
}

static void teardown(void)
{
	root = tree_remove(root);
}

START_TEST(slit_before_the_node_exists)
{
	host_tree_add_cxl(root);
	host_tree_add_tables(root);
	assert_distance_in_peace(root, 41, DISTANCE_SLIT, 1);
}
END_TEST

START_TEST(slit_finds_the_initiator)
{
	host_tree_add_cxl(root);
	tree_put(root, CXL_PCI "/mem1/numa_node", "-1\n");
	host_tree_add_tables(root);
	assert_distance_in_peace(root, 31, DISTANCE_SLIT, 0);
}
END_TEST

/* Nodes 0 and 1 are domains 4 and 1, in the order of the table. */
START_TEST(slit_goes_by_domains)
{
	uint8_t d[25];
	struct acpi_table table;

	host_tree_add_cxl(root);
	srat_begin(&table, 3);
	srat_memory(&table, 3, CXL_BASE - GIB, 4 * GIB, ACPI_TABLE_ENABLED);
	srat_local_apic(&table, 4, ACPI_TABLE_ENABLED);
	srat_local_apic(&table, 1, ACPI_TABLE_ENABLED);
	acpi_table_seal(&table);
	host_tree_acpi(root, "SRAT", &table);
	for (size_t i = 0; i < sizeof(d); i++)
		d[i] = i % 6 == 0 ? 10 : (uint8_t)(100 + i);
	slit_make(&table, 5, d);
	host_tree_acpi(root, "SLIT", &table);
	assert_distance_in_peace(root, 100 + 1 * 5 + 3, DISTANCE_SLIT, 1);
	tree_put(root, CXL_PCI "/mem1/numa_node", "0\n");
	assert_distance_in_peace(root, 100 + 4 * 5 + 3, DISTANCE_SLIT, 0);
}
END_TEST

/* The kernel extends a domain over the CXL window of which the SRAT lists a part. */
START_TEST(slit_by_the_target_node)
{
	struct acpi_table table;

	host_tree_add_cxl(root);
	host_tree_add_tables(root);
	srat_begin(&table, 3);
	srat_local_apic(&table, 0, ACPI_TABLE_ENABLED);
	srat_local_apic(&table, 1, ACPI_TABLE_ENABLED);
	srat_memory(&table, 2, CXL_BASE + GIB, GIB, ACPI_TABLE_ENABLED);
	acpi_table_seal(&table);
	host_tree_acpi(root, "SRAT", &table);
	assert_distance_in_peace(root, 41, DISTANCE_SLIT, 1);
}
END_TEST

/* CXL windows that the SRAT does not list get nodes of their own, at the default distance. */
START_TEST(default_of_a_window_without_domain)
{
	host_tree_add_cxl(root);
	host_tree_add_tables(root);
	tree_put(root, CXL_DAX "/target_node", "3\n");
	tree_put(root, CXL_DAX "/mapping0/start", "0x10290000000\n");
	tree_put(root, CXL_DAX "/mapping0/end", "0x102cfffffff\n");
	assert_distance_in_peace(root, 20, DISTANCE_DEFAULT, 1);
}
END_TEST

START_TEST(default_without_slit)
{
	host_tree_add_cxl(root);
	host_tree_add_tables(root);
	tree_delete(root, "sys/firmware/acpi/tables/SLIT");
	assert_distance_in_peace(root, 20, DISTANCE_DEFAULT, 1);
}
END_TEST

START_TEST(default_without_srat)
{
	host_tree_add_cxl(root);
	host_tree_add_tables(root);
	tree_delete(root, "sys/firmware/acpi/tables/SRAT");
	assert_distance_in_peace(root, 20, DISTANCE_DEFAULT, 1);
}
END_TEST

/* The SLIT has no row for the last domain of the SRAT. */
START_TEST(default_beyond_the_slit)
{
	static const uint8_t two[] = {10, 21, 21, 10};
	struct acpi_table table;

	host_tree_add_cxl(root);
	host_tree_add_tables(root);
	slit_make(&table, 2, two);
	host_tree_acpi(root, "SLIT", &table);
	assert_distance_in_peace(root, 20, DISTANCE_DEFAULT, 1);
}
END_TEST

/* The kernel disagrees about the node (numa=fake, or firmware that lies): addresses are certain,
 * numbers are not, so the nearest domain with CPUs decides. */
START_TEST(domain_of_another_node)
{
	struct facts *facts;

	host_tree_add_cxl(root);
	host_tree_add_tables(root);
	tree_put(root, CXL_DAX "/target_node", "9\n");
	facts = assert_distance(root, 31, DISTANCE_SLIT, 1);
	facts_problem(facts, "has dax0.0 in proximity domain 2, node 2, but the kernel announces "
			     "node 9");
	facts_free(facts);
}
END_TEST

/* Node 1 has CPUs and the SRAT's second domain has none: the numbers are not the kernel's. */
START_TEST(numbering_that_does_not_hold)
{
	struct acpi_table table;

	host_tree_add_cxl(root);
	host_tree_add_tables(root);
	srat_begin(&table, 3);
	srat_local_apic(&table, 0, ACPI_TABLE_ENABLED);
	srat_memory(&table, 1, GIB, GIB, ACPI_TABLE_ENABLED);
	srat_memory(&table, 2, CXL_BASE, GIB, ACPI_TABLE_ENABLED);
	acpi_table_seal(&table);
	host_tree_acpi(root, "SRAT", &table);
	assert_distance_in_peace(root, 31, DISTANCE_SLIT, 1);
}
END_TEST

/* Every refusal of the parsers says which table, and the default applies. */
START_TEST(broken_tables)
{
	static const struct {
		const char *name;
		size_t offset;
		uint8_t value;
		const char *problem;
	} cases[] = {
		{"SRAT", 0, 'X',
		 "ACPI table SRAT is not used, so that no distance can be taken "
		 "from firmware: at byte 0, the signature is not SRAT"},
		{"SRAT", 49, 0, "ACPI table SRAT is not used"},
		{"SLIT", 36, 200, "ACPI table SLIT is not used"},
		{"SLIT", 46, 10,
		 "ACPI table SLIT is not used, the default distances apply: at "
		 "byte 46"},
	};
	struct acpi_table table;
	struct facts *facts;

	host_tree_add_cxl(root);
	host_tree_add_tables(root);
	srat_begin(&table, 3);
	srat_local_apic(&table, 0, ACPI_TABLE_ENABLED);
	if (strcmp(cases[_i].name, "SLIT") == 0)
		slit_make(&table, 3, host_slit);
	table.bytes[cases[_i].offset] = cases[_i].value;
	acpi_table_seal(&table);
	host_tree_acpi(root, cases[_i].name, &table);
	facts = assert_distance(root, 20, DISTANCE_DEFAULT, 1);
	facts_problem(facts, cases[_i].problem);
	facts_free(facts);
}
END_TEST

/* Two devices that need the same table are told about it once. */
START_TEST(one_problem_one_line)
{
	struct acpi_table table;
	struct facts *facts;

	host_tree_add_cxl(root);
	host_tree_add_pmem(root);
	srat_begin(&table, 3);
	host_tree_acpi(root, "SRAT", &table); /* never sealed */
	facts = assert_distance(root, 20, DISTANCE_DEFAULT, 1);
	ck_assert_uint_eq(facts->n_devices, 2);
	ck_assert_uint_eq(facts->problems.n, 1);
	facts_free(facts);
}
END_TEST

/* /sys/firmware/acpi/tables is root's alone. */
START_TEST(tables_that_may_not_be_read)
{
	_cleanup_(observer_freep) struct observer *observer = NULL;
	_cleanup_(facts_freep) struct facts *facts = NULL;
	struct failing_ops ops = {.fail_path = "acpi/tables/SRAT", .error = -EACCES};
	struct sysfs sysfs;

	host_tree_add_cxl(root);
	host_tree_add_tables(root);
	ck_assert_int_eq(sysfs_open(&sysfs, root, &failing_ops, &ops), 0);
	ck_assert_int_eq(observer_new(&sysfs, NULL, &observer), 0);
	ck_assert_int_eq(observe(observer, &facts), 0);
	ck_assert_str_eq(facts_problem(facts, "SRAT"),
			 "cannot read sys/firmware/acpi/tables/SRAT: Permission denied (EACCES); "
			 "run as root");
	ck_assert_int_eq(facts->devices[0].distance.source, DISTANCE_DEFAULT);
	facts = facts_free(facts);

	/* Privileges may come: it is tried again. */
	ops.fail_path = NULL;
	ck_assert_int_eq(observe(observer, &facts), 0);
	ck_assert_int_eq(facts->devices[0].distance.source, DISTANCE_SLIT);
	sysfs_close(&sysfs);
}
END_TEST

/* Nobody needs the tables where the nodes exist, so nobody is told that they cannot be read. */
START_TEST(tables_are_read_when_needed)
{
	_cleanup_(observer_freep) struct observer *observer = NULL;
	_cleanup_(facts_freep) struct facts *facts = NULL;
	struct failing_ops ops = {.fail_path = "acpi/tables/SRAT", .error = -EACCES};
	struct sysfs sysfs;

	host_tree_add_hmem(root);
	ck_assert_int_eq(sysfs_open(&sysfs, root, &failing_ops, &ops), 0);
	ck_assert_int_eq(observer_new(&sysfs, NULL, &observer), 0);
	ck_assert_int_eq(observe(observer, &facts), 0);
	ck_assert_uint_eq(facts->problems.n, 0);
	ck_assert_int_eq(facts->devices[0].distance.source, DISTANCE_HWLOC);
	sysfs_close(&sysfs);
}
END_TEST

TCase *firmware_tests(void)
{
	TCase *tcase = tcase_create("firmware");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, slit_before_the_node_exists);
	tcase_add_test(tcase, slit_finds_the_initiator);
	tcase_add_test(tcase, slit_goes_by_domains);
	tcase_add_test(tcase, slit_by_the_target_node);
	tcase_add_test(tcase, default_of_a_window_without_domain);
	tcase_add_test(tcase, default_without_slit);
	tcase_add_test(tcase, default_without_srat);
	tcase_add_test(tcase, default_beyond_the_slit);
	tcase_add_test(tcase, domain_of_another_node);
	tcase_add_test(tcase, numbering_that_does_not_hold);
	tcase_add_loop_test(tcase, broken_tables, 0, 4);
	tcase_add_test(tcase, one_problem_one_line);
	tcase_add_test(tcase, tables_that_may_not_be_read);
	tcase_add_test(tcase, tables_are_read_when_needed);
	return tcase;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "base/cleanup.h"
#include "host-tree.h"
#include "observe/proximity.h"
#include "suites.h"

static char *root;
static struct sysfs sysfs;
static struct strv problems;
static struct look look;

static void setup(void)
{
	root = host_tree_new();
	ck_assert_int_eq(sysfs_open(&sysfs, root, NULL, NULL), 0);
	look = (struct look){.sysfs = &sysfs, .problems = &problems};
}

static void teardown(void)
{
	strv_done(&problems);
	sysfs_close(&sysfs);
	root = tree_remove(root);
}

/* Memory stands first in the table, and still CPUs and initiators get the first numbers. */
START_TEST(nodes_are_numbered_as_the_kernel_does)
{
	_cleanup_(proximity_done) struct proximity p = {};
	struct acpi_table srat;
	uint32_t domain;

	srat_begin(&srat, 3);
	srat_memory(&srat, 40, 0x400000000, 0x1000, ACPI_TABLE_ENABLED);
	srat_memory(&srat, 9, 0, 0x1000, ACPI_TABLE_ENABLED);
	srat_x2apic(&srat, 9, ACPI_TABLE_ENABLED);
	srat_initiator(&srat, 30, ACPI_TABLE_ENABLED);
	srat_local_apic(&srat, 3, ACPI_TABLE_ENABLED);
	srat_local_apic(&srat, 9, ACPI_TABLE_ENABLED);
	srat_x2apic(&srat, 50, ACPI_TABLE_DISABLED);
	acpi_table_seal(&srat);
	host_tree_acpi(root, "SRAT", &srat);

	ck_assert_int_eq(proximity_load(&p, &look), 0);
	ck_assert_uint_eq(problems.n, 0);
	ck_assert_int_eq(proximity_node(&p, 9), 0);
	ck_assert_int_eq(proximity_node(&p, 30), 1);
	ck_assert_int_eq(proximity_node(&p, 3), 2);
	ck_assert_int_eq(proximity_node(&p, 40), 3);
	ck_assert_int_eq(proximity_node(&p, 50), -1);
	ck_assert(proximity_domain_of_node(&p, 3, &domain));
	ck_assert_uint_eq(domain, 40);
	ck_assert(!proximity_domain_of_node(&p, 4, &domain));
	ck_assert(!proximity_domain_of_node(&p, -1, &domain));
	ck_assert(proximity_has_cpu(&p, 9));
	ck_assert(!proximity_has_cpu(&p, 30));
	ck_assert(!proximity_has_cpu(&p, 40));
}
END_TEST

START_TEST(addresses_belong_to_domains)
{
	_cleanup_(proximity_done) struct proximity p = {};
	struct acpi_table srat;
	uint32_t domain = 77;

	srat_begin(&srat, 3);
	srat_memory(&srat, 1, 0x1000, 0x1000, ACPI_TABLE_ENABLED);
	srat_memory(&srat, 2, 0x2000, 0, ACPI_TABLE_ENABLED);
	srat_memory(&srat, 3, 0x2000, 0x800, ACPI_TABLE_ENABLED);
	acpi_table_seal(&srat);
	host_tree_acpi(root, "SRAT", &srat);
	ck_assert_int_eq(proximity_load(&p, &look), 0);

	ck_assert(!proximity_domain_of_address(&p, 0xfff, &domain));
	ck_assert(!proximity_domain_of_address(&p, 0x2800, &domain));
	ck_assert_uint_eq(domain, 77);
	ck_assert(proximity_domain_of_address(&p, 0x1000, &domain));
	ck_assert_uint_eq(domain, 1);
	ck_assert(proximity_domain_of_address(&p, 0x1fff, &domain));
	ck_assert_uint_eq(domain, 1);
	ck_assert(proximity_domain_of_address(&p, 0x2000, &domain));
	ck_assert_uint_eq(domain, 3);
}
END_TEST

START_TEST(absent_tables_are_no_problem)
{
	_cleanup_(proximity_done) struct proximity p = {};

	ck_assert_int_eq(proximity_load(&p, &look), 0);
	ck_assert_uint_eq(problems.n, 0);
	ck_assert_uint_eq(p.n_domains, 0);
	ck_assert_int_eq(proximity_node(&p, 0), -1);
}
END_TEST

START_TEST(tables_are_read_once)
{
	_cleanup_(proximity_done) struct proximity p = {};
	struct acpi_table srat;
	uint64_t reads;

	srat_begin(&srat, 3);
	srat_x2apic(&srat, 0, ACPI_TABLE_ENABLED);
	acpi_table_seal(&srat);
	host_tree_acpi(root, "SRAT", &srat);
	ck_assert_int_eq(proximity_load(&p, &look), 0);
	reads = sysfs.n_reads;
	ck_assert_uint_gt(reads, 0);
	ck_assert_int_eq(proximity_load(&p, &look), 0);
	ck_assert_uint_eq(sysfs.n_reads, reads);
}
END_TEST

/* Said in every look, not only in the first. */
START_TEST(refused_table_stays_a_problem)
{
	_cleanup_(proximity_done) struct proximity p = {};
	static const uint8_t d[] = {10, 9, 9, 10};
	struct acpi_table slit;

	slit_make(&slit, 2, d);
	host_tree_acpi(root, "SLIT", &slit);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(proximity_load(&p, &look), 0);
		ck_assert_uint_eq(problems.n, 1);
		ck_assert_str_eq(problems.items[0],
				 "ACPI table SLIT is not used, the default distances apply: at "
				 "byte 45, the distance from locality 0 to 1 is 9, which must be "
				 "above 10");
		strv_done(&problems);
	}
	ck_assert_uint_eq(p.slit.n, 0);
}
END_TEST

TCase *proximity_tests(void)
{
	TCase *tcase = tcase_create("proximity");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, nodes_are_numbered_as_the_kernel_does);
	tcase_add_test(tcase, addresses_belong_to_domains);
	tcase_add_test(tcase, absent_tables_are_no_problem);
	tcase_add_test(tcase, tables_are_read_once);
	tcase_add_test(tcase, refused_table_stays_a_problem);
	return tcase;
}

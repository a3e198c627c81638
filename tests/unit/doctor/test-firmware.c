/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ACPI tables that contradict each other, or the kernel; and tables of any bytes. */
#include <stdlib.h>

#include "acpi-table.h"
#include "patient.h"
#include "suites.h"
#include "tree.h"

#define SRAT "sys/firmware/acpi/tables/SRAT"
#define SLIT "sys/firmware/acpi/tables/SLIT"
#define GIB  (UINT64_C(1) << 30)

static void put(const char *path, struct acpi_table *table)
{
	acpi_table_seal(table);
	tree_put_blob(patient.root, path, table->bytes, table->size);
}

/* A domain with a CPU and one with memory alone. */
static void put_srat(void)
{
	struct acpi_table table;

	srat_begin(&table, 3);
	srat_local_apic(&table, 0, ACPI_TABLE_ENABLED);
	srat_memory(&table, 0, 0, 4 * GIB, ACPI_TABLE_ENABLED);
	srat_memory(&table, 1, 16 * GIB, 4 * GIB, ACPI_TABLE_ENABLED);
	put(SRAT, &table);
}

static void put_slit(uint8_t there, uint8_t back)
{
	const uint8_t distances[] = {10, there, back, 10};
	struct acpi_table table;

	slit_make(&table, 2, distances);
	put(SLIT, &table);
}

static void setup(void)
{
	patient_setup();
	put_srat();
	put_slit(20, 20);
	tree_put(patient.root, "sys/devices/system/node/online", "0-1\n");
	tree_put(patient.root, "sys/devices/system/node/node0/distance", "10 20\n");
	tree_put(patient.root, "sys/devices/system/node/node1/distance", "20 10\n");
}

START_TEST(test_agreement)
{
	patient_examine();
	patient_is_well();
}
END_TEST

START_TEST(test_overlap)
{
	struct acpi_table table;
	const struct finding *finding;

	srat_begin(&table, 3);
	srat_local_apic(&table, 0, ACPI_TABLE_ENABLED);
	srat_memory(&table, 0, 0, 4 * GIB, ACPI_TABLE_ENABLED);
	srat_memory(&table, 1, 3 * GIB, 2 * GIB, ACPI_TABLE_ENABLED);
	/* Its own neighbour and its own overlap are none. */
	srat_memory(&table, 1, 5 * GIB, GIB, ACPI_TABLE_ENABLED);
	srat_memory(&table, 1, 5 * GIB, GIB, ACPI_TABLE_ENABLED);
	put(SRAT, &table);
	patient_examine();
	finding = patient_finds(FINDING_ERROR, ABOUT_FIRMWARE, "two proximity domains, 0 and 1");
	ck_assert_str_eq(finding->file, "/" SRAT);
	ck_assert_str_eq(finding->value, "0x0 of 0x100000000 bytes, and 0xc0000000 of 0x80000000 "
					 "bytes");
	ck_assert_uint_eq(patient.findings.n, 1);
}
END_TEST

START_TEST(test_slit_is_too_small)
{
	struct acpi_table table;

	slit_make(&table, 1, (const uint8_t[]){10});
	put(SLIT, &table);
	patient_examine();
	patient_finds(FINDING_WARNING, ABOUT_FIRMWARE, "no distances of proximity domain 1");
	ck_assert_uint_eq(patient.findings.n, 1);
}
END_TEST

START_TEST(test_two_distances)
{
	const struct finding *finding;

	put_slit(20, 21);
	tree_put(patient.root, "sys/devices/system/node/node1/distance", "21 10\n");
	patient_examine();
	finding = patient_finds(FINDING_NOTE, ABOUT_FIRMWARE, "two distances");
	ck_assert_str_eq(finding->value, "20 there, 21 back");
	ck_assert_uint_eq(patient.findings.n, 1);
}
END_TEST

START_TEST(test_kernel_uses_another_distance)
{
	const struct finding *finding;

	put_slit(31, 31);
	patient_examine();
	finding = patient_finds(FINDING_WARNING, ABOUT_FIRMWARE,
				"From node 0 to node 1 the SLIT says 31, and the kernel uses 20");
	ck_assert_str_eq(finding->file, "/sys/devices/system/node/node0/distance");
	ck_assert_str_eq(finding->value, "10 20");
	/* Nodes that the kernel was told to make up are not those of the tables. */
	tree_put(patient.root, "proc/cmdline", "numa=fake=2\n");
	patient_examine();
	patient_lacks("the SLIT says");
}
END_TEST

START_TEST(test_node_is_missing)
{
	struct acpi_table table;

	srat_begin(&table, 3);
	srat_local_apic(&table, 0, ACPI_TABLE_ENABLED);
	srat_local_apic(&table, 1, ACPI_TABLE_ENABLED);
	put(SRAT, &table);
	patient_examine();
	patient_is_well();
	tree_put(patient.root, "sys/devices/system/node/online", "0\n");
	patient_examine();
	patient_finds(FINDING_WARNING, ABOUT_FIRMWARE, "CPUs in proximity domain 1");
}
END_TEST

START_TEST(test_refused)
{
	struct acpi_table table;
	const struct finding *finding;

	srat_begin(&table, 3);
	acpi_table_seal(&table);
	table.bytes[9]++;
	tree_put_blob(patient.root, SRAT, table.bytes, table.size);
	patient_examine();
	finding = patient_finds(FINDING_ERROR, ABOUT_FIRMWARE, "SRAT is malformed");
	ck_assert_str_eq(finding->file, "/" SRAT);
	ck_assert_str_eq(finding->value, "at byte 9, the checksum is wrong by 0x01");
}
END_TEST

/* Each byte of both tables, wrong, with the checksum put right: findings at most. */
START_TEST(test_any_byte_wrong)
{
	struct acpi_table srat, slit;
	size_t refused = 0;

	srat_begin(&srat, 3);
	srat_local_apic(&srat, 0, ACPI_TABLE_ENABLED);
	srat_memory(&srat, 1, 16 * GIB, 4 * GIB, ACPI_TABLE_ENABLED);
	slit_make(&slit, 2, (const uint8_t[]){10, 20, 20, 10});
	for (size_t i = 0; i < srat.size + slit.size; i++) {
		struct acpi_table bad_srat = srat, bad_slit = slit;

		if (i < srat.size)
			bad_srat.bytes[i] = 0xff;
		else
			bad_slit.bytes[i - srat.size] = 0xff;
		put(SRAT, &bad_srat);
		put(SLIT, &bad_slit);
		patient_examine();
		for (size_t k = 0; k < patient.findings.n; k++)
			refused += strstr(patient.findings.items[k].what, "malformed") != NULL;
	}
	ck_assert_uint_ge(refused, 20);
}
END_TEST

#define MANY 20000

/* A table need not be of any firmware: each pair would be told of, and there is one of each two. */
START_TEST(test_tables_without_end)
{
	struct acpi_affinity *items = calloc(MANY, sizeof(*items));
	struct acpi_window *windows = calloc(MANY, sizeof(*windows));
	struct evidence evidence = {
		.proximity.srat = {.items = items, .n = MANY},
		.cedt = {.windows = windows, .n_windows = MANY},
	};
	const struct facts facts = {.host = {.dax_autoprobe = 1}};

	ck_assert(items && windows);
	for (uint32_t i = 0; i < MANY; i++) {
		items[i] = (struct acpi_affinity){
			.kind = ACPI_AFFINITY_MEMORY, .domain = i, .length = GIB};
		windows[i] = (struct acpi_window){.size = GIB, .ways = 1, .targets = {i}};
	}
	ck_assert_int_ge(doctor_examine(&facts, &evidence, &patient.findings), 0);
	ck_assert_uint_eq(patient.findings.n, 32);
	/* Without the other, which had all the room. */
	findings_done(&patient.findings);
	evidence.proximity.srat.n = 0;
	ck_assert_int_ge(doctor_examine(&facts, &evidence, &patient.findings), 0);
	ck_assert_uint_eq(patient.findings.n, 32);
	free(items);
	free(windows);
}
END_TEST

Suite *firmware_suite(void)
{
	Suite *suite = suite_create("firmware");
	TCase *tcase = tcase_create("firmware");

	tcase_add_checked_fixture(tcase, setup, patient_teardown);
	tcase_add_test(tcase, test_agreement);
	tcase_add_test(tcase, test_overlap);
	tcase_add_test(tcase, test_slit_is_too_small);
	tcase_add_test(tcase, test_two_distances);
	tcase_add_test(tcase, test_kernel_uses_another_distance);
	tcase_add_test(tcase, test_node_is_missing);
	tcase_add_test(tcase, test_refused);
	tcase_add_test(tcase, test_any_byte_wrong);
	tcase_add_test(tcase, test_tables_without_end);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	return suite;
}

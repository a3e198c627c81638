/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Latencies of the HMAT, against the SLIT and what the kernel took of them. */
#include <stdio.h>

#include "acpi-table.h"
#include "observe/acpi-cxl.h"
#include "patient.h"
#include "suites.h"
#include "tree.h"

#define TABLES "sys/firmware/acpi/tables/"
#define GIB    (UINT64_C(1) << 30)

static struct acpi_table hmat;

static void put(const char *path, struct acpi_table *table)
{
	acpi_table_seal(table);
	tree_put_blob(patient.root, path, table->bytes, table->size);
}

static void examine(void)
{
	put(TABLES "HMAT", &hmat);
	patient_examine();
}

static void put_nodes(const char *online)
{
	tree_put(patient.root, "sys/devices/system/node/online", online);
	tree_put(patient.root, "sys/devices/system/node/has_memory", online);
	for (int node = 0; node < 3; node++) {
		char path[64];

		snprintf(path, sizeof(path), "sys/devices/system/node/node%d/meminfo", node);
		tree_putf(patient.root, path, "Node %d MemTotal: 4194304 kB\n", node);
	}
}

static void put_latency(int node, const char *nsec)
{
	char path[96];

	snprintf(path, sizeof(path),
		 "sys/devices/system/node/node%d/access0/initiators/read_latency", node);
	tree_put(patient.root, path, nsec);
}

/* Three domains, of which the SLIT has 1 nearer than 2, as seen from 0. */
static void put_three(void)
{
	static const uint8_t distances[] = {10, 20, 31, 20, 10, 31, 31, 31, 10};
	struct acpi_table srat, slit;

	srat_begin(&srat, 3);
	srat_local_apic(&srat, 0, ACPI_TABLE_ENABLED);
	for (uint32_t i = 0; i < 3; i++)
		srat_memory(&srat, i, i * 16 * GIB, 4 * GIB, ACPI_TABLE_ENABLED);
	put(TABLES "SRAT", &srat);
	slit_make(&slit, 3, distances);
	put(TABLES "SLIT", &slit);
	put_nodes("0-2\n");
	hmat_begin(&hmat);
}

START_TEST(test_order_of_latencies)
{
	static const uint32_t from[] = {0}, to[] = {0, 1, 2};
	const struct finding *finding;

	put_three();
	hmat_latencies(&hmat, from, 1, to, 3, (const uint16_t[]){80, 200, 300});
	examine();
	patient_lacks("by the HMAT");
	hmat_begin(&hmat);
	hmat_latencies(&hmat, from, 1, to, 3, (const uint16_t[]){80, 300, 200});
	examine();
	finding = patient_finds(FINDING_WARNING, ABOUT_FIRMWARE, "by the HMAT");
	ck_assert_ptr_nonnull(
		strstr(finding->what, "From proximity domain 0, domain 2 is nearer than 1"));
	ck_assert_str_eq(finding->value, "200 ns and 300 ns, distances 31 and 20");
	/* What is the same, not told, or not to be reached, contradicts nothing. */
	hmat_begin(&hmat);
	hmat_latencies(&hmat, from, 1, to, 3, (const uint16_t[]){80, 200, 200});
	examine();
	patient_lacks("by the HMAT");
	hmat_begin(&hmat);
	hmat_latencies(&hmat, from, 1, to, 3, (const uint16_t[]){80, 0xffff, 200});
	examine();
	patient_lacks("by the HMAT");
	hmat_begin(&hmat);
	hmat_latencies(&hmat, from, 1, to, 3, (const uint16_t[]){0, 0, 60});
	examine();
	patient_lacks("by the HMAT");
}
END_TEST

START_TEST(test_latency_not_taken)
{
	static const uint32_t from[] = {0}, to[] = {0, 1, 2};
	const struct finding *finding;

	put_three();
	hmat_latencies(&hmat, from, 1, to, 3, (const uint16_t[]){80, 200, 300});
	put_latency(0, "80\n");
	put_latency(1, "200\n");
	examine();
	finding = patient_finds(FINDING_WARNING, ABOUT_FIRMWARE, "latency of node 2");
	ck_assert_str_eq(finding->file,
			 "/sys/devices/system/node/node2/access0/initiators/read_latency");
	put_latency(2, "300\n");
	examine();
	patient_lacks("latency of node");
	/* A kernel that takes none at all. */
	put_latency(0, "0\n");
	put_latency(1, "0\n");
	put_latency(2, "0\n");
	examine();
	patient_lacks("latency of node");
}
END_TEST

START_TEST(test_latency_values)
{
	static const uint32_t from[] = {7, 3}, to[] = {1, 9};
	struct acpi_hmat parsed = {};
	struct acpi_refusal refusal;
	uint64_t nsec = 0;

	hmat_begin(&hmat);
	hmat_latencies(&hmat, from, 2, to, 2, (const uint16_t[]){10, 20, 30, 0});
	acpi_table_seal(&hmat);
	ck_assert_int_eq(acpi_hmat_parse(hmat.bytes, hmat.size, &parsed, &refusal), 0);
	ck_assert_uint_eq(parsed.n_latencies, 3);
	ck_assert(acpi_hmat_latency(&parsed, 7, 1, &nsec) && nsec == 10);
	ck_assert(acpi_hmat_latency(&parsed, 7, 9, &nsec) && nsec == 20);
	ck_assert(acpi_hmat_latency(&parsed, 3, 1, &nsec) && nsec == 30);
	ck_assert(!acpi_hmat_latency(&parsed, 3, 9, &nsec));
	ck_assert(!acpi_hmat_latency(&parsed, 1, 7, &nsec));
	acpi_hmat_done(&parsed);
	/* A base that would overflow is none; the first revision counts in tenths. */
	acpi_put_u64(&hmat, 40 + 24, UINT64_MAX);
	acpi_table_seal(&hmat);
	ck_assert_int_eq(acpi_hmat_parse(hmat.bytes, hmat.size, &parsed, &refusal), 0);
	ck_assert_uint_eq(parsed.n_latencies, 0);
	acpi_hmat_done(&parsed);
	acpi_put_u64(&hmat, 40 + 24, 7);
	hmat.bytes[8] = 1;
	acpi_table_seal(&hmat);
	ck_assert_int_eq(acpi_hmat_parse(hmat.bytes, hmat.size, &parsed, &refusal), 0);
	ck_assert(acpi_hmat_latency(&parsed, 7, 1, &nsec) && nsec == 7);
	ck_assert(acpi_hmat_latency(&parsed, 3, 1, &nsec) && nsec == 21);
	acpi_hmat_done(&parsed);
	/* Bandwidth, and what is of a cache. */
	hmat.bytes[40 + 9] = 4;
	acpi_table_seal(&hmat);
	ck_assert_int_eq(acpi_hmat_parse(hmat.bytes, hmat.size, &parsed, &refusal), 0);
	ck_assert_uint_eq(parsed.n_latencies, 0);
	acpi_hmat_done(&parsed);
	hmat.bytes[40 + 9] = 0;
	hmat.bytes[40 + 8] = 1;
	acpi_table_seal(&hmat);
	ck_assert_int_eq(acpi_hmat_parse(hmat.bytes, hmat.size, &parsed, &refusal), 0);
	ck_assert_uint_eq(parsed.n_latencies, 0);
	acpi_hmat_done(&parsed);
}
END_TEST

Suite *hmat_suite(void)
{
	Suite *suite = suite_create("HMAT");
	TCase *tcase = tcase_create("HMAT");

	tcase_add_checked_fixture(tcase, patient_setup, patient_teardown);
	tcase_add_test(tcase, test_order_of_latencies);
	tcase_add_test(tcase, test_latency_not_taken);
	tcase_add_test(tcase, test_latency_values);
	suite_add_tcase(suite, tcase);
	return suite;
}

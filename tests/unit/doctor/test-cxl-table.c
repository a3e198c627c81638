/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CEDT, and the HMAT beside it; its latencies are in test-hmat.c. */
#include "acpi-table.h"
#include "base/cleanup.h"
#include "observe/acpi-bytes.h"
#include "observe/acpi-cxl.h"
#include "patient.h"
#include "suites.h"
#include "tree.h"

#define TABLES "sys/firmware/acpi/tables/"
#define MIB    (UINT64_C(1) << 20)
#define GIB    (UINT64_C(1) << 30)

static struct acpi_table cedt, hmat;

static void put(const char *path, struct acpi_table *table)
{
	acpi_table_seal(table);
	tree_put_blob(patient.root, path, table->bytes, table->size);
}

static void examine(void)
{
	put(TABLES "CEDT", &cedt);
	put(TABLES "HMAT", &hmat);
	patient_examine();
}

/* A window of two bridges; an SRAT with a CPU's domain, and one for the window. */
static void setup(void)
{
	struct acpi_table srat;

	patient_setup();
	srat_begin(&srat, 3);
	srat_local_apic(&srat, 0, ACPI_TABLE_ENABLED);
	srat_memory(&srat, 0, 0, 4 * GIB, ACPI_TABLE_ENABLED);
	srat_memory(&srat, 1, 16 * GIB, 4 * GIB, ACPI_TABLE_ENABLED);
	put(TABLES "SRAT", &srat);
	cedt_begin(&cedt);
	cedt_bridge(&cedt, 12);
	cedt_bridge(&cedt, 0xde);
	cedt_window(&cedt, 16 * GIB, 4 * GIB, 1, (const uint32_t[]){12, 0xde}, 2);
	hmat_begin(&hmat);
	hmat_proximity(&hmat, 0, 1);
	hmat_locality(&hmat, (const uint32_t[]){0}, 1, (const uint32_t[]){0, 1}, 2);
}

START_TEST(test_agreement)
{
	examine();
	patient_is_well();
}
END_TEST

START_TEST(test_parsed)
{
	_cleanup_(acpi_cedt_done) struct acpi_cedt parsed = {};
	_cleanup_(acpi_hmat_done) struct acpi_hmat domains = {};
	struct acpi_refusal refusal;

	acpi_table_seal(&cedt);
	ck_assert_int_eq(acpi_cedt_parse(cedt.bytes, cedt.size, &parsed, &refusal), 0);
	ck_assert_uint_eq(parsed.n_bridges, 2);
	ck_assert_uint_eq(parsed.bridges[1], 0xde);
	ck_assert_uint_eq(parsed.n_windows, 1);
	ck_assert_uint_eq(parsed.windows[0].base, 16 * GIB);
	ck_assert_uint_eq(parsed.windows[0].size, 4 * GIB);
	ck_assert_uint_eq(parsed.windows[0].ways, 2);
	ck_assert_uint_eq(parsed.windows[0].targets[1], 0xde);
	acpi_table_seal(&hmat);
	ck_assert_int_eq(acpi_hmat_parse(hmat.bytes, hmat.size, &domains, &refusal), 0);
	ck_assert_uint_eq(domains.n, 2);
}
END_TEST

START_TEST(test_window_to_nowhere)
{
	const struct finding *finding;

	cedt_window(&cedt, 32 * GIB, GIB, 0, (const uint32_t[]){13}, 1);
	examine();
	finding = patient_finds(FINDING_ERROR, ABOUT_FIRMWARE, "host bridge 0xd, which");
	ck_assert_str_eq(finding->file, "/" TABLES "CEDT");
	ck_assert_str_eq(finding->value, "0x800000000 of 0x40000000 bytes");
	ck_assert_uint_eq(patient.findings.n, 1);
}
END_TEST

START_TEST(test_windows_overlap)
{
	/* One that begins where another ends does not. */
	cedt_window(&cedt, 20 * GIB, GIB, 0, (const uint32_t[]){12}, 1);
	examine();
	patient_is_well();
	cedt_window(&cedt, 19 * GIB, GIB, 0, (const uint32_t[]){12}, 1);
	examine();
	patient_finds(FINDING_ERROR, ABOUT_FIRMWARE, "overlap");
	ck_assert_uint_eq(patient.findings.n, 1);
}
END_TEST

START_TEST(test_window_is_not_aligned)
{
	static const uint64_t wrong[][2] = {
		{32 * GIB + MIB, 256 * MIB}, {32 * GIB, 128 * MIB}, {32 * GIB, 0}};
	size_t size = cedt.size;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		cedt.size = size;
		cedt_window(&cedt, wrong[i][0], wrong[i][1], 0, (const uint32_t[]){12}, 1);
		examine();
		patient_finds(FINDING_ERROR, ABOUT_FIRMWARE, "256 MiB");
		ck_assert_uint_eq(patient.findings.n, 1);
	}
}
END_TEST

START_TEST(test_window_in_two_domains)
{
	cedt_window(&cedt, 0, GIB, 0, (const uint32_t[]){12}, 1);
	examine();
	patient_is_well();
	/* From the CPU's memory to the first window's. */
	cedt_window(&cedt, 3 * GIB, 13 * GIB + 256 * MIB, 0, (const uint32_t[]){12}, 1);
	examine();
	patient_finds(FINDING_WARNING, ABOUT_FIRMWARE, "two proximity domains, 0 and 1");
}
END_TEST

START_TEST(test_unknown_domain)
{
	const struct finding *finding;

	hmat_locality(&hmat, (const uint32_t[]){0}, 1, (const uint32_t[]){1, 7}, 2);
	examine();
	finding = patient_finds(FINDING_WARNING, ABOUT_FIRMWARE, "HMAT");
	ck_assert_str_eq(finding->value, "proximity domain 7");
	ck_assert_uint_eq(patient.findings.n, 1);
}
END_TEST

START_TEST(test_xor)
{
	const struct finding *finding;

	cedt_window_by_xor(&cedt, 2, 1);
	cedt_xor(&cedt, 0);
	examine();
	finding = patient_finds(FINDING_ERROR, ABOUT_FIRMWARE, "interleaved by XOR");
	ck_assert_str_eq(finding->value, "0x400000000 of 0x100000000 bytes");
	cedt_xor(&cedt, 1);
	examine();
	patient_lacks("interleaved by XOR");
	/* Of one target there is nothing to choose. */
	cedt_window(&cedt, 64 * GIB, GIB, 0, (const uint32_t[]){12}, 1);
	cedt_window_by_xor(&cedt, 1, 200);
	examine();
	patient_lacks("interleaved by XOR");
	cedt_window(&cedt, 128 * GIB, GIB, 1, (const uint32_t[]){12, 0xde}, 2);
	cedt_window_by_xor(&cedt, 2, 200);
	examine();
	patient_finds(FINDING_ERROR, ABOUT_FIRMWARE, "interleaved by XOR");
}
END_TEST

/* Counts whose product, or sum, is more than there is. */
START_TEST(test_wild_counts)
{
	static const uint32_t wild[] = {2, 1000, 0x10000, 0x80000000, UINT32_MAX};
	struct acpi_refusal refusal;
	size_t at = 40 + 40; /* the second structure */

	for (size_t i = 0; i < ARRAY_SIZE(wild); i++) {
		for (size_t field = 12; field <= 16; field += 4) {
			struct acpi_table bad = hmat;
			struct acpi_hmat parsed = {};

			acpi_put_u32(&bad, at + field, field == 16 ? wild[i] + 1 : wild[i]);
			if (field == 16 && wild[i] == UINT32_MAX)
				continue;
			acpi_table_seal(&bad);
			ck_assert_int_eq(acpi_hmat_parse(bad.bytes, bad.size, &parsed, &refusal),
					 -EBADMSG);
			ck_assert_uint_eq(refusal.offset, at + 12);
		}
	}
}
END_TEST

START_TEST(test_fewer_targets_than_ways)
{
	const struct finding *finding;

	cedt_window(&cedt, 32 * GIB, GIB, 2, (const uint32_t[]){12, 0xde, 12}, 3);
	examine();
	finding = patient_finds(FINDING_ERROR, ABOUT_FIRMWARE, "CEDT is malformed");
	ck_assert_ptr_nonnull(strstr(finding->value, "a window of 4 ways has room for 3 targets"));
	ck_assert_uint_eq(patient.findings.n, 1);
}
END_TEST

/* Each byte of both, wrong: findings at most. */
START_TEST(test_any_byte_wrong)
{
	size_t refused = 0;

	for (size_t i = 0; i < cedt.size + hmat.size; i++) {
		struct acpi_table bad_cedt = cedt, bad_hmat = hmat;

		if (i < cedt.size)
			bad_cedt.bytes[i] = 0xff;
		else
			bad_hmat.bytes[i - cedt.size] = 0xff;
		put(TABLES "CEDT", &bad_cedt);
		put(TABLES "HMAT", &bad_hmat);
		patient_examine();
		for (size_t k = 0; k < patient.findings.n; k++)
			refused += strstr(patient.findings.items[k].what, "malformed") != NULL;
	}
	ck_assert_uint_ge(refused, 20);
}
END_TEST

START_TEST(test_cut_short)
{
	struct acpi_refusal refusal;
	size_t at_end = 0;

	for (size_t n = 0; n < cedt.size; n++) {
		_cleanup_(acpi_cedt_done) struct acpi_cedt parsed = {};
		struct acpi_table cut = cedt;
		int r;

		cut.size = n;
		if (n >= 36)
			acpi_table_seal(&cut);
		r = acpi_cedt_parse(cut.bytes, cut.size, &parsed, &refusal);
		/* Between two structures it is a table as well. */
		at_end += r == 0;
		ck_assert(r == 0 || r == -EBADMSG);
	}
	ck_assert_uint_eq(at_end, 3);
}
END_TEST

/* Well-formed otherwise: it would be compared for hours. */
START_TEST(test_too_large)
{
	size_t size = ACPI_TABLE_SIZE_MAX + 8;
	_cleanup_free_ uint8_t *bytes = calloc(1, size);
	struct acpi_refusal refusal = {};
	struct acpi_hmat parsed = {};

	ck_assert_ptr_nonnull(bytes);
	acpi_table_seal(&hmat);
	memcpy(bytes, hmat.bytes, 40);
	for (size_t at = 40; at < size; at += 8)
		bytes[at] = bytes[at + 4] = 8;
	for (size_t pass = 0; pass < 2; pass++) {
		uint8_t sum = 0;
		int r;

		for (size_t i = 0; i < 4; i++)
			bytes[4 + i] = (uint8_t)(size >> (8 * i));
		bytes[9] = 0;
		for (size_t i = 0; i < size; i++)
			sum = (uint8_t)(sum + bytes[i]);
		bytes[9] = (uint8_t)-sum;
		r = acpi_hmat_parse(bytes, size, &parsed, &refusal);
		ck_assert_int_eq(r, pass == 0 ? -EBADMSG : 0);
		ck_assert_uint_eq(refusal.offset, 4);
		size = ACPI_TABLE_SIZE_MAX;
	}
}
END_TEST

/* A table that is wrong throughout does not bury the rest. */
START_TEST(test_not_too_many)
{
	for (uint32_t i = 0; i < 60; i++)
		hmat_proximity(&hmat, 0, 100 + i);
	examine();
	ck_assert_uint_eq(patient.findings.n, 32);
}
END_TEST

Suite *cxl_table_suite(void)
{
	Suite *suite = suite_create("CXL tables");
	TCase *tcase = tcase_create("CXL tables");

	tcase_add_checked_fixture(tcase, setup, patient_teardown);
	tcase_add_test(tcase, test_agreement);
	tcase_add_test(tcase, test_parsed);
	tcase_add_test(tcase, test_window_to_nowhere);
	tcase_add_test(tcase, test_windows_overlap);
	tcase_add_test(tcase, test_window_is_not_aligned);
	tcase_add_test(tcase, test_window_in_two_domains);
	tcase_add_test(tcase, test_unknown_domain);
	tcase_add_test(tcase, test_xor);
	tcase_add_test(tcase, test_wild_counts);
	tcase_add_test(tcase, test_fewer_targets_than_ways);
	tcase_add_test(tcase, test_any_byte_wrong);
	tcase_add_test(tcase, test_cut_short);
	tcase_add_test(tcase, test_too_large);
	tcase_add_test(tcase, test_not_too_many);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	return suite;
}

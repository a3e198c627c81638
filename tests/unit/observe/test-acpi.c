/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "acpi-table.h"
#include "observe/acpi.h"
#include "suites.h"

#define SRAT_FIRST 48 /* offset of the first structure */

static struct acpi_table table;
static struct acpi_refusal refusal;

/*
 * The parser gets a copy of exactly the table's size, so that the sanitizer sees the first byte
 * read beyond it.
 */
static int parse_srat(struct acpi_srat *ret)
{
	uint8_t *copy = malloc(table.size ? table.size : 1);
	int r;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, table.bytes, table.size);
	r = acpi_srat_parse(copy, table.size, ret, &refusal);
	free(copy);
	return r;
}

static int parse_slit(struct acpi_slit *ret)
{
	uint8_t *copy = malloc(table.size ? table.size : 1);
	int r;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, table.bytes, table.size);
	r = acpi_slit_parse(copy, table.size, ret, &refusal);
	free(copy);
	return r;
}

static void assert_srat_refused(size_t offset, const char *what)
{
	struct acpi_srat srat = {.n = 77};

	ck_assert_int_eq(parse_srat(&srat), -EBADMSG);
	ck_assert_uint_eq(srat.n, 77);
	ck_assert_msg(strstr(refusal.what, what), "\"%s\" does not say \"%s\"", refusal.what, what);
	ck_assert_uint_eq(refusal.offset, offset);
}

static void assert_slit_refused(size_t offset, const char *what)
{
	struct acpi_slit slit = {.n = 77};

	ck_assert_int_eq(parse_slit(&slit), -EBADMSG);
	ck_assert_uint_eq(slit.n, 77);
	ck_assert_msg(strstr(refusal.what, what), "\"%s\" does not say \"%s\"", refusal.what, what);
	ck_assert_uint_eq(refusal.offset, offset);
}

START_TEST(srat_of_all_structures)
{
	struct acpi_srat srat;

	srat_begin(&table, 3);
	srat_local_apic(&table, 0x10203, ACPI_TABLE_ENABLED);
	srat_memory(&table, 7, 0x100000000, 0x40000000, ACPI_TABLE_ENABLED);
	srat_x2apic(&table, 0x80000001, ACPI_TABLE_ENABLED);
	srat_gicc(&table, 5, ACPI_TABLE_ENABLED);
	srat_initiator(&table, 6, ACPI_TABLE_ENABLED);
	srat_other(&table, 4, 12); /* GIC ITS: its domain is no node's */
	srat_other(&table, 200, 2);
	acpi_table_seal(&table);
	ck_assert_int_eq(parse_srat(&srat), 0);
	ck_assert_uint_eq(srat.n, 5);
	ck_assert_int_eq(srat.items[0].kind, ACPI_AFFINITY_CPU);
	ck_assert_uint_eq(srat.items[0].domain, 0x10203);
	ck_assert_int_eq(srat.items[1].kind, ACPI_AFFINITY_MEMORY);
	ck_assert_uint_eq(srat.items[1].domain, 7);
	ck_assert_uint_eq(srat.items[1].base, 0x100000000);
	ck_assert_uint_eq(srat.items[1].length, 0x40000000);
	ck_assert_int_eq(srat.items[2].kind, ACPI_AFFINITY_CPU);
	ck_assert_uint_eq(srat.items[2].domain, 0x80000001);
	ck_assert_int_eq(srat.items[3].kind, ACPI_AFFINITY_CPU);
	ck_assert_uint_eq(srat.items[3].domain, 5);
	ck_assert_int_eq(srat.items[4].kind, ACPI_AFFINITY_INITIATOR);
	ck_assert_uint_eq(srat.items[4].domain, 6);
	acpi_srat_done(&srat);
}
END_TEST

/* What is disabled may hold anything; firmware leaves such structures as placeholders. */
START_TEST(srat_disabled_is_left_out)
{
	struct acpi_srat srat;

	srat_begin(&table, 3);
	srat_local_apic(&table, 1, ACPI_TABLE_DISABLED);
	srat_x2apic(&table, 2, ACPI_TABLE_DISABLED);
	srat_gicc(&table, 3, ACPI_TABLE_DISABLED);
	srat_initiator(&table, 4, ACPI_TABLE_DISABLED);
	srat_memory(&table, 5, UINT64_MAX, UINT64_MAX, ACPI_TABLE_DISABLED);
	acpi_table_seal(&table);
	ck_assert_int_eq(parse_srat(&srat), 0);
	ck_assert_uint_eq(srat.n, 0);
	acpi_srat_done(&srat);
}
END_TEST

START_TEST(srat_revision_1_has_domains_of_one_byte)
{
	struct acpi_srat srat;

	srat_begin(&table, 1);
	srat_local_apic(&table, 0xabcd02, ACPI_TABLE_ENABLED);
	srat_memory(&table, 0xabcd03, 0, 4096, ACPI_TABLE_ENABLED);
	acpi_table_seal(&table);
	ck_assert_int_eq(parse_srat(&srat), 0);
	ck_assert_uint_eq(srat.items[0].domain, 2);
	ck_assert_uint_eq(srat.items[1].domain, 3);
	acpi_srat_done(&srat);
}
END_TEST

START_TEST(srat_of_many_structures)
{
	struct acpi_srat srat;

	srat_begin(&table, 3);
	for (uint32_t i = 0; i < 100; i++)
		srat_memory(&table, i, UINT64_C(4096) * i, 4096, ACPI_TABLE_ENABLED);
	acpi_table_seal(&table);
	ck_assert_int_eq(parse_srat(&srat), 0);
	ck_assert_uint_eq(srat.n, 100);
	for (uint32_t i = 0; i < 100; i++)
		ck_assert_uint_eq(srat.items[i].domain, i);
	acpi_srat_done(&srat);
}
END_TEST

START_TEST(header_is_checked)
{
	srat_begin(&table, 3);
	acpi_table_seal(&table);

	table.size = 0;
	assert_srat_refused(0, "has 0 bytes");
	table.size = 47;
	assert_srat_refused(0, "at least 48");
	table.size = 48;

	table.bytes[0] = 'X';
	assert_srat_refused(0, "signature");
	assert_slit_refused(0, "signature");
	table.bytes[0] = 'S';

	acpi_put_u32(&table, 4, 47);
	assert_srat_refused(4, "says it has 47 bytes, the file has 48");
	acpi_put_u32(&table, 4, 49);
	assert_srat_refused(4, "says it has 49 bytes");
	acpi_put_u32(&table, 4, UINT32_MAX);
	assert_srat_refused(4, "says it has 4294967295 bytes");
	acpi_put_u32(&table, 4, 48);

	table.bytes[9]++;
	assert_srat_refused(9, "checksum is wrong by 0x01");
}
END_TEST

START_TEST(srat_structure_lengths_are_checked)
{
	srat_begin(&table, 3);
	srat_other(&table, 200, 8);
	table.bytes[SRAT_FIRST + 1] = 0;
	acpi_table_seal(&table);
	assert_srat_refused(SRAT_FIRST + 1, "type 200 has length 0");

	table.bytes[SRAT_FIRST + 1] = 1;
	acpi_table_seal(&table);
	assert_srat_refused(SRAT_FIRST + 1, "length 1");

	table.bytes[SRAT_FIRST + 1] = 9;
	acpi_table_seal(&table);
	assert_srat_refused(SRAT_FIRST + 1, "has 9 bytes, the table only 8 more");

	table.bytes[SRAT_FIRST + 1] = 7;
	acpi_table_seal(&table);
	assert_srat_refused(SRAT_FIRST + 7, "one byte is left");
}
END_TEST

/* type, what it needs */
static const uint8_t minimums[][2] = {{0, 16}, {1, 40}, {2, 24}, {3, 18}, {5, 32}, {7, 20}};

START_TEST(srat_structures_are_long_enough)
{
	uint8_t type = minimums[_i][0], needed = minimums[_i][1];
	struct acpi_srat srat;

	srat_begin(&table, 3);
	srat_other(&table, type, (uint8_t)(needed - 1));
	acpi_table_seal(&table);
	assert_srat_refused(SRAT_FIRST + 1, "at least");

	srat_begin(&table, 3);
	srat_other(&table, type, needed);
	acpi_table_seal(&table);
	ck_assert_int_eq(parse_srat(&srat), 0);
	acpi_srat_done(&srat);
}
END_TEST

START_TEST(srat_memory_must_fit_the_address_space)
{
	struct acpi_srat srat;

	srat_begin(&table, 3);
	srat_memory(&table, 0, UINT64_MAX - 4095, 4095, ACPI_TABLE_ENABLED);
	acpi_table_seal(&table);
	ck_assert_int_eq(parse_srat(&srat), 0);
	acpi_srat_done(&srat);

	srat_begin(&table, 3);
	srat_memory(&table, 0, UINT64_MAX - 4095, 4097, ACPI_TABLE_ENABLED);
	acpi_table_seal(&table);
	assert_srat_refused(SRAT_FIRST + 8, "does not fit the address space");
}
END_TEST

START_TEST(slit_gives_distances)
{
	static const uint8_t d[] = {10, 21, 31, 22, 10, 255, 32, 42, 10};
	struct acpi_slit slit;
	unsigned value = 0;

	slit_make(&table, 3, d);
	ck_assert_int_eq(parse_slit(&slit), 0);
	ck_assert_uint_eq(slit.n, 3);
	ck_assert(acpi_slit_get(&slit, 0, 1, &value));
	ck_assert_uint_eq(value, 21);
	ck_assert(acpi_slit_get(&slit, 1, 0, &value));
	ck_assert_uint_eq(value, 22);
	ck_assert(acpi_slit_get(&slit, 1, 2, &value));
	ck_assert_uint_eq(value, 255);
	ck_assert(!acpi_slit_get(&slit, 0, 3, &value));
	ck_assert(!acpi_slit_get(&slit, UINT32_MAX, 0, &value));
	ck_assert_uint_eq(value, 255);
	acpi_slit_done(&slit);
}
END_TEST

START_TEST(slit_counts_are_checked)
{
	static const uint8_t d[] = {10, 21, 21, 10};

	slit_make(&table, 2, d);
	table.size = 43;
	assert_slit_refused(0, "at least 44");
	table.size = 48;

	acpi_put_u64(&table, 36, 0);
	acpi_table_seal(&table);
	assert_slit_refused(36, "no localities");

	acpi_put_u64(&table, 36, 3);
	acpi_table_seal(&table);
	assert_slit_refused(36, "3 localities squared are more than the 4 entries");

	/* Squares that wrap around to 0 and to 1 in 64 bits. */
	acpi_put_u64(&table, 36, UINT64_C(1) << 32);
	acpi_table_seal(&table);
	assert_slit_refused(36, "4294967296 localities");
	acpi_put_u64(&table, 36, UINT64_MAX);
	acpi_table_seal(&table);
	assert_slit_refused(36, "18446744073709551615 localities");
}
END_TEST

START_TEST(slit_distances_are_checked)
{
	static const uint8_t near[] = {10, 9, 21, 10};
	static const uint8_t flat[] = {10, 10, 10, 10};
	static const uint8_t self[] = {10, 21, 21, 11};

	slit_make(&table, 2, near);
	assert_slit_refused(45, "from locality 0 to 1 is 9, which must be above 10");
	slit_make(&table, 2, flat);
	assert_slit_refused(45, "from locality 0 to 1 is 10");
	slit_make(&table, 2, self);
	assert_slit_refused(47, "from locality 1 to 1 is 11, which must be 10");
}
END_TEST

/* A table with any one byte wrong and the checksum put right is parsed or refused, never believed
 * beyond its end. */
START_TEST(any_byte_may_be_wrong)
{
	static const uint8_t d[] = {10, 21, 31, 21, 10, 41, 31, 41, 10};
	static const uint8_t wrong[] = {0, 1, 2, 7, 0x7f, 0x80, 0xff};

	for (size_t i = 0; i < sizeof(wrong); i++) {
		struct acpi_srat srat = {};
		struct acpi_slit slit = {};

		srat_begin(&table, 3);
		srat_local_apic(&table, 0, ACPI_TABLE_ENABLED);
		srat_x2apic(&table, 1, ACPI_TABLE_ENABLED);
		srat_memory(&table, 2, 0, 4096, ACPI_TABLE_ENABLED);
		if ((size_t)_i < table.size) {
			table.bytes[_i] = wrong[i];
			acpi_table_seal(&table);
			if (parse_srat(&srat) < 0)
				ck_assert_uint_lt(refusal.offset, table.size);
			acpi_srat_done(&srat);
		}
		slit_make(&table, 3, d);
		if ((size_t)_i < table.size) {
			table.bytes[_i] = wrong[i];
			acpi_table_seal(&table);
			if (parse_slit(&slit) < 0)
				ck_assert_uint_lt(refusal.offset, table.size);
			acpi_slit_done(&slit);
		}
	}
}
END_TEST

TCase *acpi_tests(void)
{
	TCase *tcase = tcase_create("acpi");

	tcase_add_test(tcase, srat_of_all_structures);
	tcase_add_test(tcase, srat_disabled_is_left_out);
	tcase_add_test(tcase, srat_revision_1_has_domains_of_one_byte);
	tcase_add_test(tcase, srat_of_many_structures);
	tcase_add_test(tcase, header_is_checked);
	tcase_add_test(tcase, srat_structure_lengths_are_checked);
	tcase_add_loop_test(tcase, srat_structures_are_long_enough, 0,
			    sizeof(minimums) / sizeof(minimums[0]));
	tcase_add_test(tcase, srat_memory_must_fit_the_address_space);
	tcase_add_test(tcase, slit_gives_distances);
	tcase_add_test(tcase, slit_counts_are_checked);
	tcase_add_test(tcase, slit_distances_are_checked);
	tcase_add_loop_test(tcase, any_byte_may_be_wrong, 0, 128);
	return tcase;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acpi-table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_SIZE 36

static uint8_t *grow(struct acpi_table *table, size_t n)
{
	uint8_t *at = table->bytes + table->size;

	if (n > sizeof(table->bytes) - table->size) {
		fprintf(stderr, "the table is larger than a test needs\n");
		abort();
	}
	memset(at, 0, n);
	table->size += n;
	return at;
}

static void put(uint8_t *p, uint64_t value, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(value >> (8 * i));
}

void acpi_put_u32(struct acpi_table *table, size_t offset, uint32_t value)
{
	put(table->bytes + offset, value, 4);
}

void acpi_put_u64(struct acpi_table *table, size_t offset, uint64_t value)
{
	put(table->bytes + offset, value, 8);
}

static void header(struct acpi_table *table, const char *signature, uint8_t revision)
{
	uint8_t *p;

	table->size = 0;
	p = grow(table, HEADER_SIZE);
	memcpy(p, signature, 4);
	p[8] = revision;
	memcpy(p + 10, "DAXTIRTESTHOST", 14);
}

static uint8_t *structure(struct acpi_table *table, uint8_t type, uint8_t length)
{
	uint8_t *p = grow(table, length);

	p[0] = type;
	p[1] = length;
	return p;
}

void srat_begin(struct acpi_table *table, uint8_t revision)
{
	uint8_t *p;

	header(table, "SRAT", revision);
	p = grow(table, 12);
	put(p, 1, 4);
}

void srat_local_apic(struct acpi_table *table, uint32_t domain, enum acpi_table_flag flag)
{
	uint8_t *p = structure(table, 0, 16);

	p[2] = (uint8_t)domain;
	put(p + 4, flag, 4);
	put(p + 9, domain >> 8, 3);
}

void srat_x2apic(struct acpi_table *table, uint32_t domain, enum acpi_table_flag flag)
{
	uint8_t *p = structure(table, 2, 24);

	put(p + 4, domain, 4);
	put(p + 12, flag, 4);
}

void srat_gicc(struct acpi_table *table, uint32_t domain, enum acpi_table_flag flag)
{
	uint8_t *p = structure(table, 3, 18);

	put(p + 2, domain, 4);
	put(p + 10, flag, 4);
}

void srat_initiator(struct acpi_table *table, uint32_t domain, enum acpi_table_flag flag)
{
	uint8_t *p = structure(table, 5, 32);

	put(p + 4, domain, 4);
	put(p + 24, flag, 4);
}

void srat_memory(struct acpi_table *table, uint32_t domain, uint64_t base, uint64_t length,
		 enum acpi_table_flag flag)
{
	uint8_t *p = structure(table, 1, 40);

	put(p + 2, domain, 4);
	put(p + 8, base, 8);
	put(p + 16, length, 8);
	put(p + 28, flag, 4);
}

void srat_other(struct acpi_table *table, uint8_t type, uint8_t length)
{
	structure(table, type, length);
}

void slit_make(struct acpi_table *table, uint64_t n, const uint8_t *distances)
{
	uint8_t *p;

	header(table, "SLIT", 1);
	p = grow(table, 8);
	put(p, n, 8);
	memcpy(grow(table, n * n), distances, n * n);
	acpi_table_seal(table);
}

void cedt_begin(struct acpi_table *table)
{
	header(table, "CEDT", 1);
}

/* Its length is of 16 bits. */
static uint8_t *cxl_structure(struct acpi_table *table, uint8_t type, size_t length)
{
	uint8_t *p = grow(table, length);

	p[0] = type;
	put(p + 2, length, 2);
	return p;
}

void cedt_bridge(struct acpi_table *table, uint32_t uid)
{
	put(cxl_structure(table, 0, 32) + 4, uid, 4);
}

void cedt_window(struct acpi_table *table, uint64_t base, uint64_t size, uint8_t encoded_ways,
		 const uint32_t *targets, unsigned n)
{
	uint8_t *p = cxl_structure(table, 1, 36 + (size_t)n * 4);

	put(p + 8, base, 8);
	put(p + 16, size, 8);
	p[24] = encoded_ways;
	for (unsigned i = 0; i < n; i++)
		put(p + 36 + (size_t)i * 4, targets[i], 4);
}

void cedt_window_by_xor(struct acpi_table *table, unsigned ways, uint32_t granularity)
{
	uint8_t *p = table->bytes + table->size - 36 - (size_t)ways * 4;

	p[25] = 1;
	put(p + 28, granularity, 4);
}

void cedt_xor(struct acpi_table *table, uint8_t granularity)
{
	uint8_t *p = grow(table, 16);

	p[0] = 2;
	put(p + 2, 16, 2);
	p[6] = granularity;
	p[7] = 1;
}

void hmat_begin(struct acpi_table *table)
{
	header(table, "HMAT", 2);
	grow(table, 4);
}

/* Its type is of 16 bits, its length of 32. */
static uint8_t *hmat_structure(struct acpi_table *table, uint16_t type, size_t length)
{
	uint8_t *p = grow(table, length);

	put(p, type, 2);
	put(p + 4, length, 4);
	return p;
}

void hmat_proximity(struct acpi_table *table, uint32_t initiator, uint32_t memory)
{
	uint8_t *p = hmat_structure(table, 0, 40);

	p[8] = 1;
	put(p + 12, initiator, 4);
	put(p + 16, memory, 4);
}

static uint8_t *put_locality(struct acpi_table *table, const uint32_t *initiators, unsigned n,
			     const uint32_t *targets, unsigned m)
{
	size_t lists = ((size_t)n + m) * 4, values = (size_t)n * m * 2;
	uint8_t *p = hmat_structure(table, 1, 32 + lists + values);

	put(p + 12, n, 4);
	put(p + 16, m, 4);
	for (unsigned i = 0; i < n; i++)
		put(p + 32 + (size_t)i * 4, initiators[i], 4);
	for (unsigned i = 0; i < m; i++)
		put(p + 32 + ((size_t)n + i) * 4, targets[i], 4);
	return p;
}

void hmat_locality(struct acpi_table *table, const uint32_t *initiators, unsigned n,
		   const uint32_t *targets, unsigned m)
{
	put_locality(table, initiators, n, targets, m);
}

/* Of reading from memory, in units of 1000 ps. */
void hmat_latencies(struct acpi_table *table, const uint32_t *initiators, unsigned n,
		    const uint32_t *targets, unsigned m, const uint16_t *nsec)
{
	uint8_t *p = put_locality(table, initiators, n, targets, m);

	p[9] = 1;
	put(p + 24, 1000, 8);
	for (unsigned i = 0; i < n * m; i++)
		put(p + 32 + ((size_t)n + m) * 4 + (size_t)i * 2, nsec[i], 2);
}

void acpi_table_seal(struct acpi_table *table)
{
	uint8_t sum = 0;

	put(table->bytes + 4, table->size, 4);
	table->bytes[9] = 0;
	for (size_t i = 0; i < table->size; i++)
		sum = (uint8_t)(sum + table->bytes[i]);
	table->bytes[9] = (uint8_t)-sum;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_ACPI_TABLE_H
#define DAXTIER_TESTS_ACPI_TABLE_H

/* Builds SRAT, SLIT, CEDT and HMAT tables as firmware would. */

#include <stddef.h>
#include <stdint.h>

struct acpi_table {
	uint8_t bytes[4096];
	size_t size;
};

enum acpi_table_flag {
	ACPI_TABLE_DISABLED = 0,
	ACPI_TABLE_ENABLED = 1,
};

void srat_begin(struct acpi_table *table, uint8_t revision);
void srat_local_apic(struct acpi_table *table, uint32_t domain, enum acpi_table_flag flag);
void srat_x2apic(struct acpi_table *table, uint32_t domain, enum acpi_table_flag flag);
void srat_gicc(struct acpi_table *table, uint32_t domain, enum acpi_table_flag flag);
void srat_initiator(struct acpi_table *table, uint32_t domain, enum acpi_table_flag flag);
void srat_memory(struct acpi_table *table, uint32_t domain, uint64_t base, uint64_t length,
		 enum acpi_table_flag flag);
/* A structure of any type and length, its body zero. */
void srat_other(struct acpi_table *table, uint8_t type, uint8_t length);

/* n rows of n distances. */
void slit_make(struct acpi_table *table, uint64_t n, const uint8_t *distances);

void cedt_begin(struct acpi_table *table);
void cedt_bridge(struct acpi_table *table, uint32_t uid);
/* encoded_ways: 0 for one target, 1 for two, … */
void cedt_window(struct acpi_table *table, uint64_t base, uint64_t size, uint8_t encoded_ways,
		 const uint32_t *targets, unsigned n);

/* Interleaved by XOR, with that encoded granularity: what the window that was added last is, … */
void cedt_window_by_xor(struct acpi_table *table, unsigned ways, uint32_t granularity);
/* … and the structure that says how. */
void cedt_xor(struct acpi_table *table, uint8_t granularity);

void hmat_begin(struct acpi_table *table);
void hmat_proximity(struct acpi_table *table, uint32_t initiator, uint32_t memory);
/* Latencies of zero between these domains. */
void hmat_locality(struct acpi_table *table, const uint32_t *initiators, unsigned n,
		   const uint32_t *targets, unsigned m);

/* Of reading, in nanoseconds, a row for each initiator; 0 is unknown. */
void hmat_latencies(struct acpi_table *table, const uint32_t *initiators, unsigned n,
		    const uint32_t *targets, unsigned m, const uint16_t *nsec);

/* Length and checksum to what the bytes now are; to be called last. */
void acpi_table_seal(struct acpi_table *table);

void acpi_put_u32(struct acpi_table *table, size_t offset, uint32_t value);
void acpi_put_u64(struct acpi_table *table, size_t offset, uint64_t value);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_OBSERVE_ACPI_H
#define DAXTIER_OBSERVE_ACPI_H

/*
 * Parsers of the two firmware tables that speak of distance, over a buffer and nothing else. They
 * come from firmware, so no length, count or checksum in them is believed. Section numbers are
 * those of the ACPI specification 6.5.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why a table was refused: what is wrong, and at which byte of the table. */
struct acpi_refusal {
	size_t offset;
	char what[120];
};

enum acpi_affinity_kind {
	ACPI_AFFINITY_CPU,	 /* a processor, whatever the architecture calls it */
	ACPI_AFFINITY_INITIATOR, /* a device that initiates memory accesses, without CPUs */
	ACPI_AFFINITY_MEMORY,
};

/* One enabled structure of the SRAT that takes part in node numbering. */
struct acpi_affinity {
	enum acpi_affinity_kind kind;
	uint32_t domain; /* proximity domain */
	uint64_t base;	 /* of memory: physical address, bytes */
	uint64_t length;
};

/* System Resource Affinity Table: which proximity domain a CPU or a memory range is in. */
struct acpi_srat {
	struct acpi_affinity *items; /* in the order of the table */
	size_t n;
};

/* System Locality Information Table: relative distances between proximity domains. */
struct acpi_slit {
	uint64_t n;	   /* localities; those of the system are 0 to n - 1 */
	uint8_t *distance; /* [from * n + to] */
};

/* Return 0, -ENOMEM, or -EBADMSG with *ret_refusal filled and *ret as it was. */
int acpi_srat_parse(const uint8_t *table, size_t size, struct acpi_srat *ret,
		    struct acpi_refusal *ret_refusal);
int acpi_slit_parse(const uint8_t *table, size_t size, struct acpi_slit *ret,
		    struct acpi_refusal *ret_refusal);
void acpi_srat_done(struct acpi_srat *srat);
void acpi_slit_done(struct acpi_slit *slit);

/* The distance between two domains; false when the table does not have both. */
bool acpi_slit_get(const struct acpi_slit *slit, uint32_t from, uint32_t to, unsigned *ret);

#endif

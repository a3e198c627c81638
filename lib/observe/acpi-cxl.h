/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_OBSERVE_ACPI_CXL_H
#define DAXTIER_OBSERVE_ACPI_CXL_H

/*
 * Parsers of the tables that speak of CXL windows and of performance, as far as they can contradict
 * the SRAT. As in acpi.h, nothing in them is believed.
 */

#include "observe/acpi.h"

#define ACPI_WINDOW_WAYS_MAX 16

/* A CXL Fixed Memory Window Structure; CXL 3.1, 9.18.1.3. */
struct acpi_window {
	uint64_t base, size;
	unsigned ways;
	bool hashed;				/* by XOR of address bits, and not by turns */
	uint32_t granularity;			/* as it is encoded */
	uint32_t targets[ACPI_WINDOW_WAYS_MAX]; /* UIDs of host bridges, by position */
};

/* CXL Early Discovery Table */
struct acpi_cedt {
	uint32_t *bridges; /* UIDs of the CXL Host Bridge Structures */
	size_t n_bridges;
	struct acpi_window *windows; /* in the order of the table */
	size_t n_windows;
	uint32_t hashes; /* a bit for each encoded granularity that there is a CXIMS of */
};

/* How long it takes to read from memory of the target domain, for what is in the initiator's. */
struct acpi_latency {
	uint32_t initiator, target;
	uint64_t nsec; /* at least 1 */
};

/* Heterogeneous Memory Attribute Table */
struct acpi_hmat {
	uint32_t *domains; /* the proximity domains that it speaks of, each once */
	size_t n;
	struct acpi_latency *latencies; /* those that it knows, sorted by their domains */
	size_t n_latencies;
	uint8_t revision;
};

/* False when it does not tell. */
bool acpi_hmat_latency(const struct acpi_hmat *hmat, uint32_t initiator, uint32_t target,
		       uint64_t *ret_nsec);

/* Return 0, -ENOMEM, or -EBADMSG with *ret_refusal filled and *ret as it was. */
int acpi_cedt_parse(const uint8_t *table, size_t size, struct acpi_cedt *ret,
		    struct acpi_refusal *ret_refusal);
int acpi_hmat_parse(const uint8_t *table, size_t size, struct acpi_hmat *ret,
		    struct acpi_refusal *ret_refusal);
void acpi_cedt_done(struct acpi_cedt *cedt);
void acpi_hmat_done(struct acpi_hmat *hmat);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_OBSERVE_PROXIMITY_H
#define DAXTIER_OBSERVE_PROXIMITY_H

/*
 * What firmware says of distance before the kernel has made a node: SRAT and SLIT, and how the
 * kernel numbers nodes after them.
 *
 * The kernel gives out node numbers in the order in which domains first appear in the SRAT, CPUs
 * and generic initiators before memory (acpi_numa_init() in drivers/acpi/numa/srat.c). CXL windows
 * that the SRAT does not list get the numbers after that. The mapping holds unless the kernel was
 * told otherwise (numa=off, numa=fake), so a caller compares it with what sysfs shows.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "observe/acpi.h"
#include "observe/look.h"

struct proximity {
	bool loaded; /* without a problem */
	struct acpi_srat srat;
	struct acpi_slit slit;
	uint32_t *domains; /* domain of node 0, 1, …, as the kernel numbers them */
	size_t n_domains;
};

/*
 * Reads the tables, once, as they are fixed at boot; while there is a problem with one of them,
 * again, so that every look says so. A table that is not there, cannot be read or is refused is
 * empty.
 */
int proximity_load(struct proximity *proximity, struct look *look);
void proximity_done(struct proximity *proximity);

/* The kernel's node for a domain, -1 when the SRAT does not list it. */
int proximity_node(const struct proximity *proximity, uint32_t domain);

/* False when there is no such domain. */
bool proximity_domain_of_node(const struct proximity *proximity, int node, uint32_t *ret);
bool proximity_domain_of_address(const struct proximity *proximity, uint64_t address,
				 uint32_t *ret);

/* Whether the SRAT lists a CPU in the domain. */
bool proximity_has_cpu(const struct proximity *proximity, uint32_t domain);

#endif

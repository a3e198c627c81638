/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_HOST_TREE_H
#define DAXTIER_TESTS_HOST_TREE_H

/*
 * A host made by hand after what kernels show, for the cases that no captured host has: two nodes
 * with CPUs at 21 from each other, and devices to choose from. Tests change the files they are
 * about.
 */

#include <stdint.h>

#include "acpi-table.h"
#include "model/facts.h"
#include "tree.h"

#define BLOCK_SIZE UINT64_C(0x8000000) /* 128 MiB */
#define GIB	   (UINT64_C(1) << 30)

/* dax0.0: a CXL region of 1 GiB at CXL_BASE, target node 2, unbound, knob 1, its one target behind
 * endpoint2, which belongs to mem1 on node 1; mem0 on node 0 belongs to endpoint3. */
#define CXL_BASE   UINT64_C(0x290000000)
#define CXL_REGION "sys/devices/platform/ACPI0017:00/root0/decoder0.0/region0"
#define CXL_DAX	   CXL_REGION "/dax_region0/dax0.0"
#define CXL_PORT   "sys/devices/platform/ACPI0017:00/root0/port1"
#define CXL_PCI	   "sys/devices/pci0000:0c/0000:0c:00.0"

/* dax1.0: 2 GiB set aside by firmware at HMEM_BASE, target node 1, on node 0 by its platform
 * device, unbound, knob 0. */
#define HMEM_BASE UINT64_C(0x180000000)
#define HMEM_DAX  "sys/devices/platform/hmem.0/dax1.0"

/* dax2.0: a devdax namespace of 16 GiB less 258 MiB that begins 2 MiB behind a block boundary,
 * target node 3, bound to device_dax, knob 0. */
#define PMEM_BASE UINT64_C(0x300200000)
#define PMEM_SIZE UINT64_C(0x3efe00000)
#define PMEM_BUS  "sys/devices/LNXSYSTM:00/LNXSYBUS:00/ACPI0012:00/ndbus0/region0"
#define PMEM_DAX  PMEM_BUS "/dax2.0/dax2.0"

char *host_tree_new(void);
void host_tree_add_cxl(const char *root);
void host_tree_add_hmem(const char *root);
void host_tree_add_pmem(const char *root);

/* A node without CPUs that is online; distances: the whole of its row and of all others' ends. */
void host_tree_add_node(const char *root, int id, const char *row0, const char *row1);

void host_tree_bind(const char *root, const char *path, const char *driver);
void host_tree_block(const char *root, uint64_t number, const char *state, const char *zones);
void host_tree_acpi(const char *root, const char *name, const struct acpi_table *table);

/* SRAT and SLIT with CPUs in domains 0 and 1, the CXL device in domain 2; its distances, 3 by 3. */
void host_tree_add_tables(const char *root);
extern const uint8_t host_slit[9];

/* One look with a new observer, which must succeed. */
struct facts *host_tree_observe(const char *root);

/* The one line of problems with this text in it; fails the test when there is none. */
const char *facts_problem(const struct facts *facts, const char *text);

/*
 * One look, whose first device must be that far from that initiator. The facts are the caller's; in
 * peace, there must be no problem with anything.
 */
struct facts *assert_distance(const char *root, unsigned value, enum distance_source source,
			      int initiator);
void assert_distance_in_peace(const char *root, unsigned value, enum distance_source source,
			      int initiator);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_FAKE_KERNEL_CXL_H
#define DAXTIER_TESTS_FAKE_KERNEL_CXL_H

/*
 * The cxl bus of the fake kernel: memory devices, the windows that firmware
 * gives, and what writes to decoders and regions do, with the errors of
 * drivers/cxl/core/{hdm,region}.c of Linux 6.12. A region that is enabled
 * brings its dax device within the write; in a real host the module dax_cxl
 * makes it, a moment later.
 *
 * Switching off a region under a block that is online ends the test
 * (TREE_VIOLATION).
 *
 * A device of fake_kernel_add_device() has a region and memdevs behind it as if
 * firmware had made them, in the window decoder0.0, which is made for it where
 * there is none.
 */

#include "fake-kernel.h"

#define FAKE_KERNEL_TARGETS_MAX 4

/* A root decoder. */
struct fake_kernel_window {
	const char *name; /* "decoder0.0" */
	uint64_t start, size;
	unsigned bridges[FAKE_KERNEL_TARGETS_MAX]; /* of its targets, by position */
	unsigned ways;				   /* so many; 0: one */
	unsigned granularity;			   /* 0: 256 */
	int qos_class;
	bool pmem_only; /* no volatile memory, so nothing to create such regions with
			 */
	bool old;	/* before 6.3: no create_ram_region */
	bool locked;
	int target_node;   /* of the dax devices of its regions */
	unsigned distance; /* of that node from node 0; 0: as for a device */
};

struct fake_kernel_memdev {
	const char *name; /* "mem0" */
	uint64_t serial;
	uint64_t ram, pmem;
	int numa_node;
	int qos_class;	   /* of the volatile memory */
	unsigned endpoint; /* endpointN and its decoderN.M; never that of another */
	unsigned bridge;   /* host bridge 0, 1, … */
	unsigned decoders; /* 0: two */
	bool locked;	   /* its decoders, by firmware: what is committed stays so */
	bool asleep;	   /* the kernel has no endpoint for it */
};

void fake_kernel_add_window(const char *root, const struct fake_kernel_window *window);
void fake_kernel_add_memdev(const char *root, const struct fake_kernel_memdev *memdev);

/* The card is pulled: dax devices of its regions leave with it, and what is
 * left of the regions keeps its addresses, without a target. */
void fake_kernel_remove_memdev(const char *root, const char *name);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_MODEL_CXL_H
#define DAXTIER_MODEL_CXL_H

/*
 * What stands before a dax device: CXL memory devices, the windows of physical addresses that they
 * can be mapped into, and the regions that do so. The words are those of the kernel's cxl bus
 * (Documentation/ABI/testing/sysfs-bus-cxl); a window is a root decoder (a CFMWS of the firmware).
 * Numbers in names are counted independently and never pair: links were followed. Bytes throughout.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strv.h"
#include "model/names.h"

/* An endpoint decoder: one piece of a memdev's capacity, which a region can map. */
struct cxl_endpoint_decoder {
	char *name; /* "decoder2.0" */
	enum decoder_mode mode;
	uint64_t dpa_size; /* 0: holds no capacity, so it is free */
	char *region;	   /* that it is a target of; NULL: none */
	bool locked;	   /* by firmware: until the next boot it stays as it is */
};

struct cxl_memdev {
	char *name;	   /* "mem0" */
	uint64_t instance; /* as struct dax_device's */
	uint64_t serial;   /* 0 also for a device without one */
	uint64_t ram_size, pmem_size;
	int numa_node;	   /* -1: unknown */
	int ram_qos_class; /* what firmware and device agreed upon; -1: unknown */
	char *endpoint;	   /* "endpoint2"; NULL: the kernel has not enabled the memdev (yet) */
	char *bridge;	   /* the host bridge's device below the root, "sys/devices/pci0000:0c";
			      with endpoint NULL, NULL */
	/* In the order in which the kernel gives out capacity: by the second number of the name. */
	struct cxl_endpoint_decoder *decoders;
	size_t n_decoders;
	/* Something of the above, but for name, could not be read: no region is made on it. */
	bool incomplete;
};

/* A root decoder. */
struct cxl_window {
	char *name; /* "decoder0.0" */
	bool cap_ram, locked;
	bool can_create; /* it has create_ram_region (6.3) */
	uint64_t start, size;
	unsigned ways, granularity;
	int qos_class; /* -1: unknown */
	struct strv
		bridges; /* what target_list means, as struct cxl_memdev's bridge, in its order */
	bool incomplete;
};

struct cxl_region {
	char *name;   /* "region0" */
	char *window; /* its root decoder's name */
	enum decoder_mode mode;
	bool has_start; /* addresses were given to it */
	uint64_t start, size;
	unsigned ways, granularity;
	bool committed;
	bool bound;	     /* to the driver cxl_region */
	struct strv targets; /* endpoint decoders by position; "" where there is none */
};

/* Sorted by name in version order each. Empty before 6.3, and where there is no cxl bus. */
struct cxl_facts {
	struct cxl_memdev *memdevs;
	size_t n_memdevs;
	struct cxl_window *windows;
	size_t n_windows;
	struct cxl_region *regions;
	size_t n_regions;
};

void cxl_memdev_done(struct cxl_memdev *memdev);
void cxl_window_done(struct cxl_window *window);
void cxl_region_done(struct cxl_region *region);
void cxl_facts_done(struct cxl_facts *cxl);

const struct cxl_memdev *cxl_find_memdev(const struct cxl_facts *cxl, const char *name);
const struct cxl_window *cxl_find_window(const struct cxl_facts *cxl, const char *name);
const struct cxl_region *cxl_find_region(const struct cxl_facts *cxl, const char *name);

/* The memdev that an endpoint decoder belongs to; NULL: none that is known. */
const struct cxl_memdev *cxl_memdev_of_decoder(const struct cxl_facts *cxl, const char *decoder);

#endif

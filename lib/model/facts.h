/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_MODEL_FACTS_H
#define DAXTIER_MODEL_FACTS_H

/*
 * What is true of a host at one moment. observe/ fills it, policy/ reads it as const, nobody
 * changes it in between. All memory figures are bytes. Strings are owned; an absent one is NULL.
 * Every array is sorted: devices by name (version order), nodes by id, blocks by number.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/strv.h"
#include "model/cxl.h"
#include "model/names.h"

/* Physical addresses, end inclusive, as daxX.Y/mappingN/{start,end} give them. */
struct phys_range {
	uint64_t start;
	uint64_t end;
};

struct memory_block {
	uint64_t number; /* physical address / block size */
	enum block_state state;
	enum zone zone;
};

struct block_counts {
	size_t total;	/* blocks the device's ranges cover after alignment */
	size_t present; /* of them, hot-plugged (they have a directory) */
	size_t online;
	size_t movable; /* online in ZONE_MOVABLE */
	size_t kernel;	/* online in a zone of the kernel: DMA, DMA32, Normal */
};

struct node_distance {
	unsigned value; /* SLIT units, 10 is local; 0 with DISTANCE_UNKNOWN */
	enum distance_source source;
};

/* 0: unknown. Latency in ns, bandwidth in MB/s, as the access0 files of the kernel. */
struct access_performance {
	unsigned read_latency, write_latency;
	unsigned read_bandwidth, write_bandwidth;
};

/* A process that has a device's character device open or mapped. */
struct holder {
	char *comm;
	pid_t pid;
	bool mapped; /* only mapped: its file descriptor is closed */
};

struct dax_device {
	char *name; /* "dax0.0" */
	char *path; /* below the root, no leading slash: "sys/devices/…/dax0.0" */
	enum dax_kind kind;
	/* Tells it from another one that had its name: see sysfs_instance(). 0: unknown. */
	uint64_t instance;

	uint64_t size;
	uint64_t align;
	struct phys_range *ranges;
	size_t n_ranges;
	uint64_t usable; /* what block alignment leaves of the ranges */
	uint64_t lost;	 /* size - usable */

	int target_node;    /* -1: none; kmem refuses such a device */
	int initiator_node; /* nearest node with CPUs; -1 unknown */
	struct node_distance distance;
	struct access_performance performance;
	int tier; /* N of memory_tierN, -1 while the node is in none */

	char *driver; /* "kmem", "device_dax", NULL: unbound */
	enum memmap_knob knob;
	char *state; /* the attribute daxX.Y/state; NULL where the kernel has none */

	char *region;	   /* CXL region, "region0" */
	uint64_t *serials; /* of the CXL memdevs behind the region, in target order */
	size_t n_serials;

	struct holder *holders;
	size_t n_holders;

	struct memory_block *blocks;
	size_t n_blocks;

	/*
	 * Bits 1 << enum device_fact: what is there, or may be, but could not be read. What the
	 * fields above say of it is incomplete or a guess, and not to be taken for "none". Name,
	 * kind, region and size are always known: without them there is no device.
	 */
	unsigned unknown;

	/*
	 * It left while its memory was in use: blocks of it are still there, and stay until the
	 * next boot. There is no such device in sysfs any more; what is said of it, but for the
	 * blocks, is what was last seen. Never bound.
	 */
	bool gone;
};

static inline bool dax_device_knows(const struct dax_device *device, enum device_fact fact)
{
	return !(device->unknown & 1U << fact);
}

struct numa_node {
	int id;
	bool has_cpu;
	uint64_t total, free; /* MemTotal, MemFree */
	uint64_t reclaimable; /* Inactive(file) and SReclaimable: goes away when it is wanted */
	uint64_t movable;     /* managed bytes in ZONE_MOVABLE */
	uint64_t kernel;      /* managed bytes in all other zones */
	int tier;
};

struct host {
	char *kernel_release;
	uint64_t page_size;
	uint64_t block_size;
	enum online_policy auto_online;
	enum memmap_param memmap_param;
	int dax_autoprobe;	/* 0 or 1; -1: there is no dax bus */
	bool kmem_loaded;	/* the driver kmem is registered on the dax bus */
	bool device_dax_loaded; /* likewise device_dax */
	/*
	 * Who else may act on dax devices and memory blocks, as people know them: "udev rule
	 * /etc/udev/rules.d/90-daxctl.rules", "process 1234 (daxctl)".
	 */
	struct strv competitors;
};

struct facts {
	struct host host;
	struct numa_node *nodes;
	size_t n_nodes;
	struct dax_device *devices;
	size_t n_devices;
	struct cxl_facts cxl;
	struct strv problems; /* what could not be read or trusted, in words, one line each */
};

/* Frees facts and everything in it; NULL is fine. Returns NULL. */
struct facts *facts_free(struct facts *facts);

/* Releases what one device owns, and zeroes it. */
void dax_device_done(struct dax_device *device);

const struct dax_device *facts_find_device(const struct facts *facts, const char *name);
const struct numa_node *facts_find_node(const struct facts *facts, int id);

/*
 * Who has a memory block that is there, online or not, within so many bytes from start: the first
 * device but this one (NULL: of all); NULL: nobody.
 */
const struct dax_device *facts_find_memory(const struct facts *facts, uint64_t start, uint64_t size,
					   const struct dax_device *but);

struct block_counts dax_device_count_blocks(const struct dax_device *device);

/* Sums over nodes: DRAM is the memory of nodes with CPUs. */
uint64_t facts_dram_total(const struct facts *facts);
uint64_t facts_movable_total(const struct facts *facts);
uint64_t facts_kernel_total(const struct facts *facts);

/*
 * Bytes of memmap for so many bytes of memory: one struct page of 64 bytes for each page
 * (Documentation/mm/vmemmap_dedup.rst; kernel-wide on 64-bit).
 */
uint64_t memmap_bytes(uint64_t bytes, uint64_t page_size);

/*
 * Whether the memmap of one block fills whole PMDs, which is what the kernel asks for before it
 * places it on the block (mhp_supports_memmap_on_memory() in mm/memory_hotplug.c). With 4 KiB pages
 * it always does; with the 16 and 64 KiB pages of arm64 a block would have to be very large. True
 * when the sizes are not known. powerpc has a rule of its own, which is not modelled.
 */
bool memmap_fills_pmds(const struct host *host);

/* Whether a write of 1 to the device's knob would have an effect on this host: the attribute, the
 * boot parameter, and memmap_fills_pmds(). */
bool memmap_can_be_effective(const struct host *host, const struct dax_device *device);

/* DRAM that the memmaps of devices bound to kmem occupy now: those of the blocks that are present,
 * online or not. */
uint64_t facts_dram_memmap(const struct facts *facts);

/* What block alignment leaves of a range: returns the number of whole blocks, and when there is one
 * the number of the first in *ret_first. */
size_t phys_range_blocks(const struct phys_range *range, uint64_t block_size, uint64_t *ret_first);

static inline void facts_freep(struct facts **facts)
{
	*facts = facts_free(*facts);
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/facts.h"

#include <stdlib.h>
#include <string.h>

#include "model/memmap-obstacle.h"

/* sizeof(struct page) on every 64-bit kernel that has memory hotplug. */
#define STRUCT_PAGE_SIZE 64

void dax_device_done(struct dax_device *device)
{
	for (size_t i = 0; i < device->n_holders; i++)
		free(device->holders[i].comm);
	free(device->holders);
	free(device->name);
	free(device->path);
	free(device->ranges);
	free(device->driver);
	free(device->state);
	free(device->region);
	free(device->serials);
	free(device->blocks);
	*device = (struct dax_device){};
}

struct facts *facts_free(struct facts *facts)
{
	if (!facts)
		return NULL;
	for (size_t i = 0; i < facts->n_devices; i++)
		dax_device_done(&facts->devices[i]);
	free(facts->devices);
	free(facts->nodes);
	cxl_facts_done(&facts->cxl);
	strv_done(&facts->host.competitors);
	free(facts->host.kernel_release);
	strv_done(&facts->problems);
	free(facts);
	return NULL;
}

const struct dax_device *facts_find_device(const struct facts *facts, const char *name)
{
	for (size_t i = 0; i < facts->n_devices; i++)
		if (strcmp(facts->devices[i].name, name) == 0)
			return &facts->devices[i];
	return NULL;
}

const struct numa_node *facts_find_node(const struct facts *facts, int id)
{
	for (size_t i = 0; i < facts->n_nodes; i++)
		if (facts->nodes[i].id == id)
			return &facts->nodes[i];
	return NULL;
}

static bool has_memory(const struct facts *facts, const struct dax_device *device, uint64_t start,
		       uint64_t size)
{
	uint64_t block_size = facts->host.block_size;

	for (size_t i = 0; i < device->n_blocks; i++) {
		uint64_t at = device->blocks[i].number * block_size;

		if (device->blocks[i].state != BLOCK_ABSENT &&
		    (at < start ? start - at < block_size : at - start < size))
			return true;
	}
	return false;
}

const struct dax_device *facts_find_memory(const struct facts *facts, uint64_t start, uint64_t size,
					   const struct dax_device *but)
{
	for (size_t i = 0; i < facts->n_devices; i++)
		if (&facts->devices[i] != but && has_memory(facts, &facts->devices[i], start, size))
			return &facts->devices[i];
	return NULL;
}

struct block_counts dax_device_count_blocks(const struct dax_device *device)
{
	struct block_counts counts = {.total = device->n_blocks};

	for (size_t i = 0; i < device->n_blocks; i++) {
		const struct memory_block *block = &device->blocks[i];

		if (block->state != BLOCK_ABSENT)
			counts.present++;
		if (block->state != BLOCK_ONLINE)
			continue;
		counts.online++;
		switch (block->zone) {
		case ZONE_MOVABLE:
			counts.movable++;
			break;
		case ZONE_DMA:
		case ZONE_DMA32:
		case ZONE_NORMAL:
			counts.kernel++;
			break;
		case ZONE_NONE:
		case ZONE_DEVICE:
		case ZONE_MAX:
			break;
		}
	}
	return counts;
}

uint64_t facts_dram_total(const struct facts *facts)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < facts->n_nodes; i++)
		if (facts->nodes[i].has_cpu)
			sum += facts->nodes[i].total;
	return sum;
}

uint64_t facts_movable_total(const struct facts *facts)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < facts->n_nodes; i++)
		sum += facts->nodes[i].movable;
	return sum;
}

uint64_t facts_kernel_total(const struct facts *facts)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < facts->n_nodes; i++)
		sum += facts->nodes[i].kernel;
	return sum;
}

uint64_t memmap_bytes(uint64_t bytes, uint64_t page_size)
{
	if (page_size == 0)
		return 0;
	return bytes / page_size * STRUCT_PAGE_SIZE;
}

bool memmap_fills_pmds(const struct host *host)
{
	/* A page table is one page of 8-byte entries, and a PMD maps as much as one table can. */
	uint64_t pmd_size = host->page_size * (host->page_size / 8);

	if (pmd_size == 0 || host->block_size == 0)
		return true;
	return memmap_bytes(host->block_size, host->page_size) % pmd_size == 0;
}

bool memmap_can_be_effective(const struct host *host, const struct dax_device *device)
{
	return memmap_obstacle_of(host, device) == MEMMAP_POSSIBLE;
}

uint64_t facts_dram_memmap(const struct facts *facts)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < facts->n_devices; i++) {
		const struct dax_device *device = &facts->devices[i];
		struct block_counts counts;

		if (!device->driver || strcmp(device->driver, "kmem") != 0)
			continue;
		if (device->knob == MEMMAP_KNOB_ON && memmap_can_be_effective(&facts->host, device))
			continue;
		/* The kernel allocates the memmap when it adds a block, not when that goes online.
		 */
		counts = dax_device_count_blocks(device);
		sum += memmap_bytes(counts.present * facts->host.block_size, facts->host.page_size);
	}
	return sum;
}

size_t phys_range_blocks(const struct phys_range *range, uint64_t block_size, uint64_t *ret_first)
{
	uint64_t first, end; /* block numbers, end exclusive */

	if (block_size == 0 || range->end < range->start)
		return 0;

	/* kmem trims each range inwards: start up, end down. No sum that could wrap at the top. */
	first = range->start / block_size + (range->start % block_size != 0);
	end = range->end / block_size + (range->end % block_size == block_size - 1);
	if (end <= first)
		return 0;
	*ret_first = first;
	return end - first;
}

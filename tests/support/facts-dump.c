/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts-dump.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char *or_none(const char *s)
{
	return s ? s : "none";
}

static void dump_host(FILE *out, const struct host *host)
{
	fprintf(out, "host\n");
	fprintf(out, "  kernel_release %s\n", or_none(host->kernel_release));
	fprintf(out, "  page_size %" PRIu64 "\n", host->page_size);
	fprintf(out, "  block_size %" PRIu64 "\n", host->block_size);
	fprintf(out, "  auto_online %s\n", online_policy_to_string(host->auto_online));
	fprintf(out, "  memmap_param %s\n", memmap_param_to_string(host->memmap_param));
	fprintf(out, "  dax_autoprobe %d\n", host->dax_autoprobe);
	fprintf(out, "  kmem_loaded %d\n", host->kmem_loaded);
	fprintf(out, "  device_dax_loaded %d\n", host->device_dax_loaded);
}

static void dump_node(FILE *out, const struct numa_node *node)
{
	fprintf(out, "node %d\n", node->id);
	fprintf(out, "  has_cpu %d\n", node->has_cpu);
	fprintf(out, "  total %" PRIu64 "\n", node->total);
	fprintf(out, "  free %" PRIu64 "\n", node->free);
	fprintf(out, "  movable %" PRIu64 "\n", node->movable);
	fprintf(out, "  kernel %" PRIu64 "\n", node->kernel);
	fprintf(out, "  tier %d\n", node->tier);
}

static bool same(const struct memory_block *a, const struct memory_block *b)
{
	return a->state == b->state && a->zone == b->zone;
}

/* Neighbours that are alike share a line. */
static void dump_blocks(FILE *out, const struct dax_device *device)
{
	size_t from = 0;

	for (size_t i = 1; i <= device->n_blocks; i++) {
		const struct memory_block *first = &device->blocks[from];
		const struct memory_block *last = &device->blocks[i - 1];

		if (i < device->n_blocks && same(first, &device->blocks[i]) &&
		    device->blocks[i].number == last->number + 1)
			continue;
		fprintf(out, "  blocks %" PRIu64 "-%" PRIu64 " %s %s\n", first->number,
			last->number, block_state_to_string(first->state),
			zone_to_string(first->zone));
		from = i;
	}
}

static void dump_device(FILE *out, const struct dax_device *device)
{
	const struct access_performance *p = &device->performance;

	fprintf(out, "device %s\n", device->name);
	fprintf(out, "  path %s\n", device->path);
	fprintf(out, "  kind %s\n", dax_kind_to_string(device->kind));
	fprintf(out, "  size %" PRIu64 "\n", device->size);
	fprintf(out, "  align %" PRIu64 "\n", device->align);
	for (size_t i = 0; i < device->n_ranges; i++)
		fprintf(out, "  range 0x%" PRIx64 "-0x%" PRIx64 "\n", device->ranges[i].start,
			device->ranges[i].end);
	fprintf(out, "  usable %" PRIu64 "\n", device->usable);
	fprintf(out, "  lost %" PRIu64 "\n", device->lost);
	fprintf(out, "  target_node %d\n", device->target_node);
	fprintf(out, "  initiator_node %d\n", device->initiator_node);
	fprintf(out, "  distance %u %s\n", device->distance.value,
		distance_source_to_string(device->distance.source));
	fprintf(out, "  latency read %u write %u\n", p->read_latency, p->write_latency);
	fprintf(out, "  bandwidth read %u write %u\n", p->read_bandwidth, p->write_bandwidth);
	fprintf(out, "  tier %d\n", device->tier);
	fprintf(out, "  driver %s\n", or_none(device->driver));
	fprintf(out, "  knob %s\n", memmap_knob_to_string(device->knob));
	fprintf(out, "  state %s\n", or_none(device->state));
	fprintf(out, "  region %s\n", or_none(device->region));
	for (size_t i = 0; i < device->n_serials; i++)
		fprintf(out, "  serial 0x%" PRIx64 "\n", device->serials[i]);
	for (size_t i = 0; i < device->n_holders; i++)
		fprintf(out, "  holder %d %s %s\n", (int)device->holders[i].pid,
			device->holders[i].comm, device->holders[i].mapped ? "mapped" : "open");
	dump_blocks(out, device);
	for (unsigned i = 0; i < DEVICE_FACT_MAX; i++)
		if (!dax_device_knows(device, (enum device_fact)i))
			fprintf(out, "  unknown %s\n", device_fact_to_string((enum device_fact)i));
}

static void dump_memdev(FILE *out, const struct cxl_memdev *memdev)
{
	fprintf(out, "memdev %s\n", memdev->name);
	fprintf(out, "  serial 0x%" PRIx64 "\n", memdev->serial);
	fprintf(out, "  ram %" PRIu64 " pmem %" PRIu64 "\n", memdev->ram_size, memdev->pmem_size);
	fprintf(out, "  numa_node %d\n", memdev->numa_node);
	fprintf(out, "  ram_qos_class %d\n", memdev->ram_qos_class);
	fprintf(out, "  endpoint %s\n", or_none(memdev->endpoint));
	fprintf(out, "  bridge %s\n", or_none(memdev->bridge));
	for (size_t i = 0; i < memdev->n_decoders; i++) {
		const struct cxl_endpoint_decoder *decoder = &memdev->decoders[i];

		fprintf(out, "  %s %s %" PRIu64 " region %s\n", decoder->name,
			decoder_mode_to_string(decoder->mode), decoder->dpa_size,
			or_none(decoder->region));
	}
	if (memdev->incomplete)
		fprintf(out, "  incomplete\n");
}

static void dump_window(FILE *out, const struct cxl_window *window)
{
	fprintf(out, "window %s\n", window->name);
	fprintf(out, "  cap_ram %d locked %d can_create %d\n", window->cap_ram, window->locked,
		window->can_create);
	fprintf(out, "  start 0x%" PRIx64 " size %" PRIu64 "\n", window->start, window->size);
	fprintf(out, "  ways %u granularity %u\n", window->ways, window->granularity);
	fprintf(out, "  qos_class %d\n", window->qos_class);
	for (size_t i = 0; i < window->bridges.n; i++)
		fprintf(out, "  bridge %s\n", window->bridges.items[i]);
	if (window->incomplete)
		fprintf(out, "  incomplete\n");
}

static void dump_region(FILE *out, const struct cxl_region *region)
{
	fprintf(out, "region %s\n", region->name);
	fprintf(out, "  window %s\n", region->window);
	fprintf(out, "  mode %s\n", decoder_mode_to_string(region->mode));
	if (region->has_start)
		fprintf(out, "  start 0x%" PRIx64 " size %" PRIu64 "\n", region->start,
			region->size);
	fprintf(out, "  ways %u granularity %u\n", region->ways, region->granularity);
	fprintf(out, "  committed %d bound %d\n", region->committed, region->bound);
	for (size_t i = 0; i < region->targets.n; i++)
		fprintf(out, "  target %s\n", region->targets.items[i]);
}

void cxl_facts_dump(FILE *out, const struct cxl_facts *cxl)
{
	for (size_t i = 0; i < cxl->n_memdevs; i++)
		dump_memdev(out, &cxl->memdevs[i]);
	for (size_t i = 0; i < cxl->n_windows; i++)
		dump_window(out, &cxl->windows[i]);
	for (size_t i = 0; i < cxl->n_regions; i++)
		dump_region(out, &cxl->regions[i]);
}

char *facts_dump(const struct facts *facts)
{
	char *text = NULL;
	size_t size;
	FILE *out;

	out = open_memstream(&text, &size);
	if (!out)
		abort();
	dump_host(out, &facts->host);
	for (size_t i = 0; i < facts->n_nodes; i++)
		dump_node(out, &facts->nodes[i]);
	for (size_t i = 0; i < facts->n_devices; i++)
		dump_device(out, &facts->devices[i]);
	cxl_facts_dump(out, &facts->cxl);
	for (size_t i = 0; i < facts->problems.n; i++)
		fprintf(out, "problem %s\n", facts->problems.items[i]);
	if (fclose(out) != 0)
		abort();
	return text;
}

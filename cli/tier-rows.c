/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/tier-rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void tier_rows_done(struct tier_rows *rows)
{
	for (size_t i = 0; i < rows->n; i++)
		free(rows->items[i].devices);
	free(rows->items);
	*rows = (struct tier_rows){};
}

/* The row of this node, a new one if need be; NULL on out of memory. */
static struct tier_row *rows_get(struct tier_rows *rows, int64_t node)
{
	struct tier_row *items;

	for (size_t i = 0; i < rows->n; i++)
		if (rows->items[i].node == node)
			return &rows->items[i];
	items = reallocarray(rows->items, rows->n + 1, sizeof(*items));
	if (!items)
		return NULL;
	rows->items = items;
	items[rows->n] = (struct tier_row){
		.node = node,
		.tier = -1,
		.kind = "memory",
		.initiator = -1,
	};
	return &rows->items[rows->n++];
}

/* What a device brings has latency and distance from elsewhere; what has CPUs is near to them. */
static int add_node(struct tier_rows *rows, struct json_object *node)
{
	struct tier_row *row = rows_get(rows, get_int(node, "Node"));

	if (!row)
		return -ENOMEM;
	row->tier = get_int(node, "Tier");
	row->has_cpu = get_bool(node, "HasCpu");
	row->size = get_u64(node, "Total");
	row->listed = row->online = row->size > 0;
	if (row->has_cpu)
		row->kind = "DRAM";
	return 0;
}

static void take_place(struct tier_row *row, struct json_object *device)
{
	uint64_t distance = get_u64(device, "Distance");

	if (row->has_cpu || distance == 0 || (row->distance > 0 && row->distance <= distance))
		return;
	row->distance = distance;
	row->initiator = get_int(device, "InitiatorNode");
}

static int add_device(struct tier_rows *rows, struct json_object *device)
{
	struct tier_row *row = rows_get(rows, get_int(device, "TargetNode"));
	struct json_object **devices;

	if (!row)
		return -ENOMEM;
	devices = reallocarray(row->devices, row->n_devices + 1, sizeof(struct json_object *));
	if (!devices)
		return -ENOMEM;
	row->devices = devices;
	devices[row->n_devices++] = device;
	if (!row->has_cpu)
		row->kind = row->n_devices == 1 || strcmp(row->kind, get_text(device, "Kind")) == 0
				    ? get_text(device, "Kind")
				    : "mixed";
	/* The node may have come since the host was looked at. */
	row->online = row->online || get_u64(device, "BlocksOnline") > 0;
	if (!row->listed)
		row->size += get_u64(device, "Size");
	if (row->tier < 0)
		row->tier = get_int(device, "Tier");
	if (row->latency == 0)
		row->latency = get_u64(device, "ReadLatency");
	if (row->bandwidth == 0)
		row->bandwidth = get_u64(device, "ReadBandwidth");
	take_place(row, device);
	return 0;
}

static void add_gauge(struct tier_rows *rows, struct json_object *gauge)
{
	for (size_t i = 0; i < rows->n; i++) {
		struct tier_row *row = &rows->items[i];

		if (row->node != get_int(gauge, "Node"))
			continue;
		row->use_known = get_u64(gauge, "Total") > 0;
		row->used = get_u64(gauge, "Used");
		row->cache = get_u64(gauge, "Cache");
		if (row->latency == 0)
			row->latency = get_u64(gauge, "ReadLatency");
		if (row->bandwidth == 0)
			row->bandwidth = get_u64(gauge, "ReadBandwidth");
	}
}

static int compare_numbers(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

/* The kernel counts tiers from the fastest on; what is in none comes last. */
static int compare_rows(const void *a, const void *b)
{
	const struct tier_row *x = a, *y = b;

	return compare_numbers(x->tier < 0, y->tier < 0) ?: compare_numbers(x->tier, y->tier)
	       ?: compare_numbers(!x->has_cpu, !y->has_cpu)
	       ?: compare_numbers((int64_t)x->distance, (int64_t)y->distance)
	       ?: compare_numbers(x->node, y->node);
}

static int fill(struct tier_rows *rows, struct json_object *document)
{
	struct json_object *devices = get_array(document, "Devices"), *nodes = NULL, *host;
	struct json_object *memory = get_array(document, "Memory");

	if (json_object_object_get_ex(document, "Host", &host))
		nodes = get_array(host, "Nodes");
	for (size_t i = 0; i < json_length(nodes); i++)
		if (add_node(rows, json_object_array_get_idx(nodes, i)) < 0)
			return -ENOMEM;
	for (size_t i = 0; i < json_length(devices); i++) {
		struct json_object *device = json_object_array_get_idx(devices, i);

		if (get_int(device, "TargetNode") >= 0 && add_device(rows, device) < 0)
			return -ENOMEM;
	}
	for (size_t i = 0; i < json_length(memory); i++)
		add_gauge(rows, json_object_array_get_idx(memory, i));
	return 0;
}

int tier_rows_make(struct json_object *document, struct tier_rows *ret)
{
	struct tier_rows rows = {};

	if (fill(&rows, document) < 0) {
		tier_rows_done(&rows);
		return -ENOMEM;
	}
	if (rows.n > 0)
		qsort(rows.items, rows.n, sizeof(struct tier_row), compare_rows);
	*ret = rows;
	return 0;
}

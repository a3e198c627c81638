/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/ghost.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "sysfs/block.h"

static bool overlaps(const struct dax_device *a, const struct dax_device *b)
{
	for (size_t i = 0; i < a->n_ranges; i++)
		for (size_t k = 0; k < b->n_ranges; k++)
			if (a->ranges[i].start <= b->ranges[k].end &&
			    b->ranges[k].start <= a->ranges[i].end)
				return true;
	return false;
}

static bool has_successor(const struct dax_device *last_seen, const struct facts *facts)
{
	for (size_t i = 0; i < facts->n_devices; i++)
		if (strcmp(facts->devices[i].name, last_seen->name) == 0 ||
		    overlaps(&facts->devices[i], last_seen))
			return true;
	return false;
}

static void *copy(const void *items, size_t n, size_t size)
{
	void *new = calloc(n ? n : 1, size);

	return new &&n > 0 ? memcpy(new, items, n * size) : new;
}

static int ghost_make(const struct dax_device *last_seen, struct dax_device *ret)
{
	_cleanup_(dax_device_done) struct dax_device ghost = *last_seen;

	/* Nothing of it is the copy's until it is copied. */
	ghost.name = strdup(last_seen->name);
	ghost.path = last_seen->path ? strdup(last_seen->path) : NULL;
	ghost.region = last_seen->region ? strdup(last_seen->region) : NULL;
	ghost.ranges = copy(last_seen->ranges, last_seen->n_ranges, sizeof(*ghost.ranges));
	ghost.serials = copy(last_seen->serials, last_seen->n_serials, sizeof(*ghost.serials));
	ghost.driver = ghost.state = NULL;
	ghost.holders = NULL;
	ghost.n_holders = 0;
	ghost.blocks = NULL;
	ghost.n_blocks = 0;
	ghost.unknown = 0;
	ghost.gone = true;
	if (!ghost.name || (last_seen->path && !ghost.path) ||
	    (last_seen->region && !ghost.region) || !ghost.ranges || !ghost.serials)
		return -ENOMEM;
	*ret = ghost;
	ghost = (struct dax_device){};
	return 0;
}

static int facts_insert(struct facts *facts, struct dax_device *device)
{
	struct dax_device *devices;
	size_t at = 0;

	devices = reallocarray(facts->devices, facts->n_devices + 1, sizeof(*devices));
	if (!devices)
		return -ENOMEM;
	facts->devices = devices;
	while (at < facts->n_devices && strverscmp(devices[at].name, device->name) < 0)
		at++;
	memmove(&devices[at + 1], &devices[at], (facts->n_devices - at) * sizeof(*devices));
	devices[at] = *device;
	facts->n_devices++;
	*device = (struct dax_device){};
	return 0;
}

int ghost_look(struct look *look, const struct dax_device *last_seen, struct facts *facts)
{
	_cleanup_(dax_device_done) struct dax_device ghost = {};
	int r;

	if (facts->host.block_size == 0 || has_successor(last_seen, facts))
		return 0;
	r = ghost_make(last_seen, &ghost);
	if (r < 0)
		return r;
	r = memory_blocks_read(look->sysfs, ghost.ranges, ghost.n_ranges, facts->host.block_size,
			       &ghost.blocks, &ghost.n_blocks);
	if (r < 0)
		return look_failed(look, r, "the memory blocks of %s, which has left", ghost.name);
	if (dax_device_count_blocks(&ghost).present == 0)
		return 0;
	return facts_insert(facts, &ghost);
}

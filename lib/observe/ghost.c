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
		if (overlaps(&facts->devices[i], last_seen))
			return true;
	return false;
}

/* Only what is seen to be away has left. */
static int is_there(struct look *look, const struct dax_device *last_seen)
{
	uint64_t instance;
	int r;

	if (last_seen->gone)
		return false;
	r = sysfs_instance(look->sysfs, &instance, "sys/bus/dax/devices/%s", last_seen->name);
	if (r == -ENOENT || r == -ENOTDIR)
		return false;
	if (r < 0) {
		r = look_failed(look, r, "whether %s is still there", last_seen->name);
		return r < 0 ? r : true;
	}
	return last_seen->instance == 0 || instance == last_seen->instance;
}

static void *copy(const void *items, size_t n, size_t size)
{
	void *new = calloc(n ? n : 1, size);

	return new &&n > 0 ? memcpy(new, items, n * size) : new;
}

static int copy_string(char **field, const char *s)
{
	*field = s ? strdup(s) : NULL;
	return s && !*field ? -ENOMEM : 0;
}

/* All but the holders. */
static int device_copy(const struct dax_device *last_seen, struct dax_device *ret)
{
	_cleanup_(dax_device_done) struct dax_device device = *last_seen;
	int r;

	/* Nothing of it is the copy's until it is copied. */
	r = copy_string(&device.name, last_seen->name);
	r |= copy_string(&device.path, last_seen->path);
	r |= copy_string(&device.driver, last_seen->driver);
	r |= copy_string(&device.state, last_seen->state);
	r |= copy_string(&device.region, last_seen->region);
	device.ranges = copy(last_seen->ranges, last_seen->n_ranges, sizeof(*device.ranges));
	device.serials = copy(last_seen->serials, last_seen->n_serials, sizeof(*device.serials));
	device.blocks = copy(last_seen->blocks, last_seen->n_blocks, sizeof(*device.blocks));
	device.holders = NULL;
	device.n_holders = 0;
	if (r < 0 || !device.ranges || !device.serials || !device.blocks)
		return -ENOMEM;
	*ret = device;
	device = (struct dax_device){};
	return 0;
}

static int make_unknown(struct dax_device *device)
{
	device->unknown = (1U << DEVICE_FACT_MAX) - 1;
	return 0;
}

/* There may be a device of that name by now. */
static int make_gone(struct dax_device *device, const struct facts *facts)
{
	char *name;

	free(device->driver);
	free(device->state);
	device->driver = device->state = NULL;
	device->unknown = 0;
	device->gone = true;
	if (!facts_find_device(facts, device->name) || device->n_ranges == 0)
		return 0;
	if (asprintf(&name, "%s@%llx", device->name, (unsigned long long)device->ranges[0].start) <
	    0)
		return -ENOMEM;
	free(device->name);
	device->name = name;
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

/* The look has it, by its own name. */
static bool is_seen(const struct dax_device *last_seen, const struct facts *facts)
{
	const struct dax_device *seen = facts_find_device(facts, last_seen->name);

	return seen && !last_seen->gone &&
	       (last_seen->instance == 0 || seen->instance == 0 ||
		last_seen->instance == seen->instance);
}

/* 1: they were read. */
static int read_blocks(struct look *look, const struct facts *facts, struct dax_device *device)
{
	struct memory_block *blocks = NULL;
	size_t n = 0;
	int r;

	if (facts->host.block_size == 0)
		return 0;
	r = memory_blocks_read(look->sysfs, device->ranges, device->n_ranges,
			       facts->host.block_size, &blocks, &n);
	if (r < 0) /* what was last seen of them is better than nothing */
		return look_failed(look, r, "the memory blocks of %s", device->name);
	free(device->blocks);
	device->blocks = blocks;
	device->n_blocks = n;
	return 1;
}

int ghost_look(struct look *look, const struct dax_device *last_seen, struct facts *facts)
{
	_cleanup_(dax_device_done) struct dax_device device = {};
	int r, there;

	if (is_seen(last_seen, facts) || has_successor(last_seen, facts))
		return 0;
	there = is_there(look, last_seen);
	if (there < 0)
		return there;
	r = device_copy(last_seen, &device);
	if (r == 0)
		r = there ? make_unknown(&device) : make_gone(&device, facts);
	if (r == 0)
		r = read_blocks(look, facts, &device);
	if (r < 0)
		return r;
	if (!there && (r > 0 || device.n_blocks > 0) &&
	    dax_device_count_blocks(&device).present == 0)
		return 0;
	return facts_insert(facts, &device);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/range.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define PREFIX "mapping"

static bool is_mapping(const char *name)
{
	const char *number = name + strlen(PREFIX);

	return strncmp(name, PREFIX, strlen(PREFIX)) == 0 && *number &&
	       number[strspn(number, "0123456789")] == '\0';
}

static int add_range(struct dax_device *device, uint64_t start, uint64_t end)
{
	struct phys_range *grown;

	grown = reallocarray(device->ranges, device->n_ranges + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	device->ranges = grown;
	device->ranges[device->n_ranges++] = (struct phys_range){.start = start, .end = end};
	return 0;
}

/* No range starts at UINT64_MAX or ends at 0: so read, the file was not there. */
static int mapping_look(struct look *look, struct dax_device *device, const char *name)
{
	uint64_t start = UINT64_MAX, end = 0;
	int r;

	r = look_hex(look, &start, "%s/%s/start", device->path, name);
	if (r < 0)
		return r;
	r = look_hex(look, &end, "%s/%s/end", device->path, name);
	if (r < 0)
		return r;
	if (start != UINT64_MAX && end != 0 && end >= start)
		return add_range(device, start, end);
	device->unknown |= 1U << DEVICE_FACT_RANGES;
	if (start != UINT64_MAX && end != 0)
		return look_problem(look,
				    "%s/%s ends at 0x%" PRIx64 ", before its start at 0x%" PRIx64,
				    device->path, name, end, start);
	return 0;
}

/*
 * kmem trims every range inwards to whole blocks (dax_kmem_range() in drivers/dax/kmem.c). Where no
 * range is known, which is so for anybody but root, it is not said that everything is lost: the
 * device then counts as one range that begins on a boundary.
 */
static uint64_t usable_bytes(const struct dax_device *device, uint64_t block_size)
{
	uint64_t first, blocks = 0;

	if (block_size == 0)
		return 0;
	if (device->n_ranges == 0)
		return device->size - device->size % block_size;
	for (size_t i = 0; i < device->n_ranges; i++)
		blocks += phys_range_blocks(&device->ranges[i], block_size, &first);
	return blocks * block_size;
}

int ranges_look(struct look *look, uint64_t block_size, struct dax_device *device)
{
	_cleanup_(strv_done) struct strv names = {};
	int r;

	r = look_list(look, &names, "%s", device->path);
	for (size_t i = 0; r == 0 && i < names.n; i++)
		if (is_mapping(names.items[i]))
			r = mapping_look(look, device, names.items[i]);
	if (r < 0)
		return r;
	device->usable = usable_bytes(device, block_size);
	device->lost = device->size > device->usable ? device->size - device->usable : 0;
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sysfs/block.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define MEMORY_DIR "sys/devices/system/memory"
#define DAX_DIR	   "sys/bus/dax/devices"

/* Physical addresses have at most 52 bits, and no block is smaller than 128 MiB: what needs more
 * blocks comes from a broken file, and would take for ever. */
#define BLOCKS_MAX ((size_t)1 << (52 - 27))

/* Between two reads a block may change its state; after so many changes it is the caller's turn. */
#define BLOCK_TRIES 3

/* A directory that is being removed answers ENODEV where an open came in just before. */
static bool is_gone(int r)
{
	return r == -ENOENT || r == -ENODEV;
}

static int read_state(struct sysfs *sysfs, uint64_t number, enum block_state *ret)
{
	_cleanup_free_ char *text = NULL;
	int r;

	r = sysfs_read_string(sysfs, &text, MEMORY_DIR "/memory%" PRIu64 "/state", number);
	if (is_gone(r)) {
		*ret = BLOCK_ABSENT;
		return 0;
	}
	if (r < 0)
		return r;
	r = block_state_from_string(text);
	if (r < 0)
		return -EBADMSG;
	*ret = (enum block_state)r;
	return 0;
}

/*
 * valid_zones of an online block is its zone; of an offline one, the zones that it could go to:
 * -EAGAIN when it names none that a block can be in, so the block is no longer what its state said.
 */
static int read_zone(struct sysfs *sysfs, uint64_t number, enum zone *ret)
{
	_cleanup_free_ char *text = NULL;
	int r;

	r = sysfs_read_string(sysfs, &text, MEMORY_DIR "/memory%" PRIu64 "/valid_zones", number);
	if (r < 0)
		return r;
	r = zone_from_string(text);
	if (r < 0)
		return -EAGAIN;
	*ret = (enum zone)r;
	return 0;
}

int memory_block_read(struct sysfs *sysfs, uint64_t number, struct memory_block *ret)
{
	struct memory_block block = {.number = number, .zone = ZONE_NONE};
	int r = -EAGAIN;

	for (int i = 0; i < BLOCK_TRIES && (r == -EAGAIN || is_gone(r)); i++) {
		r = read_state(sysfs, number, &block.state);
		if (r < 0)
			return r;
		if (block.state == BLOCK_ONLINE)
			r = read_zone(sysfs, number, &block.zone);
	}
	/* The state is there each time and the zone never: it takes CONFIG_MEMORY_HOTREMOVE. */
	if (is_gone(r))
		return -EOPNOTSUPP;
	if (r < 0)
		return r;
	*ret = block;
	return 0;
}

static int compare_block(const void *a, const void *b)
{
	const struct memory_block *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

static int count_blocks(const struct phys_range *ranges, size_t n_ranges, uint64_t block_size,
			size_t *ret)
{
	uint64_t first;
	size_t n = 0;

	for (size_t i = 0; i < n_ranges; i++) {
		size_t k = phys_range_blocks(&ranges[i], block_size, &first);

		if (k > BLOCKS_MAX - n)
			return -ERANGE;
		n += k;
	}
	*ret = n;
	return 0;
}

int memory_blocks_read(struct sysfs *sysfs, const struct phys_range *ranges, size_t n_ranges,
		       uint64_t block_size, struct memory_block **ret, size_t *ret_n)
{
	_cleanup_free_ struct memory_block *blocks = NULL;
	size_t total, n = 0;
	int r;

	r = count_blocks(ranges, n_ranges, block_size, &total);
	if (r < 0)
		return r;
	if (total == 0) {
		*ret = NULL;
		*ret_n = 0;
		return 0;
	}
	blocks = calloc(total, sizeof(*blocks));
	if (!blocks)
		return -ENOMEM;

	for (size_t i = 0; i < n_ranges; i++) {
		uint64_t first = 0;
		size_t k = phys_range_blocks(&ranges[i], block_size, &first);

		for (size_t j = 0; j < k; j++) {
			r = memory_block_read(sysfs, first + j, &blocks[n]);
			if (r < 0)
				return r;
			n++;
		}
	}
	qsort(blocks, n, sizeof(*blocks), compare_block);
	*ret = TAKE_PTR(blocks);
	*ret_n = n;
	return 0;
}

/* For an attribute or link that was not there: whether at least the device is. */
static int check_dax_device(struct sysfs *sysfs, const char *device)
{
	int r = sysfs_exists(sysfs, DAX_DIR "/%s", device);

	if (r < 0)
		return r;
	return r ? 0 : -ENODEV;
}

int dax_driver_read(struct sysfs *sysfs, const char *device, char **ret)
{
	char *driver;
	int r;

	r = sysfs_link_name(sysfs, &driver, DAX_DIR "/%s/driver", device);
	if (r == -ENOENT) {
		r = check_dax_device(sysfs, device);
		driver = NULL;
	}
	if (r < 0)
		return r;
	*ret = driver;
	return 0;
}

int dax_knob_read(struct sysfs *sysfs, const char *device, enum memmap_knob *ret)
{
	uint64_t v;
	int r;

	r = sysfs_read_u64(sysfs, &v, DAX_DIR "/%s/memmap_on_memory", device);
	if (r == -ENOENT) {
		r = check_dax_device(sysfs, device);
		if (r < 0)
			return r;
		*ret = MEMMAP_KNOB_ABSENT;
		return 0;
	}
	if (r < 0)
		return r;
	if (v > 1)
		return -EBADMSG;
	*ret = v ? MEMMAP_KNOB_ON : MEMMAP_KNOB_OFF;
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What writes to CXL regions do. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "fake-kernel-region.h"

#define UNIT (256 * FAKE_KERNEL_MIB)

/* create_ram_region_store(): the name must be the one that the window set
 * aside. */
static int store_create(const char *root, const char *window, const char *name)
{
	char *next = fk_cxl_get(root, window, "create_ram_region");
	unsigned id;
	int r = 0;

	if (sscanf(name, "region%u", &id) != 1)
		r = -EINVAL;
	else if (strcmp(name, next) != 0)
		r = -EBUSY;
	else {
		fk_region_make(root, window, name);
		fk_window_reserve(root, window);
	}
	free(next);
	return r;
}

/*
 * The kernel switches the decoders off under memory that is in use, when it is told to: the machine
 * is lost with it. So is the test, also where it was a process of its own that wrote.
 */
static void check_not_in_use(const char *root, const struct fk_region *region, const char *what)
{
	uint64_t block_size = fk_host_u64(root, "block_size");

	if (region->size == 0)
		return;
	for (uint64_t i = region->start / block_size;
	     i <= (region->start + region->size - 1) / block_size; i++)
		if (fk_block_zone(root, i) != FK_ZONE_NONE) {
			tree_putf(root, TREE_VIOLATION,
				  "%s of %s, while its memory%" PRIu64 " is online\n", what,
				  region->name, i);
			abort();
		}
}

static int store_delete(const char *root, const char *window, const char *name)
{
	struct fk_region region;

	if (fk_region_load(root, name, &region) < 0 || strcmp(region.window, window) != 0)
		return -ENODEV;
	check_not_in_use(root, &region, "delete_region");
	fk_region_delete(root, &region);
	return 0;
}

static int store_ways(const char *root, struct fk_region *region, uint64_t ways)
{
	unsigned own = (unsigned)fk_cxl_u64(root, region->window, "interleave_ways");
	uint64_t times = ways / own;

	if (!ways || ways > 16 || (ways % 3 ? (ways & (ways - 1)) != 0 : ways / 3 > 4 || ways == 9))
		return -EINVAL;
	if (ways % own || times & (times - 1))
		return -EINVAL;
	if (region->size > 0)
		return -EBUSY;
	fk_put(root, region->path, "interleave_ways", "%" PRIu64, ways);
	fk_region_show_targets(root, region, (unsigned)ways);
	return 0;
}

static int store_granularity(const char *root, struct fk_region *region, uint64_t granularity)
{
	uint64_t own = fk_cxl_u64(root, region->window, "interleave_granularity");

	if (granularity < 256 || granularity > 16384 || granularity & (granularity - 1))
		return -EINVAL;
	if (fk_cxl_u64(root, region->window, "interleave_ways") > 1 && granularity != own)
		return -EINVAL;
	if (region->size > 0)
		return -EBUSY;
	fk_put(root, region->path, "interleave_granularity", "%" PRIu64, granularity);
	return 0;
}

/* The region of the window that overlaps these addresses, lowest first: where
 * it ends; 0: none. */
static uint64_t find_overlap(const char *root, const struct fk_region *self, uint64_t start,
			     uint64_t size)
{
	struct fk_region other;

	for (unsigned id = 0; id < 64; id++) {
		char *name = fk_path("region%u", id);
		int r = fk_region_load(root, name, &other);

		free(name);
		if (r == 0 && other.size > 0 && strcmp(other.window, self->window) == 0 &&
		    other.start < start + size && start < other.start + other.size)
			return other.start + other.size;
	}
	return 0;
}

/* alloc_free_mem_region(): the first hole, at a multiple of 256 MiB. */
static int store_size(const char *root, struct fk_region *region, uint64_t size)
{
	uint64_t start = fk_cxl_u64(root, region->window, "start"), past;
	uint64_t end = start + fk_cxl_u64(root, region->window, "size");

	if (size == 0 && region->committed)
		return -EBUSY;
	if (size > 0 && size == region->size)
		return 0;
	if (size > 0) {
		if (region->size > 0)
			return -EBUSY;
		if (!region->ways || !region->granularity)
			return -ENXIO;
		if (size % (UNIT * region->ways))
			return -EINVAL;
		start = (start + UNIT - 1) / UNIT * UNIT;
		while ((past = find_overlap(root, region, start, size)))
			start = (past + UNIT - 1) / UNIT * UNIT;
		if (start + size > end)
			return -ERANGE;
	}
	fk_put(root, region->path, "size", "0x%" PRIx64, size);
	fk_put(root, region->path, "resource", "0x%" PRIx64, size ? start : UINT64_MAX);
	return 0;
}

static int is_member(const char *root, const struct fk_region *region, const char *memdev)
{
	struct fk_decoder other;
	int found = 0;

	for (unsigned i = 0; i < region->ways; i++) {
		char *name = fk_region_target(root, region, i);

		found |= fk_decoder_load(root, name, &other) == 0 &&
			 strcmp(other.memdev, memdev) == 0;
		free(name);
	}
	return found;
}

/* What cxl_region_attach() looks at, in its order. */
static int check_attach(const char *root, const struct fk_region *region, unsigned position,
			const struct fk_decoder *decoder)
{
	uint64_t dpa_size = fk_cxl_u64(root, decoder->path, "dpa_size");
	char *mode = fk_cxl_get(root, decoder->path, "mode");
	char *taken = fk_cxl_get(root, decoder->path, "region");
	char *now = fk_region_target(root, region, position);
	int is_ram = strcmp(mode, "ram") == 0, is_taken = taken[0] || now[0];

	free(mode);
	free(taken);
	free(now);
	if (!is_ram)
		return -EINVAL;
	if (region->committed)
		return -EBUSY;
	if (!region->size || !dpa_size)
		return -ENXIO;
	if (dpa_size * region->ways != region->size)
		return -EINVAL;
	if (is_taken || is_member(root, region, decoder->memdev))
		return -EBUSY;
	return fk_window_bridge(root, region->window, position) == decoder->bridge ? 0 : -ENXIO;
}

static int attach(const char *root, const struct fk_region *region, unsigned position,
		  const char *name)
{
	struct fk_decoder decoder;
	int r = fk_decoder_load(root, name, &decoder);

	if (r == 0)
		r = check_attach(root, region, position, &decoder);
	if (r == 0) {
		fk_region_put_target(root, region, position, name);
		fk_put(root, decoder.path, "region", "%s", region->name);
	}
	return r;
}

/* commit_store(): all targets there, and no decoder before one of them that is
 * not committed. */
static int commit(const char *root, struct fk_region *region)
{
	int r = region->size ? 0 : -ENXIO;

	for (unsigned i = 0; r == 0 && i < region->ways; i++) {
		char *name = fk_region_target(root, region, i);
		struct fk_decoder decoder;

		if (fk_decoder_load(root, name, &decoder) < 0)
			r = -ENXIO;
		free(name);
	}
	if (r == 0)
		fk_put(root, region->path, "commit", "1");
	return r;
}

static int is_committed_later(const char *root, const struct fk_decoder *decoder)
{
	struct fk_decoder later;
	struct fk_region region;
	int found = 0;

	for (unsigned i = decoder->id + 1; !found; i++) {
		char *name = fk_path("%.*s.%u", (int)strcspn(decoder->name, "."), decoder->name, i);
		char *of;
		int r = fk_decoder_load(root, name, &later);

		free(name);
		if (r < 0)
			break;
		of = fk_cxl_get(root, later.path, "region");
		found = of[0] && fk_region_load(root, of, &region) == 0 && region.committed;
		free(of);
	}
	return found;
}

/* Decoders that firmware has locked stay; before 6.12 they are also let go in reverse order only,
 * which is noticed when the driver is off already. */
static int decommit(const char *root, struct fk_region *region)
{
	int locked = 0, later = 0;

	for (unsigned i = 0; i < region->ways; i++) {
		char *name = fk_region_target(root, region, i);
		struct fk_decoder decoder;

		if (fk_decoder_load(root, name, &decoder) == 0) {
			locked |= fk_cxl_u64(root, decoder.path, "locked") != 0;
			later |= is_committed_later(root, &decoder);
		}
		free(name);
	}
	if (locked)
		return -EPERM;
	check_not_in_use(root, region, "commit = 0");
	if (later)
		fk_region_disable(root, region);
	else
		fk_region_reset(root, region);
	return later ? -EBUSY : 0;
}

static int store_commit(const char *root, struct fk_region *region, const char *value)
{
	if (value[0] != '0' && value[0] != '1')
		return -EINVAL;
	if (region->committed == (value[0] == '1'))
		return 0;
	return value[0] == '0' ? decommit(root, region) : commit(root, region);
}

int fk_store_region(const char *root, const char *path, const char *value)
{
	char *copy = fk_path("%s", path), *attribute = strrchr(copy, '/'), *word;
	struct fk_region region;
	unsigned position;
	int r = -EACCES;

	*attribute++ = '\0';
	word = fk_path("%.*s", (int)strcspn(value, "\n"), value);
	if (fk_region_load(root, strrchr(copy, '/') + 1, &region) < 0)
		r = -EACCES;
	else if (strcmp(attribute, "interleave_ways") == 0)
		r = store_ways(root, &region, strtoull(word, NULL, 0));
	else if (strcmp(attribute, "interleave_granularity") == 0)
		r = store_granularity(root, &region, strtoull(word, NULL, 0));
	else if (strcmp(attribute, "size") == 0)
		r = store_size(root, &region, strtoull(word, NULL, 0));
	else if (strcmp(attribute, "commit") == 0)
		r = store_commit(root, &region, word);
	else if (sscanf(attribute, "target%u", &position) == 1 && word[0])
		r = attach(root, &region, position, word);
	else if (sscanf(attribute, "target%u", &position) == 1) {
		check_not_in_use(root, &region, attribute);
		fk_region_detach(root, &region, position);
		r = 0;
	}
	free(word);
	free(copy);
	return r;
}

/* bind, unbind, create_ram_region and delete_region, which take a region's
 * name. */
int fk_store_region_driver(const char *root, const char *path, const char *value)
{
	char *directory = fk_path("%s", path), *attribute = strrchr(directory, '/'), name[32];
	struct fk_region region;
	int r = -ENODEV;

	*attribute++ = '\0';
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(value, "\n"), value);
	if (strcmp(attribute, "create_ram_region") == 0)
		r = store_create(root, directory, name);
	else if (strcmp(attribute, "delete_region") == 0)
		r = store_delete(root, directory, name);
	else if (fk_region_load(root, name, &region) == 0 && strcmp(attribute, "bind") == 0) {
		r = region.bound ? -EBUSY : region.committed ? 0 : -ENXIO;
		if (r == 0)
			fk_region_enable(root, &region);
	} else if (fk_region_load(root, name, &region) == 0 && region.bound) {
		check_not_in_use(root, &region, "unbind");
		fk_region_disable(root, &region);
		r = 0;
	}
	free(directory);
	return r;
}

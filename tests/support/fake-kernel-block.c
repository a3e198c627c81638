/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One memory block: what its directory shows, and what a write to its state does. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "fake-kernel-model.h"
#include "fake-kernel-offline.h"

#define ENTRY_SIZE_PER_PAGE 64 /* struct page */
#define PAGE_BYTES	    4096

static char *block_state_path(uint64_t number)
{
	return fk_path(FK_STATE "/blocks/%" PRIu64, number);
}

int fk_block_load(const char *root, uint64_t number, struct fk_block *ret)
{
	struct fk_block block = {.number = number};
	char *path = block_state_path(number), *text = tree_get(root, path);
	int n;

	free(path);
	if (!text)
		return -ENOENT;
	n = sscanf(text, "%d %d", &block.node, &block.memmap_on_memory);
	free(text);
	if (n != 2)
		abort();
	path = fk_path(FK_STATE "/poison/%" PRIu64, number);
	block.poisoned = tree_has(root, path);
	free(path);
	*ret = block;
	return 0;
}

char *fk_block_path(uint64_t number, const char *attribute)
{
	return fk_path(FK_MEMORY "/memory%" PRIu64 "%s%s", number, attribute ? "/" : "",
		       attribute ? attribute : "");
}

uint64_t fk_memmap_bytes(uint64_t bytes)
{
	return bytes / PAGE_BYTES * ENTRY_SIZE_PER_PAGE;
}

/* What the page allocator gets of a block: all, but for the memmap that is kept on it. */
static uint64_t managed_bytes(const char *root, const struct fk_block *block)
{
	uint64_t size = fk_host_u64(root, "block_size");

	return block->memmap_on_memory ? size - fk_memmap_bytes(size) : size;
}

enum fk_zone fk_block_zone(const char *root, uint64_t number)
{
	char *path = fk_block_path(number, "state"), *state = fk_get(root, path), *zones;
	enum fk_zone zone = FK_ZONE_NONE;

	free(path);
	path = fk_block_path(number, "valid_zones");
	zones = fk_get(root, path);
	if (strcmp(state, "online") == 0)
		zone = strcmp(zones, "Movable") == 0 ? FK_ZONE_MOVABLE : FK_ZONE_NORMAL;
	free(path);
	free(state);
	free(zones);
	return zone;
}

/* An offline block could go to either zone; one that is online tells its own. */
static void show_zone(const char *root, uint64_t number, enum fk_zone zone)
{
	static const char *const states[] = {"offline\n", "online\n", "online\n"};
	static const char *const zones[] = {"Normal Movable\n", "Normal\n", "Movable\n"};
	char *path;

	path = fk_block_path(number, "valid_zones");
	tree_put(root, path, zones[zone]);
	free(path);
	path = fk_block_path(number, "state");
	tree_put(root, path, states[zone]);
	free(path);
}

void fk_block_change_zone(const char *root, const struct fk_block *block, enum fk_zone zone)
{
	uint64_t bytes = managed_bytes(root, block);
	enum fk_zone before = fk_block_zone(root, block->number);
	struct fk_node node;

	if (fk_node_load(root, block->node, &node) < 0)
		abort();
	node.normal -= before == FK_ZONE_NORMAL ? bytes : 0;
	node.movable -= before == FK_ZONE_MOVABLE ? bytes : 0;
	node.normal += zone == FK_ZONE_NORMAL ? bytes : 0;
	node.movable += zone == FK_ZONE_MOVABLE ? bytes : 0;
	show_zone(root, block->number, zone);
	fk_node_save(root, &node);
}

/* A word of auto_online_blocks or memoryN/state. "online" leaves the zone to the kernel, which for
 * hot-plugged memory is a zone of its own by default. */
int fk_parse_how(const char *value, enum fk_zone *ret)
{
	if (fk_word_is(value, "offline"))
		*ret = FK_ZONE_NONE;
	else if (fk_word_is(value, "online") || fk_word_is(value, "online_kernel"))
		*ret = FK_ZONE_NORMAL;
	else if (fk_word_is(value, "online_movable"))
		*ret = FK_ZONE_MOVABLE;
	else
		return -EINVAL;
	return 0;
}

static char *pin_path(uint64_t number)
{
	return fk_path(FK_STATE "/pins/%" PRIu64, number);
}

static void pin(const char *root, uint64_t number, unsigned tries)
{
	char *path = pin_path(number);

	if (tries > 0)
		tree_putf(root, path, "%u\n", tries);
	else
		tree_delete(root, path);
	free(path);
}

/* offline_pages() in mm/memory_hotplug.c, for a page that cannot be isolated. */
int fk_try_offline(const char *root, uint64_t number)
{
	char *path = pin_path(number), *text = fk_get(root, path);
	unsigned tries = (unsigned)strtoul(text, NULL, 10);

	free(text);
	free(path);
	if (tries == 0)
		return 0;
	if (tries != UINT_MAX)
		pin(root, number, tries - 1);
	return -EBUSY;
}

void fake_kernel_pin_block(const char *root, uint64_t number, unsigned tries)
{
	int lock = fk_lock(root);

	pin(root, number, tries);
	fk_unlock(lock);
}

/* state_store() in drivers/base/memory.c: going where the block already is, is EINVAL. */
int fk_store_block_state(const char *root, uint64_t number, const char *value)
{
	enum fk_zone zone, now;
	struct fk_block block;
	int r;

	r = fk_block_load(root, number, &block);
	if (r < 0)
		return -EBUSY; /* DRAM from boot is in use */
	r = fk_parse_how(value, &zone);
	if (r < 0)
		return r;
	now = fk_block_zone(root, number);
	if ((now == FK_ZONE_NONE) == (zone == FK_ZONE_NONE))
		return -EINVAL;
	if (zone != FK_ZONE_NONE && block.poisoned)
		return -EHWPOISON;
	r = zone == FK_ZONE_NONE ? fk_try_offline(root, number) : 0;
	if (r == 0)
		fk_block_change_zone(root, &block, zone);
	return r;
}

void fk_block_show(const char *root, const struct fk_block *block)
{
	char *path, *target;

	path = block_state_path(block->number);
	tree_putf(root, path, "%d %d\n", block->node, block->memmap_on_memory);
	free(path);

	path = fk_block_path(block->number, "phys_index");
	tree_putf(root, path, "%08" PRIx64 "\n", block->number);
	free(path);
	path = fk_block_path(block->number, "removable");
	tree_put(root, path, "1\n");
	free(path);

	path = fk_path(FK_MEMORY "/memory%" PRIu64 "/node%d", block->number, block->node);
	target = fk_path("../../node/node%d", block->node);
	tree_link(root, path, target);
	free(path);
	free(target);
	path = fk_path(FK_NODES "/node%d/memory%" PRIu64, block->node, block->number);
	target = fk_path("../../memory/memory%" PRIu64, block->number);
	tree_link(root, path, target);
	free(path);
	free(target);
	show_zone(root, block->number, FK_ZONE_NONE);
}

void fk_block_hide(const char *root, const struct fk_block *block)
{
	char *path;

	path = fk_path(FK_NODES "/node%d/memory%" PRIu64, block->node, block->number);
	tree_delete(root, path);
	free(path);
	path = fk_block_path(block->number, NULL);
	tree_delete(root, path);
	free(path);
	path = block_state_path(block->number);
	tree_delete(root, path);
	free(path);
}

void fake_kernel_poison_block(const char *root, uint64_t number)
{
	int lock = fk_lock(root);
	char *path = fk_path(FK_STATE "/poison/%" PRIu64, number);

	tree_put(root, path, "");
	free(path);
	fk_unlock(lock);
}

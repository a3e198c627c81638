/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A device's memory as a whole: hot-plugged when kmem binds, removed when it is unbound. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "fake-kernel-model.h"
#include "fake-kernel-offline.h"

#define BROKEN_ROLLBACK FK_STATE "/broken-rollback"

/* dax_kmem_range(): each range trimmed inwards. Returns the number of whole blocks. */
static uint64_t range_blocks(const char *root, const struct fake_kernel_range *range,
			     uint64_t *ret_first)
{
	uint64_t size = fk_host_u64(root, "block_size");
	uint64_t first = (range->start + size - 1) / size,
		 end = (range->start + range->size) / size;

	*ret_first = first;
	return end > first ? end - first : 0;
}

static int any_block_there(const char *root, const struct fk_device *device)
{
	for (size_t i = 0; i < device->n_ranges; i++) {
		uint64_t first, n = range_blocks(root, &device->ranges[i], &first);

		for (uint64_t k = 0; k < n; k++) {
			char *path = fk_block_path(first + k, NULL);
			int there = tree_has(root, path);

			free(path);
			if (there)
				return 1;
		}
	}
	return 0;
}

static int memmap_goes_on_memory(const char *root, const struct fk_device *device)
{
	char *path = fk_path("%s/memmap_on_memory", device->path), *knob = fk_get(root, path);
	char *param = fk_get(root, "sys/module/memory_hotplug/parameters/memmap_on_memory");
	int yes = strcmp(knob, "1") == 0 && (!strcmp(param, "Y") || !strcmp(param, "force"));

	free(path);
	free(knob);
	free(param);
	return yes;
}

/* Memory for memmaps comes from the node with CPUs. */
static int take_memmap(const char *root, uint64_t bytes)
{
	struct fk_node dram;

	if (fk_node_load(root, 0, &dram) < 0)
		abort();
	if (fk_node_free(&dram) < bytes)
		return -ENOMEM;
	dram.memmap += bytes;
	fk_node_save(root, &dram);
	return 0;
}

static void give_memmap(const char *root, uint64_t bytes)
{
	struct fk_node dram;

	if (fk_node_load(root, 0, &dram) < 0)
		abort();
	dram.memmap -= bytes;
	fk_node_save(root, &dram);
}

static unsigned node_distance(const char *root, const struct fk_device *device)
{
	char *key = fk_path("distance-%d", device->target_node);
	unsigned distance = device->distance;

	if (distance == 0)
		distance = (unsigned)fk_host_u64(root, key);
	free(key);
	return distance ? distance : 20;
}

static void node_add_blocks(const char *root, const struct fk_device *device, uint64_t n)
{
	struct fk_node node = {};

	if (fk_node_load(root, device->target_node, &node) < 0) {
		node.id = device->target_node;
		node.distance = node_distance(root, device);
		memcpy(node.performance, device->performance, sizeof(node.performance));
	}
	node.blocks += n;
	fk_node_save(root, &node);
}

static void node_remove_blocks(const char *root, int id, uint64_t n)
{
	struct fk_node node;

	if (fk_node_load(root, id, &node) < 0)
		abort();
	node.blocks -= n;
	if (node.blocks == 0 && !node.has_cpu)
		fk_node_remove(root, id);
	else
		fk_node_save(root, &node);
}

static void plug_range(const char *root, const struct fk_device *device, uint64_t first, uint64_t n,
		       enum fk_zone zone)
{
	int on_memory = memmap_goes_on_memory(root, device);

	node_add_blocks(root, device, n);
	for (uint64_t k = 0; k < n; k++) {
		struct fk_block block = {
			.number = first + k,
			.node = device->target_node,
			.memmap_on_memory = on_memory,
		};

		fk_block_show(root, &block);
		if (fk_block_load(root, first + k, &block) < 0)
			abort();
		/* An error of onlining is not one of adding: the block stays offline. */
		if (zone != FK_ZONE_NONE && !block.poisoned)
			fk_block_change_zone(root, &block, zone);
	}
}

/* dev_dax_kmem_probe(): all checks first, then all ranges. */
int fk_plug(const char *root, const struct fk_device *device, const char *how)
{
	uint64_t total = 0, first, size = fk_host_u64(root, "block_size");
	enum fk_zone zone;
	int r;

	if (device->target_node < 0)
		return -EINVAL;
	if (device->probe_error)
		return device->probe_error;
	for (size_t i = 0; i < device->n_ranges; i++)
		total += range_blocks(root, &device->ranges[i], &first);
	if (total == 0)
		return -EINVAL;
	if (any_block_there(root, device))
		return -EBUSY;
	r = fk_parse_how(how, &zone);
	if (r < 0)
		return r;
	if (!memmap_goes_on_memory(root, device)) {
		r = take_memmap(root, fk_memmap_bytes(total * size));
		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < device->n_ranges; i++) {
		uint64_t n = range_blocks(root, &device->ranges[i], &first);

		if (n > 0)
			plug_range(root, device, first, n, zone);
	}
	return 0;
}

static int any_online(const char *root, uint64_t first, uint64_t n)
{
	for (uint64_t k = 0; k < n; k++)
		if (fk_block_zone(root, first + k) != FK_ZONE_NONE)
			return 1;
	return 0;
}

static void unplug_range(const char *root, uint64_t first, uint64_t n)
{
	uint64_t memmap = 0, removed = 0, size = fk_host_u64(root, "block_size");
	struct fk_block block;
	int node = -1;

	for (uint64_t k = 0; k < n; k++) {
		if (fk_block_load(root, first + k, &block) < 0)
			continue; /* unplugged before */
		memmap += block.memmap_on_memory ? 0 : fk_memmap_bytes(size);
		node = block.node;
		fk_block_hide(root, &block);
		removed++;
	}
	if (removed > 0) {
		node_remove_blocks(root, node, removed);
		give_memmap(root, memmap);
	}
}

/* dev_dax_kmem_remove(): a range with a block online stays, and is stuck. */
void fk_unplug(const char *root, const struct fk_device *device)
{
	for (size_t i = 0; i < device->n_ranges; i++) {
		uint64_t first, n = range_blocks(root, &device->ranges[i], &first);

		if (n > 0 && !any_online(root, first, n))
			unplug_range(root, first, n);
	}
}

struct online_block {
	struct fk_block block;
	enum fk_zone zone;
};

/* The blocks of the device that are online, by number; -EINVAL: some are not there. */
static int collect_online(const char *root, const struct fk_device *device,
			  struct online_block **ret, size_t *ret_n)
{
	struct online_block *online = NULL;
	size_t count = 0;

	for (size_t i = 0; i < device->n_ranges; i++) {
		uint64_t first, n = range_blocks(root, &device->ranges[i], &first);

		for (uint64_t k = 0; k < n; k++) {
			struct online_block *grown =
				reallocarray(online, count + 1, sizeof(*online));

			if (!grown)
				abort();
			online = grown;
			if (fk_block_load(root, first + k, &online[count].block) < 0) {
				free(online);
				return -EINVAL;
			}
			online[count].zone = fk_block_zone(root, first + k);
			count += online[count].zone != FK_ZONE_NONE;
		}
	}
	*ret = online;
	*ret_n = count;
	return 0;
}

/* All of them or, unless the way back is broken, none. */
static int offline_all(const char *root, const struct fk_device *device)
{
	struct online_block *online = NULL;
	size_t n = 0, done = 0;
	int r;

	r = collect_online(root, device, &online, &n);
	for (; r == 0 && done < n; done += r == 0) {
		r = fk_try_offline(root, online[done].block.number);
		if (r == 0)
			fk_block_change_zone(root, &online[done].block, FK_ZONE_NONE);
	}
	if (r < 0 && !tree_has(root, BROKEN_ROLLBACK))
		while (done-- > 0)
			fk_block_change_zone(root, &online[done].block, online[done].zone);
	free(online);
	return r;
}

void fake_kernel_break_rollback(const char *root)
{
	int lock = fk_lock(root);

	tree_put(root, BROKEN_ROLLBACK, "");
	fk_unlock(lock);
}

/*
 * state_store() in drivers/dax/kmem.c of 7.3: what it reads is what was last written, or the policy
 * at the bind. Onlining goes from "unplugged" only.
 */
int fk_store_device_state(const char *root, const struct fk_device *device, const char *value)
{
	static const char *const words[] = {"unplugged", "online", "online_kernel",
					    "online_movable"};
	char *path = fk_path("%s/state", device->path), *now = fk_get(root, path);
	const char *word = NULL;
	int r = 0;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (fk_word_is(value, words[i]))
			word = words[i];
	if (!word)
		r = -EINVAL;
	else if (strcmp(now, word) == 0)
		r = 0;
	else if (word == words[0])
		r = offline_all(root, device);
	else if (strcmp(now, "unplugged") != 0)
		r = -EBUSY;
	else
		r = fk_plug(root, device, word);
	if (r == 0 && word == words[0])
		fk_unplug(root, device);
	if (r == 0)
		tree_putf(root, path, "%s\n", word);
	free(path);
	free(now);
	return r;
}

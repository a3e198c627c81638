/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL windows, memory devices and their decoders. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "fake-kernel-cxl.h"
#include "fake-kernel-model.h"

#define DECODERS FK_STATE "/decoders"

char *fk_cxl_get(const char *root, const char *directory, const char *name)
{
	char *path = fk_path("%s/%s", directory, name), *text = fk_get(root, path);

	free(path);
	return text;
}

uint64_t fk_cxl_u64(const char *root, const char *directory, const char *name)
{
	char *text = fk_cxl_get(root, directory, name);
	uint64_t value = strtoull(text, NULL, 0);

	free(text);
	return value;
}

int fk_decoder_load(const char *root, const char *name, struct fk_decoder *ret)
{
	char *path = fk_path(DECODERS "/%s", name), *text = tree_get(root, path);
	struct fk_decoder decoder = {};

	free(path);
	if (!text || !name[0]) { /* no target: the folder's own name */
		free(text);
		return -ENODEV;
	}
	if (sscanf(text, "%31s %4095s %4095s %u %u", decoder.name, decoder.path, decoder.memdev,
		   &decoder.bridge, &decoder.id) != 5)
		abort();
	free(text);
	*ret = decoder;
	return 0;
}

/* As ACPI numbers them: the _UID is the number of the bus. */
static unsigned bridge_uid(unsigned bridge)
{
	return 12 + 16 * bridge;
}

/* A host bridge with its port below the root; again is fine. */
static void make_bridge(const char *root, unsigned bridge)
{
	unsigned uid = bridge_uid(bridge);
	char *device = fk_path("sys/devices/pci0000:%02x", uid), *path, *target;

	tree_dir(root, device);
	path = fk_path(FK_CXL_ROOT "/dport%u", uid);
	target = fk_path("../../../../../%s", device);
	tree_link(root, path, target);
	free(path);
	free(target);
	path = fk_path(FK_CXL_ROOT "/port%u/uport", bridge + 1);
	target = fk_path("../../../../../../%s", device);
	tree_link(root, path, target);
	free(path);
	free(target);
	path = fk_path(FK_CXL_ROOT "/port%u", bridge + 1);
	fk_link_on_bus(root, "cxl", path);
	free(path);
	free(device);
}

/* Whether a region has this number, or a window has set it aside for its next
 * one. */
static int is_taken(const char *root, unsigned id)
{
	char *path = fk_path(FK_STATE "/regions/region%u", id), *wanted = fk_path("region%u", id);
	char *top = fk_path("%s/" FK_STATE "/windows", root), *own;
	int taken = tree_has(root, path), n;
	struct dirent **entries;

	free(path);
	n = scandir(top, &entries, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		path = fk_path(FK_CXL_ROOT "/%s", entries[i]->d_name);
		own = fk_cxl_get(root, path, "create_ram_region");
		taken |= strcmp(own, wanted) == 0;
		free(own);
		free(path);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	free(top);
	free(wanted);
	return taken;
}

void fk_window_reserve(const char *root, const char *window)
{
	unsigned id = 0;

	while (is_taken(root, id))
		id++;
	fk_put(root, window, "create_ram_region", "region%u", id);
}

static void make_window(const char *root, const struct fake_kernel_window *window)
{
	char *path = fk_path(FK_CXL_ROOT "/%s", window->name), *known, *list = fk_path("%s", "");
	unsigned ways = window->ways ?: 1;

	fk_put(root, path, "start", "0x%" PRIx64, window->start);
	fk_put(root, path, "size", "0x%" PRIx64, window->size);
	fk_put(root, path, "locked", "%d", window->locked);
	fk_put(root, path, "cap_ram", "%d", !window->pmem_only);
	fk_put(root, path, "cap_pmem", "1");
	fk_put(root, path, "interleave_ways", "%u", ways);
	fk_put(root, path, "interleave_granularity", "%u", window->granularity ?: 256);
	fk_put(root, path, "qos_class", "%d", window->qos_class);
	for (unsigned i = 0; i < ways; i++) {
		char *longer;

		make_bridge(root, window->bridges[i]);
		longer = fk_path("%s%s%u", list, i ? "," : "", bridge_uid(window->bridges[i]));
		free(list);
		list = longer;
	}
	fk_put(root, path, "target_list", "%s", list);
	fk_put(root, path, "delete_region", "%s", "");
	known = fk_path(FK_STATE "/windows/%s", window->name);
	tree_putf(root, known, "%d %u\n", window->target_node, window->distance);
	if (!window->pmem_only && !window->old)
		fk_window_reserve(root, path);
	fk_link_on_bus(root, "cxl", path);
	fk_put(root, "sys/bus/cxl/drivers/cxl_region", "bind", "%s", "");
	fk_put(root, "sys/bus/cxl/drivers/cxl_region", "unbind", "%s", "");
	free(known);
	free(list);
	free(path);
}

void fake_kernel_add_window(const char *root, const struct fake_kernel_window *window)
{
	int lock = fk_lock(root);

	make_window(root, window);
	fk_unlock(lock);
}

void fk_window_ensure(const char *root, int target_node)
{
	if (!tree_has(root, FK_STATE "/windows/decoder0.0"))
		make_window(root, &(struct fake_kernel_window){
					  .name = "decoder0.0",
					  .start = 4 * FAKE_KERNEL_GIB,
					  .size = 4096 * FAKE_KERNEL_GIB,
					  .target_node = target_node,
				  });
}

unsigned fk_window_bridge(const char *root, const char *window, unsigned position)
{
	char *list = fk_cxl_get(root, window, "target_list"), *at = list;
	unsigned uid;

	for (position %= (unsigned)fk_cxl_u64(root, window, "interleave_ways"); position > 0;
	     position--)
		at = strchr(at, ',') + 1;
	uid = (unsigned)strtoul(at, NULL, 10);
	free(list);
	return (uid - 12) / 16;
}

static void make_decoder(const char *root, const struct fake_kernel_memdev *memdev,
			 const char *directory, const char *port, unsigned id)
{
	char *name = fk_path("decoder%u.%u", memdev->endpoint, id);
	char *path = fk_path("%s/%s", port, name), *known = fk_path(DECODERS "/%s", name);

	fk_put(root, path, "mode", memdev->ram ? "ram" : "none");
	fk_put(root, path, "dpa_size", "0x%016x", 0);
	fk_put(root, path, "region", "%s", "");
	fk_put(root, path, "locked", "%d", memdev->locked);
	fk_link_on_bus(root, "cxl", path);
	tree_putf(root, known, "%s %s %s %u %u\n", name, path, directory, memdev->bridge, id);
	free(known);
	free(path);
	free(name);
}

static void make_endpoint(const char *root, const struct fake_kernel_memdev *memdev,
			  const char *directory)
{
	char *port =
		fk_path(FK_CXL_ROOT "/port%u/endpoint%u", memdev->bridge + 1, memdev->endpoint);
	char *path = fk_path("%s/uport", port), *target;

	target = fk_path("../../../../../../../%s", directory);
	tree_link(root, path, target);
	fk_link_on_bus(root, "cxl", port);
	for (unsigned i = 0; i < (memdev->decoders ?: 2); i++)
		make_decoder(root, memdev, directory, port, i);
	free(target);
	free(path);
	free(port);
}

static void make_memdev(const char *root, const struct fake_kernel_memdev *memdev)
{
	unsigned bus = bridge_uid(memdev->bridge), number = 0;
	char *directory, *known, *part;

	sscanf(memdev->name, "mem%u", &number);
	make_bridge(root, memdev->bridge);
	directory = fk_path("sys/devices/pci0000:%02x/0000:%02x:00.0/0000:%02x:00.0/%s", bus, bus,
			    bus + 1 + number, memdev->name);
	fk_put(root, directory, "serial", "0x%" PRIx64, memdev->serial);
	fk_put(root, directory, "numa_node", "%d", memdev->numa_node);
	part = fk_path("%s/ram", directory);
	fk_put(root, part, "size", "0x%" PRIx64, memdev->ram);
	fk_put(root, part, "qos_class", "%d", memdev->qos_class);
	free(part);
	part = fk_path("%s/pmem", directory);
	fk_put(root, part, "size", "0x%" PRIx64, memdev->pmem);
	free(part);
	fk_link_on_bus(root, "cxl", directory);
	if (!memdev->asleep)
		make_endpoint(root, memdev, directory);
	known = fk_path(FK_STATE "/memdevs/%" PRIx64, memdev->serial);
	tree_putf(root, known, "decoder%u.0", memdev->endpoint);
	free(known);
	free(directory);
}

void fake_kernel_add_memdev(const char *root, const struct fake_kernel_memdev *memdev)
{
	int lock = fk_lock(root);

	make_memdev(root, memdev);
	fk_unlock(lock);
}

/* Numbers do not pair. */
char *fk_memdev_of_serial(const char *root, uint64_t serial)
{
	char *known = fk_path(FK_STATE "/memdevs/%" PRIx64, serial), *decoder = fk_get(root, known);
	unsigned n = (unsigned)fk_host_u64(root, "memdevs");
	char name[16];

	if (!decoder[0]) {
		tree_putf(root, FK_STATE "/host/memdevs", "%u\n", n + 1);
		snprintf(name, sizeof(name), "mem%u", n);
		make_memdev(root, &(struct fake_kernel_memdev){.name = name,
							       .serial = serial,
							       .endpoint = 2 + (n ^ 1),
							       .decoders = 1});
		free(decoder);
		decoder = fk_get(root, known);
	}
	free(known);
	return decoder;
}

/* One by one, so that none is left out when the list changes. */
static void remove_decoders(const char *root, const char *memdev)
{
	char *top = fk_path("%s/" DECODERS, root), *region, *path;
	struct dirent **entries;
	struct fk_decoder decoder;
	int n = scandir(top, &entries, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		if (entries[i]->d_name[0] != '.' &&
		    fk_decoder_load(root, entries[i]->d_name, &decoder) == 0 &&
		    strcmp(strrchr(decoder.memdev, '/') + 1, memdev) == 0) {
			region = fk_cxl_get(root, decoder.path, "region");
			if (region[0])
				fk_region_lose_target(root, region, decoder.name);
			free(region);
			path = fk_path("sys/bus/cxl/devices/%s", decoder.name);
			tree_delete(root, path);
			free(path);
			path = fk_path(DECODERS "/%s", decoder.name);
			tree_delete(root, path);
			free(path);
			*strrchr(decoder.path, '/') = '\0';
			path = fk_path("sys/bus/cxl/devices/%s", strrchr(decoder.path, '/') + 1);
			tree_delete(root, path);
			free(path);
			path = fk_path("%s/%s", decoder.path, decoder.name);
			tree_delete(root, path);
			free(path);
			path = fk_path("%s/uport", decoder.path);
			tree_delete(root, path);
			free(path);
		}
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	free(top);
}

void fake_kernel_remove_memdev(const char *root, const char *name)
{
	int lock = fk_lock(root);
	char *path = fk_path("sys/bus/cxl/devices/%s", name);
	uint64_t serial;

	serial = fk_cxl_u64(root, path, "serial");
	remove_decoders(root, name);
	fk_bury(root, path);
	tree_delete(root, path);
	free(path);
	path = fk_path(FK_STATE "/memdevs/%" PRIx64, serial);
	tree_delete(root, path);
	free(path);
	fk_unlock(lock);
}

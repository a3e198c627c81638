/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CXL regions: how they are made, committed, enabled and taken apart. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "fake-kernel-cxl.h"
#include "fake-kernel-region.h"

#define REGIONS FK_STATE "/regions"

int fk_region_load(const char *root, const char *name, struct fk_region *ret)
{
	struct fk_region region = {};
	char *known = fk_path(REGIONS "/%s", name), *text = tree_get(root, known), *link;

	free(known);
	if (!text)
		return -ENODEV;
	snprintf(region.name, sizeof(region.name), "%s", name);
	snprintf(region.path, sizeof(region.path), "%.*s", (int)strcspn(text, "\n"), text);
	free(text);
	snprintf(region.window, sizeof(region.window), "%.*s",
		 (int)(strrchr(region.path, '/') - region.path), region.path);
	region.size = fk_cxl_u64(root, region.path, "size");
	region.start = fk_cxl_u64(root, region.path, "resource");
	region.ways = (unsigned)fk_cxl_u64(root, region.path, "interleave_ways");
	region.granularity = (unsigned)fk_cxl_u64(root, region.path, "interleave_granularity");
	region.committed = fk_cxl_u64(root, region.path, "commit") != 0;
	link = fk_path("%s/driver", region.path);
	region.bound = tree_has(root, link);
	free(link);
	*ret = region;
	return 0;
}

static char *target_name(unsigned position)
{
	return fk_path("target%u", position);
}

char *fk_region_target(const char *root, const struct fk_region *region, unsigned position)
{
	char *name = target_name(position), *decoder = fk_cxl_get(root, region->path, name);

	free(name);
	return decoder;
}

void fk_region_put_target(const char *root, const struct fk_region *region, unsigned position,
			  const char *decoder)
{
	char *name = target_name(position);

	fk_put(root, region->path, name, "%s", decoder);
	free(name);
}

/* sysfs_update_group(): as many targets as ways. */
void fk_region_show_targets(const char *root, const struct fk_region *region, unsigned ways)
{
	for (unsigned i = 0; i < 16; i++) {
		char *name = target_name(i), *path = fk_path("%s/%s", region->path, name);

		if (i >= ways)
			tree_delete(root, path);
		else if (!tree_has(root, path))
			fk_region_put_target(root, region, i, "");
		free(path);
		free(name);
	}
}

void fk_region_make(const char *root, const char *window, const char *name)
{
	char *path = fk_path("%s/%s", window, name), *known = fk_path(REGIONS "/%s", name);

	fk_put(root, path, "mode", "ram");
	fk_put(root, path, "size", "0x0");
	fk_put(root, path, "resource", "0x%" PRIx64, UINT64_MAX);
	fk_put(root, path, "interleave_ways", "0");
	fk_put(root, path, "interleave_granularity", "0");
	fk_put(root, path, "commit", "0");
	fk_link_on_bus(root, "cxl", path);
	tree_putf(root, known, "%s\n", path);
	free(known);
	free(path);
}

/* The dax device of a region; its number is the region's. */
static char *dax_name(const struct fk_region *region)
{
	return fk_path("dax%s.0", region->name + strlen("region"));
}

void fk_region_enable(const char *root, const struct fk_region *region)
{
	char *link = fk_path("%s/driver", region->path), *dax = dax_name(region);
	char *parent = fk_path("%s/dax_%s", region->path, region->name);
	char *known = fk_path(FK_STATE "/windows/%s", strrchr(region->window, '/') + 1);
	char *text = fk_get(root, known);
	struct fake_kernel_device device = {
		.name = dax,
		.kind = FAKE_KERNEL_CXL,
		.ranges = {{region->start, region->size}},
	};

	sscanf(text, "%d %u", &device.target_node, &device.distance);
	tree_link(root, link, "../../../../../../bus/cxl/drivers/cxl_region");
	fk_device_show(root, &device, parent);
	free(text);
	free(known);
	free(parent);
	free(dax);
	free(link);
}

static void hide_dax(const char *root, const struct fk_region *region)
{
	char *parent = fk_path("%s/dax_%s", region->path, region->name), *dax = dax_name(region);
	struct fk_device device;

	if (fk_device_load(root, dax, &device) == 0 &&
	    strncmp(device.path, parent, strlen(parent)) == 0)
		fk_device_hide(root, &device);
	free(dax);
	free(parent);
}

void fk_region_disable(const char *root, struct fk_region *region)
{
	char *link = fk_path("%s/driver", region->path);

	if (region->bound)
		hide_dax(root, region);
	tree_delete(root, link);
	region->bound = 0;
	free(link);
}

/* commit = 0 releases the driver first, as every other way out of that state
 * does. */
void fk_region_reset(const char *root, struct fk_region *region)
{
	fk_region_disable(root, region);
	fk_put(root, region->path, "commit", "0");
	region->committed = 0;
}

void fk_region_detach(const char *root, struct fk_region *region, unsigned position)
{
	char *name = fk_region_target(root, region, position);
	struct fk_decoder decoder;

	if (name[0]) {
		fk_region_reset(root, region);
		if (fk_decoder_load(root, name, &decoder) == 0)
			fk_put(root, decoder.path, "region", "%s", "");
		fk_region_put_target(root, region, position, "");
	}
	free(name);
}

/* unregister_region() */
void fk_region_delete(const char *root, struct fk_region *region)
{
	char *path;

	fk_region_reset(root, region);
	for (unsigned i = 0; i < region->ways; i++)
		fk_region_detach(root, region, i);
	path = fk_path("sys/bus/cxl/devices/%s", region->name);
	tree_delete(root, path);
	free(path);
	path = fk_path(REGIONS "/%s", region->name);
	tree_delete(root, path);
	free(path);
	tree_delete(root, region->path);
}

char *fk_region_assume(const char *root, const struct fake_kernel_device *wanted, uint64_t start,
		       uint64_t size)
{
	const char *name = wanted->region ? wanted->region : "region0";
	char *path = fk_path(FK_CXL_ROOT "/decoder0.0/%s", name), *link;
	struct fk_region region;
	unsigned ways = 0;

	fk_window_ensure(root, wanted->target_node);
	fk_region_make(root, FK_CXL_ROOT "/decoder0.0", name);
	fk_window_reserve(root, FK_CXL_ROOT "/decoder0.0");
	while (ways < FAKE_KERNEL_SERIALS_MAX && wanted->serials[ways])
		ways++;
	fk_put(root, path, "size", "0x%" PRIx64, size);
	fk_put(root, path, "resource", "0x%" PRIx64, start);
	fk_put(root, path, "commit", "1");
	fk_put(root, path, "interleave_granularity", "256");
	fk_put(root, path, "interleave_ways", "%u", ways);
	if (fk_region_load(root, name, &region) < 0)
		abort();
	for (unsigned i = 0; i < ways; i++) {
		char *decoder = fk_memdev_of_serial(root, wanted->serials[i]), *part;
		struct fk_decoder target;

		if (fk_decoder_load(root, decoder, &target) < 0)
			abort();
		part = fk_path("%s/ram", target.memdev);
		fk_put(root, part, "size", "0x%" PRIx64, size / ways);
		fk_put(root, target.path, "mode", "ram");
		fk_put(root, target.path, "dpa_size", "0x%016" PRIx64, size / ways);
		fk_put(root, target.path, "region", "%s", name);
		fk_region_put_target(root, &region, i, decoder);
		free(part);
		free(decoder);
	}
	link = fk_path("%s/driver", path);
	tree_link(root, link, "../../../../../../bus/cxl/drivers/cxl_region");
	free(link);
	return path;
}

void fk_region_forget(const char *root, const char *name)
{
	struct fk_region region;

	if (fk_region_load(root, name, &region) < 0)
		return;
	for (unsigned i = 0; i < region.ways; i++) {
		char *decoder = fk_region_target(root, &region, i);
		struct fk_decoder target;

		if (fk_decoder_load(root, decoder, &target) == 0)
			fk_put(root, target.path, "dpa_size", "0x%016x", 0);
		free(decoder);
	}
	fk_region_delete(root, &region);
}

void fk_region_lose_target(const char *root, const char *name, const char *decoder)
{
	struct fk_region region;

	if (fk_region_load(root, name, &region) < 0)
		return;
	for (unsigned i = 0; i < region.ways; i++) {
		char *target = fk_region_target(root, &region, i);

		if (strcmp(target, decoder) == 0)
			fk_region_detach(root, &region, i);
		free(target);
	}
}

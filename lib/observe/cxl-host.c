/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/cxl-host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "observe/cxl-memdev.h"
#include "observe/cxl-read.h"
#include "observe/path.h"

#define CXL_DEVICES "sys/bus/cxl/devices"

/* A prefix and a number: "mem0", but neither "memory_failure" nor "member". */
static bool is_numbered(const char *name, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(name, prefix, n) == 0 && name[n] &&
	       name[n + strspn(name + n, "0123456789")] == '\0';
}

static bool is_decoder(const char *name)
{
	return strncmp(name, "decoder", 7) == 0 && strchr(name, '.');
}

/* What the numbers of target_list mean: each has a link beside the decoder, dport<number>. */
static int bridges_look(struct look *look, const char *path, struct cxl_window *window)
{
	_cleanup_free_ char *list = NULL, *root = strdup(path);
	char *save = NULL;
	int r;

	if (!root)
		return -ENOMEM;
	path_up(root);
	r = look_string(look, &list, "%s/target_list", path);
	if (r < 0)
		return r;
	for (char *id = list ? strtok_r(list, ",", &save) : NULL; id;
	     id = strtok_r(NULL, ",", &save)) {
		_cleanup_free_ char *bridge = NULL;

		r = look_resolve(look, &bridge, "%s/dport%s", root, id);
		/* One that is missing shifts the positions of all behind it. */
		window->incomplete |= !bridge;
		if (r == 0 && bridge)
			r = strv_add(&window->bridges, bridge);
		if (r < 0)
			return r;
	}
	window->incomplete |= window->bridges.n == 0 || window->bridges.n != window->ways;
	return 0;
}

static int window_attributes_look(struct look *look, const char *path, struct cxl_window *window)
{
	bool *incomplete = &window->incomplete;
	int r;

	r = cxl_need_u64(look, path, "start", &window->start, incomplete);
	if (r == 0)
		r = cxl_need_u64(look, path, "size", &window->size, incomplete);
	if (r == 0)
		r = cxl_need_bool(look, path, "cap_ram", &window->cap_ram, incomplete);
	if (r == 0)
		r = cxl_need_bool(look, path, "locked", &window->locked, incomplete);
	if (r == 0)
		r = cxl_need_unsigned(look, path, "interleave_ways", &window->ways, incomplete);
	if (r == 0)
		r = cxl_need_unsigned(look, path, "interleave_granularity", &window->granularity,
				      incomplete);
	if (r == 0)
		r = cxl_qos_class(look, path, "qos_class", &window->qos_class);
	return r;
}

static int window_look(struct look *look, const char *name, const char *path,
		       struct cxl_facts *facts)
{
	struct cxl_window *window;
	int r;

	window = cxl_grow((void **)&facts->windows, facts->n_windows, sizeof(*window));
	if (!window)
		return -ENOMEM;
	window->name = strdup(name);
	if (!window->name)
		return -ENOMEM;
	facts->n_windows++;
	r = window_attributes_look(look, path, window);
	if (r == 0)
		r = bridges_look(look, path, window);
	if (r < 0)
		return r;
	r = sysfs_exists(look->sysfs, "%s/create_ram_region", path);
	window->can_create = r > 0;
	window->incomplete |= r < 0;
	return r < 0 ? look_failed(look, r, "%s/create_ram_region", path) : 0;
}

/* Since 6.3; a region whose kind cannot be told is one of none. */
static int region_mode_look(struct look *look, const char *path, enum decoder_mode *ret)
{
	_cleanup_free_ char *text = NULL;
	int mode, r;

	r = look_string(look, &text, "%s/mode", path);
	if (r < 0 || !text)
		return r;
	mode = decoder_mode_from_string(text);
	if (mode < 0)
		return look_failed(look, mode, "%s/mode", path);
	*ret = (enum decoder_mode)mode;
	return 0;
}

/* Before addresses were given to the region it reads as all ones. */
static int region_place_look(struct look *look, const char *path, struct cxl_region *region,
			     bool *incomplete)
{
	uint64_t start = UINT64_MAX;
	int r;

	r = cxl_need_u64(look, path, "size", &region->size, incomplete);
	if (r == 0)
		r = cxl_need_u64(look, path, "resource", &start, incomplete);
	region->has_start = start != UINT64_MAX;
	region->start = region->has_start ? start : 0;
	return r;
}

static int region_attributes_look(struct look *look, const char *path, struct cxl_region *region,
				  bool *incomplete)
{
	_cleanup_free_ char *driver = NULL;
	int r;

	r = region_mode_look(look, path, &region->mode);
	if (r == 0)
		r = region_place_look(look, path, region, incomplete);
	if (r == 0)
		r = cxl_need_unsigned(look, path, "interleave_ways", &region->ways, incomplete);
	if (r == 0)
		r = cxl_need_unsigned(look, path, "interleave_granularity", &region->granularity,
				      incomplete);
	if (r == 0)
		r = cxl_need_bool(look, path, "commit", &region->committed, incomplete);
	if (r == 0)
		r = look_link_name(look, &driver, "%s/driver", path);
	region->bound = driver != NULL;
	return r;
}

static int targets_look(struct look *look, const char *path, struct cxl_region *region)
{
	for (unsigned i = 0; i < region->ways && i < 16; i++) {
		_cleanup_free_ char *target = NULL;
		int r;

		r = look_string(look, &target, "%s/target%u", path, i);
		if (r == 0)
			r = strv_add(&region->targets, target ?: "");
		if (r < 0)
			return r;
	}
	return 0;
}

/* What of it is taken is not known any more. */
static void window_doubt(struct cxl_facts *facts, const char *name)
{
	for (size_t i = 0; i < facts->n_windows; i++)
		if (strcmp(facts->windows[i].name, name) == 0)
			facts->windows[i].incomplete = true;
}

static int region_look(struct look *look, const char *name, const char *path,
		       struct cxl_facts *facts)
{
	_cleanup_free_ char *parent = strdup(path);
	struct cxl_region *region;
	bool incomplete = false;
	int r;

	if (!parent)
		return -ENOMEM;
	path_up(parent);
	region = cxl_grow((void **)&facts->regions, facts->n_regions, sizeof(*region));
	if (!region)
		return -ENOMEM;
	facts->n_regions++;
	region->name = strdup(name);
	region->window = strdup(path_name(parent));
	if (!region->name || !region->window)
		return -ENOMEM;
	r = region_attributes_look(look, path, region, &incomplete);
	if (incomplete)
		window_doubt(facts, region->window);
	return r < 0 ? r : targets_look(look, path, region);
}

/* Decoders of ports between the root and an endpoint are the kernel's own business. */
static int decoder_look(struct look *look, const char *name, struct cxl_facts *facts)
{
	_cleanup_free_ char *path = NULL, *parent = NULL;
	struct cxl_memdev *memdev;
	int r;

	r = look_resolve(look, &path, CXL_DEVICES "/%s", name);
	if (r < 0 || !path)
		return r;
	parent = strdup(path);
	if (!parent)
		return -ENOMEM;
	path_up(parent);
	if (is_numbered(path_name(parent), "root"))
		return window_look(look, name, path, facts);
	memdev = cxl_memdev_by_endpoint(facts, path_name(parent));
	return memdev ? cxl_endpoint_decoder_look(look, name, path, memdev) : 0;
}

static int region_by_link(struct look *look, const char *name, struct cxl_facts *facts)
{
	_cleanup_free_ char *path = NULL;
	int r;

	r = look_resolve(look, &path, CXL_DEVICES "/%s", name);
	return r < 0 || !path ? r : region_look(look, name, path, facts);
}

/* In the order in which one is needed for the next: memdevs, endpoints, decoders, regions. */
int cxl_host_look(struct look *look, struct cxl_facts *ret)
{
	_cleanup_(strv_done) struct strv names = {};
	int r;

	r = look_list(look, &names, CXL_DEVICES);
	for (size_t i = 0; r == 0 && i < names.n; i++)
		if (is_numbered(names.items[i], "mem"))
			r = cxl_memdev_look(look, names.items[i], ret);
	for (size_t i = 0; r == 0 && i < names.n; i++)
		if (is_numbered(names.items[i], "endpoint"))
			r = cxl_endpoint_look(look, names.items[i], ret);
	for (size_t i = 0; r == 0 && i < names.n; i++)
		if (is_decoder(names.items[i]))
			r = decoder_look(look, names.items[i], ret);
	for (size_t i = 0; r == 0 && i < names.n; i++)
		if (is_numbered(names.items[i], "region"))
			r = region_by_link(look, names.items[i], ret);
	return r;
}

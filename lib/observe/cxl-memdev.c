/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/cxl-memdev.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "observe/cxl-read.h"
#include "observe/path.h"

int cxl_memdev_look(struct look *look, const char *name, struct cxl_facts *facts)
{
	_cleanup_free_ char *at = NULL;
	struct cxl_memdev *memdev;
	uint64_t serial = 0;
	int r;

	memdev = cxl_grow((void **)&facts->memdevs, facts->n_memdevs, sizeof(*memdev));
	if (!memdev)
		return -ENOMEM;
	memdev->name = strdup(name);
	if (!memdev->name || asprintf(&at, "sys/bus/cxl/devices/%s", name) < 0) {
		at = NULL;
		free(memdev->name);
		return -ENOMEM;
	}
	facts->n_memdevs++;
	memdev->numa_node = -1;
	memdev->ram_qos_class = -1;
	r = look_instance(look, &memdev->instance, "%s", at);
	if (r < 0)
		return r;
	r = cxl_need_u64(look, at, "serial", &serial, &memdev->incomplete);
	memdev->serial = serial;
	if (r == 0)
		r = cxl_need_u64(look, at, "ram/size", &memdev->ram_size, &memdev->incomplete);
	if (r == 0)
		r = cxl_need_u64(look, at, "pmem/size", &memdev->pmem_size, &memdev->incomplete);
	if (r == 0)
		r = look_int(look, &memdev->numa_node, "%s/numa_node", at);
	if (r == 0)
		r = cxl_qos_class(look, at, "ram/qos_class", &memdev->ram_qos_class);
	return r;
}

static struct cxl_memdev *memdev_by_name(struct cxl_facts *facts, const char *name)
{
	for (size_t i = 0; i < facts->n_memdevs; i++)
		if (strcmp(facts->memdevs[i].name, name) == 0)
			return &facts->memdevs[i];
	return NULL;
}

/*
 * The host bridge above an endpoint: what the first port below the root stands for. A restricted
 * device of CXL 1.1 hangs below the root itself, and names its bridge as what it is attached to.
 */
static int bridge_look(struct look *look, const char *endpoint_path, char **ret)
{
	_cleanup_free_ char *port = strdup(endpoint_path);
	size_t root, end;

	if (!port)
		return -ENOMEM;
	if (!path_find(port, "root", &root))
		return 0;
	end = root + strcspn(port + root, "/");
	if (port[end] == '\0')
		return 0;
	end += 1 + strcspn(port + end + 1, "/");
	port[end] = '\0';
	return look_resolve(look, ret, "%s/%s", port,
			    strcmp(port, endpoint_path) == 0 ? "parent_dport" : "uport");
}

int cxl_endpoint_look(struct look *look, const char *name, struct cxl_facts *facts)
{
	_cleanup_free_ char *path = NULL, *memdev_name = NULL, *bridge = NULL;
	struct cxl_memdev *memdev;
	int r;

	r = look_resolve(look, &path, "sys/bus/cxl/devices/%s", name);
	if (r < 0 || !path)
		return r;
	r = look_link_name(look, &memdev_name, "%s/uport", path);
	if (r < 0 || !memdev_name)
		return r;
	memdev = memdev_by_name(facts, memdev_name);
	if (!memdev || memdev->endpoint) /* it has one; a link has changed while we looked */
		return 0;
	r = bridge_look(look, path, &bridge);
	if (r < 0)
		return r;
	memdev->endpoint = strdup(name);
	if (!memdev->endpoint)
		return -ENOMEM;
	memdev->bridge = TAKE_PTR(bridge);
	memdev->incomplete |= !memdev->bridge;
	return 0;
}

struct cxl_memdev *cxl_memdev_by_endpoint(struct cxl_facts *facts, const char *endpoint)
{
	for (size_t i = 0; i < facts->n_memdevs; i++)
		if (facts->memdevs[i].endpoint && strcmp(facts->memdevs[i].endpoint, endpoint) == 0)
			return &facts->memdevs[i];
	return NULL;
}

static int decoder_mode_look(struct look *look, const char *path, struct cxl_memdev *memdev,
			     struct cxl_endpoint_decoder *decoder)
{
	_cleanup_free_ char *mode = NULL;
	int r, known;

	r = look_string(look, &mode, "%s/mode", path);
	if (r < 0)
		return r;
	known = mode ? decoder_mode_from_string(mode) : -ENOENT;
	if (known >= 0) {
		decoder->mode = (enum decoder_mode)known;
		return 0;
	}
	memdev->incomplete = true;
	return look_failed(look, known, "%s/mode", path);
}

int cxl_endpoint_decoder_look(struct look *look, const char *name, const char *path,
			      struct cxl_memdev *memdev)
{
	struct cxl_endpoint_decoder *decoder;
	_cleanup_free_ char *region = NULL;
	uint64_t locked = 0;
	int r;

	decoder = cxl_grow((void **)&memdev->decoders, memdev->n_decoders, sizeof(*decoder));
	if (!decoder)
		return -ENOMEM;
	memdev->n_decoders++;
	decoder->name = strdup(name);
	if (!decoder->name)
		return -ENOMEM;
	r = decoder_mode_look(look, path, memdev, decoder);
	if (r == 0)
		r = cxl_need_u64(look, path, "dpa_size", &decoder->dpa_size, &memdev->incomplete);
	if (r == 0)
		r = look_string(look, &region, "%s/region", path);
	if (r == 0)
		r = look_u64(look, &locked, "%s/locked", path);
	if (r < 0)
		return r;
	decoder->locked = locked != 0;
	if (!region)
		memdev->incomplete = true;
	else if (region[0] != '\0')
		decoder->region = TAKE_PTR(region);
	return 0;
}

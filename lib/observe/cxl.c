/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/cxl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "observe/path.h"

/* CXL_DECODER_MAX_INTERLEAVE in drivers/cxl/cxl.h, what a decoder's field can say */
#define CXL_MAX_WAYS 16

char *cxl_region_path(const char *device_path)
{
	size_t end;

	if (!path_find(device_path, "dax_region", &end) || end == 0)
		return strdup("");
	return strndup(device_path, end - 1);
}

/*
 * From the name of an endpoint decoder to its memdev: the decoder stands below its endpoint port,
 * whose uport is the memdev. The numbers in the three names are counted independently.
 */
static int memdev_look(struct look *look, const char *decoder, char **ret)
{
	_cleanup_free_ char *path = NULL;
	int r;

	r = look_resolve(look, &path, "sys/bus/cxl/devices/%s", decoder);
	if (r < 0 || !path || !path_up(path))
		return r;
	return look_resolve(look, ret, "%s/uport", path);
}

static int add_serial(struct dax_device *device, uint64_t serial)
{
	uint64_t *grown;

	grown = reallocarray(device->serials, device->n_serials + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	device->serials = grown;
	device->serials[device->n_serials++] = serial;
	return 0;
}

/* A device without a serial number reports 0, which counts: it stands for a target. */
static int target_look(struct look *look, const char *decoder, struct dax_device *device,
		       int *ret_numa_node)
{
	_cleanup_free_ char *memdev = NULL, *text = NULL;
	uint64_t serial;
	int r;

	r = memdev_look(look, decoder, &memdev);
	if (r < 0 || !memdev)
		return r;
	if (device->n_serials == 0) {
		r = look_int(look, ret_numa_node, "%s/numa_node", memdev);
		if (r < 0)
			return r;
	}
	r = look_string(look, &text, "%s/serial", memdev);
	if (r < 0 || !text)
		return r;
	r = parse_u64(text, &serial);
	return r < 0 ? look_failed(look, r, "%s/serial", memdev) : add_serial(device, serial);
}

int cxl_look(struct look *look, struct dax_device *device, int *ret_numa_node)
{
	_cleanup_free_ char *region = NULL;
	int r;

	region = cxl_region_path(device->path);
	if (!region)
		return -ENOMEM;
	device->region = strdup(path_name(region));
	if (!device->region)
		return -ENOMEM;
	/* The kernel shows as many targets as the region has interleave_ways. */
	for (unsigned i = 0; i < CXL_MAX_WAYS; i++) {
		_cleanup_free_ char *decoder = NULL;

		r = look_string(look, &decoder, "%s/target%u", region, i);
		if (r < 0 || !decoder)
			return r;
		if (decoder[0] == '\0') /* not assigned yet */
			continue;
		r = target_look(look, decoder, device, ret_numa_node);
		if (r < 0)
			return r;
	}
	return 0;
}

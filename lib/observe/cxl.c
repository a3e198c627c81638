/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/cxl.h"

#include <errno.h>
#include <stdio.h>
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

static void set_unknown(struct dax_device *device, enum device_fact fact)
{
	device->unknown |= 1U << fact;
}

/*
 * Something on the way to a memdev could not be had: not there (of which look says nothing), or
 * not readable. When the device itself has left it is no problem, and the device is dropped.
 */
static int missing(struct look *look, const struct dax_device *device, unsigned failures,
		   const char *directory, const char *name)
{
	if (look->failures != failures)
		return 0;
	if (sysfs_exists(look->sysfs, "%s", device->path) == 0)
		return 0;
	return look_problem(look, "%s/%s is missing: not all that is behind %s is known", directory,
			    name, device->name);
}

/*
 * From the name of an endpoint decoder to its memdev: the decoder stands below its endpoint port,
 * whose uport is the memdev. The numbers in the three names are counted independently.
 */
static int memdev_look(struct look *look, const struct dax_device *device, const char *decoder,
		       char **ret)
{
	_cleanup_free_ char *path = NULL;
	unsigned failures = look->failures;
	int r;

	r = look_resolve(look, &path, "sys/bus/cxl/devices/%s", decoder);
	if (r < 0)
		return r;
	if (!path || !path_up(path))
		return missing(look, device, failures, "sys/bus/cxl/devices", decoder);
	r = look_resolve(look, ret, "%s/uport", path);
	return r < 0 || *ret ? r : missing(look, device, failures, path, "uport");
}

static int node_look(struct look *look, const char *memdev, struct dax_device *device, int *ret)
{
	unsigned failures = look->failures;
	int r;

	r = look_int(look, ret, "%s/numa_node", memdev);
	if (look->failures != failures)
		set_unknown(device, DEVICE_FACT_INITIATOR_NODE);
	return r;
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
static int serial_look(struct look *look, const char *memdev, struct dax_device *device)
{
	_cleanup_free_ char *text = NULL;
	unsigned failures = look->failures;
	uint64_t serial;
	int r;

	r = look_string(look, &text, "%s/serial", memdev);
	if (r < 0)
		return r;
	r = text ? parse_u64(text, &serial) : 0;
	if (text && r == 0)
		return add_serial(device, serial);
	set_unknown(device, DEVICE_FACT_SERIALS);
	return text ? look_failed(look, r, "%s/serial", memdev)
		    : missing(look, device, failures, memdev, "serial");
}

static int target_look(struct look *look, const char *decoder, struct dax_device *device,
		       int *ret_numa_node)
{
	_cleanup_free_ char *memdev = NULL;
	int r;

	r = memdev_look(look, device, decoder, &memdev);
	if (r < 0)
		return r;
	if (!memdev) {
		set_unknown(device, DEVICE_FACT_SERIALS);
		set_unknown(device, DEVICE_FACT_INITIATOR_NODE);
		return 0;
	}
	if (*ret_numa_node < 0) {
		r = node_look(look, memdev, device, ret_numa_node);
		if (r < 0)
			return r;
	}
	return serial_look(look, memdev, device);
}

/* One target of the region. 1, or 0 for none at this position. */
static int position_look(struct look *look, const char *region, unsigned position, bool expected,
			 struct dax_device *device, int *ret_numa_node)
{
	_cleanup_free_ char *decoder = NULL;
	unsigned failures = look->failures;
	char name[16];
	int r;

	snprintf(name, sizeof(name), "target%u", position);
	r = look_string(look, &decoder, "%s/%s", region, name);
	if (r < 0)
		return r;
	if (decoder && decoder[0] != '\0') {
		r = target_look(look, decoder, device, ret_numa_node);
		return r < 0 ? r : 1;
	}
	if (!decoder && !expected && look->failures == failures)
		return 0;
	set_unknown(device, DEVICE_FACT_SERIALS);
	set_unknown(device, DEVICE_FACT_INITIATOR_NODE);
	if (decoder) /* empty: not assigned yet, or not any more */
		return 1;
	r = missing(look, device, failures, region, name);
	return r < 0 ? r : 1;
}

int cxl_look(struct look *look, struct dax_device *device, int *ret_numa_node)
{
	_cleanup_free_ char *region = NULL;
	uint64_t ways = 1;
	int r;

	region = cxl_region_path(device->path);
	if (!region)
		return -ENOMEM;
	device->region = strdup(path_name(region));
	if (!device->region)
		return -ENOMEM;
	r = look_u64(look, &ways, "%s/interleave_ways", region);
	if (r < 0)
		return r;
	/* The kernel shows as many targets as the region has interleave_ways. */
	for (unsigned i = 0; i < CXL_MAX_WAYS; i++) {
		r = position_look(look, region, i, i < ways, device, ret_numa_node);
		if (r <= 0)
			return r;
	}
	return 0;
}

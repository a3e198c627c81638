/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/device.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "observe/cxl.h"
#include "observe/path.h"
#include "observe/performance.h"
#include "observe/range.h"
#include "sysfs/block.h"

/*
 * The bus a dax device hangs on is told by its ancestors:
 *   …/ACPI0017:00/root0/decoder0.0/region0/dax_region0/dax0.0   a CXL RAM region
 *   …/ACPI0012:00/ndbus0/region0/dax0.0/dax0.0                  a devdax namespace, of CXL pmem too
 *   …/platform/hmem.0/dax0.0                                    memory set aside by firmware
 */
static enum dax_kind kind_of(const char *path)
{
	size_t at;

	if (path_find(path, "ndbus", &at))
		return DAX_KIND_PMEM;
	if (path_find(path, "dax_region", &at))
		return DAX_KIND_CXL;
	if (path_find(path, "hmem.", &at))
		return DAX_KIND_HMEM;
	return DAX_KIND_UNKNOWN;
}

/* The nearest ancestor that knows its node; most dax devices read -1 themselves. */
static int attachment_look(struct look *look, const char *path, int *ret)
{
	_cleanup_free_ char *at = NULL;
	int r, node = -1;

	at = strdup(path);
	if (!at)
		return -ENOMEM;
	do {
		r = look_int(look, &node, "%s/numa_node", at);
		if (r < 0)
			return r;
	} while (node < 0 && path_up(at) && strcmp(at, "sys/devices") != 0);
	if (node >= 0)
		*ret = node;
	return 0;
}

/* What failed since it was last asked makes this fact of the device unknown. */
static void note_failures(const struct look *look, unsigned *failures, struct dax_device *device,
			  enum device_fact fact)
{
	if (look->failures != *failures)
		device->unknown |= 1U << fact;
	*failures = look->failures;
}

static int origin_look(struct look *look, struct dax_device *device)
{
	unsigned failures;
	int r;

	if (device->kind == DAX_KIND_CXL) {
		r = cxl_look(look, device, &device->initiator_node);
		if (r < 0 || device->initiator_node >= 0)
			return r;
	}
	failures = look->failures;
	r = attachment_look(look, device->path, &device->initiator_node);
	note_failures(look, &failures, device, DEVICE_FACT_INITIATOR_NODE);
	return r;
}

static int binding_look(struct look *look, struct dax_device *device)
{
	unsigned failures = look->failures;
	int r;

	r = dax_driver_read(look->sysfs, device->name, &device->driver);
	if (r < 0) {
		r = look_failed(look, r, "the driver of %s", device->name);
		if (r < 0)
			return r;
	}
	note_failures(look, &failures, device, DEVICE_FACT_DRIVER);
	r = dax_knob_read(look->sysfs, device->name, &device->knob);
	if (r < 0) {
		r = look_failed(look, r, "%s/memmap_on_memory", device->path);
		if (r < 0)
			return r;
	}
	return look_string(look, &device->state, "%s/state", device->path);
}

static int blocks_look(struct look *look, const struct host *host, struct dax_device *device)
{
	int r;

	if (host->block_size == 0)
		return 0;
	r = memory_blocks_read(look->sysfs, device->ranges, device->n_ranges, host->block_size,
			       &device->blocks, &device->n_blocks);
	return r < 0 ? look_failed(look, r, "the memory blocks of %s", device->name) : 0;
}

static int attributes_look(struct look *look, const struct facts *facts, struct dax_device *device)
{
	const struct numa_node *node;
	unsigned failures;
	int r;

	r = look_u64(look, &device->align, "%s/align", device->path);
	if (r < 0)
		return r;
	failures = look->failures;
	r = look_int(look, &device->target_node, "%s/target_node", device->path);
	if (r < 0)
		return r;
	note_failures(look, &failures, device, DEVICE_FACT_TARGET_NODE);
	if (device->target_node < 0)
		device->target_node = -1;
	node = facts_find_node(facts, device->target_node);
	device->tier = node ? node->tier : -1;
	r = ranges_look(look, facts->host.block_size, device);
	if (r < 0)
		return r;
	note_failures(look, &failures, device, DEVICE_FACT_RANGES);
	r = origin_look(look, device);
	if (r < 0)
		return r;
	r = binding_look(look, device);
	if (r < 0)
		return r;
	r = blocks_look(look, &facts->host, device);
	if (r < 0)
		return r;
	return performance_look(look, device);
}

/* Finds the device; every dax device has a size, so one without is just leaving. */
static int identity_look(struct look *look, const char *name, struct dax_device *device)
{
	int r;

	device->name = strdup(name);
	if (!device->name)
		return -ENOMEM;
	r = look_resolve(look, &device->path, "sys/bus/dax/devices/%s", name);
	if (r < 0)
		return r;
	if (!device->path)
		return -ENODEV;
	device->kind = kind_of(device->path);
	r = look_instance(look, &device->instance, "%s", device->path);
	if (r < 0)
		return r;
	device->size = UINT64_MAX;
	r = look_u64(look, &device->size, "%s/size", device->path);
	if (r < 0)
		return r;
	return device->size == UINT64_MAX ? -ENODEV : 0;
}

int device_look(struct look *look, const struct facts *facts, const char *name,
		struct dax_device *ret)
{
	_cleanup_(dax_device_done) struct dax_device device = {
		.target_node = -1,
		.initiator_node = -1,
		.tier = -1,
	};
	uint64_t instance = 0;
	unsigned failures;
	int r;

	r = identity_look(look, name, &device);
	if (r < 0)
		return r;
	r = attributes_look(look, facts, &device);
	if (r < 0)
		return r;
	/* What was read of a device that left in the middle is a mixture of before and after. */
	failures = look->failures;
	r = look_instance(look, &instance, "%s", device.path);
	if (r < 0)
		return r;
	if (look->failures == failures &&
	    (instance == 0 || (device.instance != 0 && instance != device.instance)))
		return -ENODEV;
	*ret = device;
	device = (struct dax_device){};
	return 0;
}

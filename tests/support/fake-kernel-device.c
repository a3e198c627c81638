/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dax devices: how they appear, where they hang, and what stays behind when they leave. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "fake-kernel-model.h"

#define CXL_ROOT "sys/devices/platform/ACPI0017:00/root0"

int fk_device_load(const char *root, const char *name, struct fk_device *ret)
{
	struct fk_device device = {};
	unsigned *p = device.performance;
	char *path = fk_path(FK_STATE "/devices/%s", name), *text = tree_get(root, path), *rest;
	int at = 0;

	free(path);
	if (!text)
		return -ENODEV;
	if (sscanf(text, "%31s %4095s %d %d %u %u %u %u %u %d%n", device.name, device.path,
		   &device.kmem_type, &device.target_node, &device.distance, &p[0], &p[1], &p[2],
		   &p[3], &device.probe_error, &at) != 10)
		abort();
	rest = text + at;
	while (device.n_ranges < FAKE_KERNEL_RANGES_MAX) {
		struct fake_kernel_range *range = &device.ranges[device.n_ranges];

		if (sscanf(rest, " %" SCNx64 " %" SCNx64 "%n", &range->start, &range->size, &at) !=
		    2)
			break;
		rest += at;
		device.n_ranges++;
	}
	free(text);
	*ret = device;
	return 0;
}

void fk_device_save(const char *root, const struct fk_device *device)
{
	const unsigned *p = device->performance;
	char *path = fk_path(FK_STATE "/devices/%s", device->name), *text, *longer;

	text = fk_path("%s %s %d %d %u %u %u %u %u %d", device->name, device->path,
		       device->kmem_type, device->target_node, device->distance, p[0], p[1], p[2],
		       p[3], device->probe_error);
	for (size_t i = 0; i < device->n_ranges; i++) {
		longer = fk_path("%s %" PRIx64 " %" PRIx64, text, device->ranges[i].start,
				 device->ranges[i].size);
		free(text);
		text = longer;
	}
	tree_put(root, path, text);
	free(text);
	free(path);
}

void fake_kernel_fail_probe(const char *root, const char *name, int error)
{
	int lock = fk_lock(root);
	struct fk_device device;

	if (fk_device_load(root, name, &device) < 0)
		abort();
	device.probe_error = error;
	fk_device_save(root, &device);
	fk_unlock(lock);
}

/* One attribute of the device. */
static void put(const char *root, const char *directory, const char *name, const char *format, ...)
	TREE_FORMAT(4);
static void put(const char *root, const char *directory, const char *name, const char *format, ...)
{
	char *path = fk_path("%s/%s", directory, name), *text;
	va_list ap;

	va_start(ap, format);
	if (vasprintf(&text, format, ap) < 0)
		abort();
	va_end(ap);
	tree_putf(root, path, "%s\n", text);
	free(text);
	free(path);
}

/* A link in a directory of class or bus devices, "sys/bus/X/devices/NAME". */
static void link_on_bus(const char *root, const char *bus, const char *path)
{
	char *link = fk_path("sys/bus/%s/devices/%s", bus, strrchr(path, '/') + 1);
	char *target = fk_path("../../../../%s", path);

	tree_link(root, link, target);
	free(link);
	free(target);
}

/* The memdev with this serial, its endpoint and decoder; made when new. Numbers do not pair. */
static char *make_memdev(const char *root, uint64_t serial)
{
	char *known = fk_path(FK_STATE "/memdevs/%" PRIx64, serial), *decoder = fk_get(root, known);
	unsigned n = (unsigned)fk_host_u64(root, "memdevs"), endpoint = 2 + (n ^ 1);
	char *memdev, *port, *path, *target;

	if (decoder[0]) {
		free(known);
		return decoder;
	}
	free(decoder);
	tree_putf(root, FK_STATE "/host/memdevs", "%u\n", n + 1);

	memdev = fk_path("sys/devices/pci0000:0c/0000:0c:00.0/0000:%02x:00.0/mem%u", 13 + n, n);
	put(root, memdev, "serial", "0x%" PRIx64, serial);
	put(root, memdev, "numa_node", "%d", 0);
	link_on_bus(root, "cxl", memdev);

	port = fk_path(CXL_ROOT "/port1/endpoint%u", endpoint);
	path = fk_path("%s/uport", port);
	target = fk_path("../../../../../../../%s", memdev);
	tree_link(root, path, target);
	link_on_bus(root, "cxl", port);
	free(path);
	path = fk_path("%s/decoder%u.0", port, endpoint);
	put(root, path, "mode", "ram");
	link_on_bus(root, "cxl", path);

	decoder = fk_path("decoder%u.0", endpoint);
	tree_put(root, known, decoder);
	free(path);
	free(target);
	free(port);
	free(memdev);
	free(known);
	return decoder;
}

static uint64_t total_size(const struct fk_device *device)
{
	uint64_t size = 0;

	for (size_t i = 0; i < device->n_ranges; i++)
		size += device->ranges[i].size;
	return size;
}

static void make_region(const char *root, const struct fake_kernel_device *wanted,
			const struct fk_device *device, const char *region)
{
	unsigned ways = 0;

	put(root, region, "size", "0x%" PRIx64, total_size(device));
	put(root, region, "resource", "0x%" PRIx64, device->ranges[0].start);
	put(root, region, "commit", "1");
	put(root, region, "interleave_granularity", "256");
	for (; ways < FAKE_KERNEL_SERIALS_MAX && wanted->serials[ways]; ways++) {
		char *decoder = make_memdev(root, wanted->serials[ways]), name[16];

		snprintf(name, sizeof(name), "target%u", ways);
		put(root, region, name, "%s", decoder);
		free(decoder);
	}
	put(root, region, "interleave_ways", "%u", ways);
	link_on_bus(root, "cxl", region);
}

static char *make_parent(const char *root, const struct fake_kernel_device *wanted,
			 const struct fk_device *device)
{
	const char *region = wanted->region ? wanted->region : "region0";
	unsigned region_id = 0, id = 0;
	char *path, *parent = NULL;

	sscanf(wanted->name, "dax%u.%u", &region_id, &id);
	switch (wanted->kind) {
	case FAKE_KERNEL_CXL:
		path = fk_path(CXL_ROOT "/decoder0.0/%s", region);
		make_region(root, wanted, device, path);
		parent = fk_path("%s/dax_%s", path, region);
		free(path);
		break;
	case FAKE_KERNEL_HMEM:
		parent = fk_path("sys/devices/platform/hmem.%u", region_id);
		put(root, parent, "numa_node", "-1");
		break;
	case FAKE_KERNEL_PMEM:
		path = fk_path("sys/devices/LNXSYSTM:00/LNXSYBUS:00/ACPI0012:00/ndbus0/region%u",
			       region_id);
		put(root, path, "numa_node", "0");
		parent = fk_path("%s/dax%u.0", path, region_id);
		free(path);
		break;
	}
	return parent;
}

/* Made for kmem by drivers/dax/cxl.c and hmem.c, for device_dax by pmem.c. Defaults of the knob
 * follow the maker as well. */
static void show_device(const char *root, const struct fk_device *device,
			enum fake_kernel_kind kind)
{
	const char *path = device->path;
	unsigned minor = (unsigned)fk_host_u64(root, "minors");

	tree_putf(root, FK_STATE "/host/minors", "%u\n", minor + 1);
	put(root, path, "size", "%" PRIu64, total_size(device));
	put(root, path, "align", "%u", 2 << 20);
	put(root, path, "resource", "0x%" PRIx64, device->ranges[0].start);
	put(root, path, "dev", "252:%u", minor);
	put(root, path, "modalias", "dax:t0");
	put(root, path, "numa_node", "%d", kind == FAKE_KERNEL_PMEM ? 0 : -1);
	if (device->target_node >= 0)
		put(root, path, "target_node", "%d", device->target_node);
	if (!fk_host_flag(root, "no_knob"))
		put(root, path, "memmap_on_memory", "%d", kind == FAKE_KERNEL_CXL);
	for (size_t i = 0; i < device->n_ranges; i++) {
		const struct fake_kernel_range *range = &device->ranges[i];
		char *mapping = fk_path("%s/mapping%zu", path, i);

		put(root, mapping, "start", "0x%" PRIx64, range->start);
		put(root, mapping, "end", "0x%" PRIx64, range->start + range->size - 1);
		put(root, mapping, "page_offset", "0x0");
		free(mapping);
	}
	link_on_bus(root, "dax", path);
}

void fake_kernel_add_device(const char *root, const struct fake_kernel_device *wanted)
{
	struct fk_device device = {
		.kmem_type = wanted->kind != FAKE_KERNEL_PMEM,
		.target_node = wanted->target_node,
		.distance = wanted->distance,
		.performance = {wanted->read_latency, wanted->write_latency, wanted->read_bandwidth,
				wanted->write_bandwidth},
	};
	int lock = fk_lock(root);
	char *parent, *autoprobe;

	while (device.n_ranges < FAKE_KERNEL_RANGES_MAX && wanted->ranges[device.n_ranges].size) {
		device.ranges[device.n_ranges] = wanted->ranges[device.n_ranges];
		device.n_ranges++;
	}
	if (!tree_has(root, "sys/bus/dax"))
		fk_bus_register(root);
	parent = make_parent(root, wanted, &device);
	snprintf(device.name, sizeof(device.name), "%s", wanted->name);
	snprintf(device.path, sizeof(device.path), "%s/%s", parent, wanted->name);
	free(parent);
	show_device(root, &device, wanted->kind);
	fk_device_save(root, &device);

	autoprobe = fk_get(root, "sys/bus/dax/drivers_autoprobe");
	if (strcmp(autoprobe, "1") == 0)
		fk_attach(root, &device);
	free(autoprobe);
	fk_unlock(lock);
}

/* The region of a CXL device goes with it; its memdevs stay for the next one. */
static void hide_device(const char *root, const struct fk_device *device)
{
	char *path = fk_path("sys/bus/dax/devices/%s", device->name), *parent, *region;

	tree_delete(root, path);
	free(path);
	path = fk_path(FK_STATE "/devices/%s", device->name);
	tree_delete(root, path);
	free(path);
	parent = fk_path("%s", device->path);
	*strrchr(parent, '/') = '\0';
	region = strstr(parent, "/dax_region");
	if (region) {
		*region = '\0';
		path = fk_path("sys/bus/cxl/devices/%s", strrchr(parent, '/') + 1);
		tree_delete(root, path);
		free(path);
	}
	tree_delete(root, parent);
	free(parent);
}

void fake_kernel_remove_device(const char *root, const char *name)
{
	int lock = fk_lock(root);
	struct fk_device device;

	if (fk_device_load(root, name, &device) < 0)
		abort();
	fk_detach(root, &device);
	hide_device(root, &device);
	fk_unlock(lock);
}

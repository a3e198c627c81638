/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dax devices: how they appear, where they hang, and what stays behind when
 * they leave. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake-kernel-model.h"

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

void fk_put(const char *root, const char *directory, const char *name, const char *format, ...)
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

void fk_link_on_bus(const char *root, const char *bus, const char *path)
{
	char *link = fk_path("sys/bus/%s/devices/%s", bus, strrchr(path, '/') + 1);
	char *target = fk_path("../../../../%s", path);

	tree_link(root, link, target);
	free(link);
	free(target);
}

static uint64_t total_size(const struct fake_kernel_device *wanted)
{
	uint64_t size = 0;

	for (size_t i = 0; i < FAKE_KERNEL_RANGES_MAX && wanted->ranges[i].size; i++)
		size += wanted->ranges[i].size;
	return size;
}

static char *make_parent(const char *root, const struct fake_kernel_device *wanted)
{
	unsigned region_id = 0, id = 0;
	char *path, *parent = NULL;

	sscanf(wanted->name, "dax%u.%u", &region_id, &id);
	switch (wanted->kind) {
	case FAKE_KERNEL_CXL:
		path = fk_region_assume(root, wanted, wanted->ranges[0].start, total_size(wanted));
		parent = fk_path("%s/dax_%s", path, strrchr(path, '/') + 1);
		free(path);
		break;
	case FAKE_KERNEL_HMEM:
		parent = fk_path("sys/devices/platform/hmem.%u", region_id);
		fk_put(root, parent, "numa_node", "-1");
		break;
	case FAKE_KERNEL_PMEM:
		path = fk_path("sys/devices/LNXSYSTM:00/LNXSYBUS:00/ACPI0012:00/ndbus0/region%u",
			       region_id);
		fk_put(root, path, "numa_node", "0");
		parent = fk_path("%s/dax%u.0", path, region_id);
		free(path);
		break;
	}
	return parent;
}

/* Made for kmem by drivers/dax/cxl.c and hmem.c, for device_dax by pmem.c.
 * Defaults of the knob follow the maker as well. */
static void show_attributes(const char *root, const struct fk_device *device,
			    const struct fake_kernel_device *wanted)
{
	enum fake_kernel_kind kind = wanted->kind;
	const char *path = device->path;
	unsigned minor = (unsigned)fk_host_u64(root, "minors");

	tree_putf(root, FK_STATE "/host/minors", "%u\n", minor + 1);
	fk_put(root, path, "size", "%" PRIu64, total_size(wanted));
	fk_put(root, path, "align", "%u", 2 << 20);
	fk_put(root, path, "resource", "0x%" PRIx64, device->ranges[0].start);
	fk_put(root, path, "dev", "252:%u", minor);
	fk_put(root, path, "modalias", "dax:t0");
	fk_put(root, path, "numa_node", "%d", kind == FAKE_KERNEL_PMEM ? 0 : -1);
	if (device->target_node >= 0)
		fk_put(root, path, "target_node", "%d", device->target_node);
	if (!fk_host_flag(root, "no_knob"))
		fk_put(root, path, "memmap_on_memory", "%d", kind == FAKE_KERNEL_CXL);
	for (size_t i = 0; i < device->n_ranges; i++) {
		const struct fake_kernel_range *range = &device->ranges[i];
		char *mapping = fk_path("%s/mapping%zu", path, i);

		fk_put(root, mapping, "start", "0x%" PRIx64, range->start);
		fk_put(root, mapping, "end", "0x%" PRIx64, range->start + range->size - 1);
		fk_put(root, mapping, "page_offset", "0x0");
		free(mapping);
	}
	fk_link_on_bus(root, "dax", path);
}

void fk_device_show(const char *root, const struct fake_kernel_device *wanted, const char *parent)
{
	struct fk_device device = {
		.kmem_type = wanted->kind != FAKE_KERNEL_PMEM,
		.target_node = wanted->target_node,
		.distance = wanted->distance,
		.performance = {wanted->read_latency, wanted->write_latency, wanted->read_bandwidth,
				wanted->write_bandwidth},
	};
	char *autoprobe;

	while (device.n_ranges < FAKE_KERNEL_RANGES_MAX && wanted->ranges[device.n_ranges].size) {
		device.ranges[device.n_ranges] = wanted->ranges[device.n_ranges];
		device.n_ranges++;
	}
	if (!tree_has(root, "sys/bus/dax"))
		fk_bus_register(root);
	snprintf(device.name, sizeof(device.name), "%s", wanted->name);
	snprintf(device.path, sizeof(device.path), "%s/%s", parent, wanted->name);
	show_attributes(root, &device, wanted);
	fk_device_save(root, &device);

	autoprobe = fk_get(root, "sys/bus/dax/drivers_autoprobe");
	if (strcmp(autoprobe, "1") == 0)
		fk_attach(root, &device);
	free(autoprobe);
}

void fake_kernel_add_device(const char *root, const struct fake_kernel_device *wanted)
{
	int lock = fk_lock(root);
	char *parent = make_parent(root, wanted);

	fk_device_show(root, wanted, parent);
	free(parent);
	fk_unlock(lock);
}

void fk_bury(const char *root, const char *path)
{
	char *link = fk_path("%s/%s", root, path), *from = realpath(link, NULL), *to = NULL;

	if (!from)
		abort();
	tree_dir(root, FK_STATE "/left");
	for (unsigned i = 0; !to || access(to, F_OK) == 0; i++) {
		free(to);
		to = fk_path("%s/" FK_STATE "/left/%u", root, i);
	}
	if (rename(from, to) < 0)
		abort();
	free(link);
	free(from);
	free(to);
}

void fk_device_hide(const char *root, const struct fk_device *device)
{
	char *path = fk_path("sys/bus/dax/devices/%s", device->name);

	fk_detach(root, device);
	tree_delete(root, path);
	free(path);
	path = fk_path(FK_STATE "/devices/%s", device->name);
	tree_delete(root, path);
	free(path);
	path = fk_path("%s", device->path);
	fk_bury(root, path);
	*strrchr(path, '/') = '\0';
	tree_delete(root, path);
	free(path);
}

/* The region of a CXL device goes with it; its memdevs stay for the next one.
 */
void fake_kernel_remove_device(const char *root, const char *name)
{
	int lock = fk_lock(root);
	struct fk_device device;
	char *region;

	if (fk_device_load(root, name, &device) < 0)
		abort();
	fk_device_hide(root, &device);
	region = strstr(device.path, "/dax_region");
	if (region) {
		*region = '\0';
		fk_region_forget(root, strrchr(device.path, '/') + 1);
	}
	fk_unlock(lock);
}

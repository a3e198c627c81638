/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What makes a dax device unfit to be memory, or costs some of it. */
#include "base/cleanup.h"
#include "base/format.h"
#include "doctor/check.h"

bool host_has_devices(const struct facts *facts)
{
	return facts->n_devices > 0 || facts->cxl.n_memdevs > 0;
}

static int add_without_node(const struct dax_device *device, struct findings *findings)
{
	return findings_add(
		findings,
		(struct finding){
			.severity = FINDING_ERROR,
			.about = ABOUT_DEVICE,
			.what = finding_text("%s belongs to no NUMA node, and kmem refuses such a "
					     "device: firmware describes its addresses nowhere",
					     device->name),
			.file = finding_text("/sys/bus/dax/devices/%s/target_node", device->name),
			.value = finding_text("%d", device->target_node),
			.where = FIX_IN_SETUP,
			.fix = finding_text("list its addresses in the SRAT, or in a window of the "
					    "CEDT: a matter of its vendor's update"),
		});
}

static int add_unusable(const struct dax_device *device, uint64_t block_size,
			struct findings *findings)
{
	char size[FORMAT_SIZE_MAX], block[FORMAT_SIZE_MAX];

	format_size(device->size, size);
	format_size(block_size, block);
	return findings_add(
		findings,
		(struct finding){
			.severity = FINDING_ERROR,
			.about = ABOUT_DEVICE,
			.what = finding_text("%s has no whole memory block of %s, so it cannot "
					     "become memory",
					     device->name, block),
			.file = finding_text("/sys/bus/dax/devices/%s/size", device->name),
			.value = finding_text("%s", size),
			.where = FIX_IN_SHELL,
			.fix = finding_text("make the device larger, or let it begin at a multiple "
					    "of %s (daxctl-create-device(1), cxl-create-region(1))",
					    block),
		});
}

static int add_lost(const struct dax_device *device, uint64_t block_size, struct findings *findings)
{
	char lost[FORMAT_SIZE_MAX], size[FORMAT_SIZE_MAX], block[FORMAT_SIZE_MAX];

	format_size(device->lost, lost);
	format_size(device->size, size);
	format_size(block_size, block);
	return findings_add(
		findings,
		(struct finding){
			.severity = FINDING_NOTE,
			.about = ABOUT_DEVICE,
			.what = finding_text("%s of %s are lost, as its ranges are not whole "
					     "memory blocks of %s",
					     lost, device->name, block),
			.file = finding_text("/sys/bus/dax/devices/%s/size", device->name),
			.value = finding_text("%s", size),
			.where = FIX_IN_SHELL,
			.fix = finding_text("let the device begin and end at multiples of %s",
					    block),
		});
}

int check_devices(const struct facts *facts, const struct evidence *evidence,
		  struct findings *findings)
{
	uint64_t block_size = facts->host.block_size;
	int r = 0;

	for (size_t i = 0; r == 0 && i < facts->n_devices; i++) {
		const struct dax_device *device = &facts->devices[i];

		if (device->gone)
			continue;
		if (device->target_node < 0 && dax_device_knows(device, DEVICE_FACT_TARGET_NODE))
			r = add_without_node(device, findings);
		if (r < 0 || block_size == 0 || !dax_device_knows(device, DEVICE_FACT_RANGES))
			continue;
		if (device->usable == 0)
			r = add_unusable(device, block_size, findings);
		else if (device->lost > 0)
			r = add_lost(device, block_size, findings);
	}
	return r;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cxl-scene.h"

#include <stdio.h>

struct scene scene;

void scene_setup(void)
{
	scene = (struct scene){.config = {.create_regions = true}};
	scene.config.interleave_gather_usec = 5 * SEC;
}

void scene_teardown(void)
{
	cxl_facts_done(&scene.facts.cxl);
	for (size_t i = 0; i < scene.facts.n_devices; i++)
		dax_device_done(&scene.facts.devices[i]);
	free(scene.facts.devices);
	history_done(&scene.history);
	free(scene.config.regions_only.items);
	free(scene.config.regions_never.items);
	scene.plan = plan_free(scene.plan);
}

static char *numbered(const char *prefix, unsigned n)
{
	char text[64];

	snprintf(text, sizeof(text), "%s%u", prefix, n);
	return strdup(text);
}

static char *decoder_name(unsigned port, unsigned n)
{
	char text[64];

	snprintf(text, sizeof(text), "decoder%u.%u", port, n);
	return strdup(text);
}

struct cxl_memdev *scene_memdev(unsigned n, uint64_t ram_size, char bridge)
{
	struct cxl_facts *cxl = &scene.facts.cxl;
	struct cxl_memdev *memdev;

	cxl->memdevs = reallocarray(cxl->memdevs, cxl->n_memdevs + 1, sizeof(*memdev));
	memdev = &cxl->memdevs[cxl->n_memdevs++];
	*memdev = (struct cxl_memdev){
		.name = numbered("mem", n),
		.serial = 0xa0 + n,
		.ram_size = ram_size,
		.numa_node = 0,
		.ram_qos_class = -1,
		.endpoint = numbered("endpoint", n + 2),
		.bridge =
			strdup(bridge == 'A' ? "sys/devices/pci0000:0c" : "sys/devices/pci0000:1c"),
		.decoders = calloc(2, sizeof(*memdev->decoders)),
		.n_decoders = 2,
	};
	memdev->decoders[0].name = decoder_name(n + 2, 0);
	memdev->decoders[1].name = decoder_name(n + 2, 1);
	return memdev;
}

struct cxl_window *scene_window(unsigned n, uint64_t start, uint64_t size, const char *bridges)
{
	struct cxl_facts *cxl = &scene.facts.cxl;
	struct cxl_window *window;

	cxl->windows = reallocarray(cxl->windows, cxl->n_windows + 1, sizeof(*window));
	window = &cxl->windows[cxl->n_windows++];
	*window = (struct cxl_window){
		.name = decoder_name(0, n),
		.cap_ram = true,
		.can_create = true,
		.start = start,
		.size = size,
		.ways = (unsigned)strlen(bridges),
		.granularity = 256,
		.qos_class = -1,
	};
	for (const char *b = bridges; *b; b++)
		strv_add(&window->bridges,
			 *b == 'A' ? "sys/devices/pci0000:0c" : "sys/devices/pci0000:1c");
	return window;
}

struct cxl_region *scene_region(unsigned n, const char *window, uint64_t start, uint64_t size)
{
	struct cxl_facts *cxl = &scene.facts.cxl;
	struct cxl_region *region;

	cxl->regions = reallocarray(cxl->regions, cxl->n_regions + 1, sizeof(*region));
	region = &cxl->regions[cxl->n_regions++];
	*region = (struct cxl_region){
		.name = numbered("region", n),
		.window = strdup(window),
		.mode = DECODER_MODE_RAM,
		.has_start = true,
		.start = start,
		.size = size,
		.granularity = 256,
		.committed = true,
		.bound = true,
	};
	return region;
}

void scene_target(struct cxl_region *region, unsigned n, unsigned decoder, uint64_t size)
{
	char name[16];
	struct cxl_memdev *memdev;

	snprintf(name, sizeof(name), "mem%u", n);
	memdev = (struct cxl_memdev *)cxl_find_memdev(&scene.facts.cxl, name);
	memdev->decoders[decoder].mode = DECODER_MODE_RAM;
	memdev->decoders[decoder].dpa_size = size;
	memdev->decoders[decoder].region = strdup(region->name);
	strv_add(&region->targets, memdev->decoders[decoder].name);
	region->ways = (unsigned)region->targets.n;
}

struct dax_device *scene_device(const char *name, const char *region)
{
	struct facts *facts = &scene.facts;
	struct dax_device *device;

	facts->devices = reallocarray(facts->devices, facts->n_devices + 1, sizeof(*device));
	device = &facts->devices[facts->n_devices++];
	*device = (struct dax_device){
		.name = strdup(name),
		.kind = DAX_KIND_CXL,
		.region = region ? strdup(region) : NULL,
	};
	return device;
}

void scene_plan(uint64_t now_usec)
{
	scene.plan = plan_free(scene.plan);
	scene.plan = calloc(1, sizeof(*scene.plan));
	ck_assert_int_eq(
		regions_plan(&scene.facts, &scene.config, &scene.history, now_usec, scene.plan), 0);
}

const struct device_plan *scene_entry(const char *memdev)
{
	const struct device_plan *entry = plan_find(scene.plan, memdev);

	ck_assert_msg(entry, "%s has no entry", memdev);
	ck_assert_int_eq(entry->purpose, PLAN_CREATE_REGION);
	ck_assert_ptr_nonnull(entry->reason);
	return entry;
}

void scene_assert(const char *memdev, enum device_state state, const char *reason, size_t n_steps)
{
	const struct device_plan *entry = scene_entry(memdev);

	ck_assert_str_eq(entry->reason, reason);
	ck_assert_str_eq(device_state_to_string(entry->state), device_state_to_string(state));
	ck_assert_uint_eq(entry->n_steps, n_steps);
}

void scene_assert_proposed(const char *memdev, const char *window, uint64_t size)
{
	const struct device_plan *entry = scene_entry(memdev);

	ck_assert_msg(entry->n_steps > 0, "%s: %s", memdev, entry->reason);
	ck_assert_int_eq(entry->state, DEVICE_PENDING);
	ck_assert_str_eq(entry->region.window, window);
	ck_assert_uint_eq(entry->size, size);
}

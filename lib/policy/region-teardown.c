/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What it takes to give up the region that a dax device is made from. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/format.h"
#include "policy/reason.h"
#include "policy/region.h"

static const struct cxl_endpoint_decoder *find_decoder(const struct cxl_memdev *memdev,
						       const char *name, size_t *ret_at)
{
	for (size_t i = 0; i < memdev->n_decoders; i++)
		if (strcmp(memdev->decoders[i].name, name) == 0) {
			*ret_at = i;
			return &memdev->decoders[i];
		}
	return NULL;
}

/* Of what it is made; where the region does not say so, its first target does. */
static enum decoder_mode region_mode(const struct facts *facts, const struct cxl_region *region)
{
	const struct cxl_memdev *memdev;
	const char *target;
	size_t at;

	if (region->mode != DECODER_MODE_NONE || region->targets.n == 0)
		return region->mode;
	target = region->targets.items[0];
	memdev = cxl_memdev_of_decoder(&facts->cxl, target);
	return memdev ? find_decoder(memdev, target, &at)->mode : DECODER_MODE_NONE;
}

/* What the region itself, or its window, has against it. */
static int region_obstacle(const struct facts *facts, const struct cxl_region *region,
			   char **obstacle)
{
	const struct cxl_window *window = cxl_find_window(&facts->cxl, region->window);

	if (!window || window->incomplete)
		return reason_set(obstacle,
				  "%s, the window of %s, could not be read, so nobody could make "
				  "the region again",
				  region->window, region->name);
	if (window->locked)
		return reason_set(obstacle, "%s was made by firmware; its decoders are locked",
				  region->name);
	if (region_mode(facts, region) != DECODER_MODE_RAM)
		return reason_set(obstacle, "%s is not of volatile memory (its mode is %s)",
				  region->name, decoder_mode_to_string(region_mode(facts, region)));
	if (!window->can_create)
		return reason_set(obstacle,
				  "%s offers no create_ram_region (Linux 6.3 has it), so nobody "
				  "could make %s again",
				  window->name, region->name);
	return 0;
}

/* Who else has it: another device that is made from it, or memory that one left behind there. */
static int others_obstacle(const struct facts *facts, const struct dax_device *device,
			   const struct cxl_region *region, char **obstacle)
{
	const struct dax_device *left;

	for (size_t i = 0; i < facts->n_devices; i++) {
		const struct dax_device *other = &facts->devices[i];

		if (other != device && !other->gone && other->region &&
		    strcmp(other->region, region->name) == 0)
			return reason_set(obstacle, "%s is made from %s as well", other->name,
					  region->name);
	}
	if (!region->has_start)
		return 0; /* it maps nothing */
	left = facts_find_memory(facts, region->start, region->size, device);
	if (left)
		return reason_set(obstacle,
				  "memory of %s is still there at the addresses of %s, and stays "
				  "until the next boot",
				  left->name, region->name);
	return 0;
}

/*
 * Capacity is given out and taken back in order (cxl_dpa_free() in drivers/cxl/core/hdm.c): what a
 * later decoder holds keeps that of an earlier one.
 */
static int order_obstacle(const struct cxl_memdev *memdev, size_t at, char **obstacle)
{
	for (size_t i = at + 1; i < memdev->n_decoders; i++)
		if (memdev->decoders[i].dpa_size > 0)
			return reason_set(obstacle,
					  "%s of %s cannot give up its capacity while %s, which "
					  "comes after it, holds some",
					  memdev->decoders[at].name, memdev->name,
					  memdev->decoders[i].name);
	return 0;
}

/* One position of the region into the plan, or the obstacle. */
static int add_target(const struct facts *facts, const struct cxl_region *region, size_t position,
		      struct device_plan *plan, char **obstacle)
{
	const char *name = region->targets.items[position];
	const struct cxl_memdev *memdev = cxl_memdev_of_decoder(&facts->cxl, name);
	const struct cxl_endpoint_decoder *decoder;
	size_t at;
	int r;

	decoder = memdev ? find_decoder(memdev, name, &at) : NULL;
	if (!decoder || memdev->incomplete || decoder->dpa_size == 0)
		return reason_set(obstacle,
				  "what is behind position %zu of %s could not be read, so nobody "
				  "could make the region again",
				  position, region->name);
	if (decoder->locked)
		return reason_set(obstacle,
				  "%s of %s is locked: firmware has seen to it that %s "
				  "stays as it is",
				  decoder->name, memdev->name, region->name);
	r = order_obstacle(memdev, at, obstacle);
	if (r < 0 || *obstacle)
		return r;
	return device_plan_add_target(plan, &(struct region_target){
						    .memdev = memdev->name,
						    .serial = memdev->serial,
						    .decoder = decoder->name,
						    .size = decoder->dpa_size,
					    });
}

static int add_targets(const struct facts *facts, const struct cxl_region *region,
		       struct device_plan *plan, char **obstacle)
{
	int r = 0;

	if (region->targets.n == 0 || region->targets.n != region->ways)
		return reason_set(obstacle, "which memory devices %s is made of could not be read",
				  region->name);
	for (size_t i = 0; r == 0 && !*obstacle && i < region->targets.n; i++)
		r = add_target(facts, region, i, plan, obstacle);
	return r;
}

static int add_names(const struct cxl_region *region, struct device_plan *plan)
{
	plan->region.name = strdup(region->name);
	plan->region.window = strdup(region->window);
	plan->region.ways = region->ways;
	plan->region.granularity = region->granularity;
	return plan->region.name && plan->region.window ? 0 : -ENOMEM;
}

static int add_steps(struct device_plan *plan)
{
	static const enum step_kind kinds[] = {STEP_DISABLE_REGION, STEP_DECOMMIT_REGION,
					       STEP_DELETE_REGION};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(kinds); i++)
		r = device_plan_add_step(plan, kinds[i], plan->region.name);
	for (size_t i = 0; r == 0 && i < plan->region.n_targets; i++)
		r = device_plan_add_step(plan, STEP_FREE_DPA, plan->region.targets[i].decoder);
	return r;
}

/* For a plan that turned out to have an obstacle. */
static void drop_region(struct device_plan *plan)
{
	for (size_t i = 0; i < plan->region.n_targets; i++) {
		free(plan->region.targets[i].memdev);
		free(plan->region.targets[i].decoder);
	}
	free(plan->region.targets);
	free(plan->region.name);
	free(plan->region.window);
	plan->region = (struct region_plan){};
}

static int find_obstacle(const struct facts *facts, const struct dax_device *device,
			 struct device_plan *plan, char **obstacle)
{
	const struct cxl_region *region;
	int r;

	if (!device->region)
		return reason_set(obstacle,
				  "%s is made from no CXL region that could be taken apart: "
				  "release it without eject",
				  device->name);
	region = cxl_find_region(&facts->cxl, device->region);
	if (!region)
		return reason_set(obstacle, "%s could not be read", device->region);
	r = region_obstacle(facts, region, obstacle);
	if (r == 0 && !*obstacle)
		r = others_obstacle(facts, device, region, obstacle);
	if (r < 0 || *obstacle)
		return r;
	r = add_targets(facts, region, plan, obstacle);
	return r < 0 || *obstacle ? r : add_names(region, plan);
}

int region_teardown_steps(const struct facts *facts, const struct dax_device *device,
			  struct device_plan *plan, char **ret_obstacle)
{
	_cleanup_free_ char *obstacle = NULL;
	int r;

	r = find_obstacle(facts, device, plan, &obstacle);
	if (r == 0 && !obstacle)
		r = add_steps(plan);
	if (r < 0)
		return r;
	if (obstacle)
		drop_region(plan);
	*ret_obstacle = TAKE_PTR(obstacle);
	return 0;
}

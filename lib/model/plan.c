/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static void region_plan_done(struct region_plan *region)
{
	for (size_t i = 0; i < region->n_targets; i++) {
		free(region->targets[i].memdev);
		free(region->targets[i].decoder);
	}
	free(region->targets);
	free(region->name);
	free(region->window);
}

void device_plan_done(struct device_plan *plan)
{
	region_plan_done(&plan->region);
	for (size_t i = 0; i < plan->n_steps; i++)
		free(plan->steps[i].value);
	free(plan->steps);
	free(plan->device);
	free(plan->rule);
	free(plan->reason);
	free(plan->memmap.reason);
	free(plan->ranges);
	*plan = (struct device_plan){};
}

struct plan *plan_free(struct plan *plan)
{
	if (!plan)
		return NULL;
	for (size_t i = 0; i < plan->n_devices; i++)
		device_plan_done(&plan->devices[i]);
	for (size_t i = 0; i < plan->n_regions; i++)
		device_plan_done(&plan->regions[i]);
	free(plan->devices);
	free(plan->regions);
	free(plan);
	return NULL;
}

const struct device_plan *plan_find(const struct plan *plan, const char *device)
{
	for (size_t i = 0; i < plan->n_devices; i++)
		if (strcmp(plan->devices[i].device, device) == 0)
			return &plan->devices[i];
	for (size_t i = 0; i < plan->n_regions; i++)
		if (strcmp(plan->regions[i].device, device) == 0)
			return &plan->regions[i];
	return NULL;
}

int device_plan_add_target(struct device_plan *plan, const struct region_target *target)
{
	_cleanup_free_ char *memdev = strdup(target->memdev), *decoder = strdup(target->decoder);
	struct region_plan *region = &plan->region;
	struct region_target *targets;

	if (!memdev || !decoder)
		return -ENOMEM;
	targets = reallocarray(region->targets, region->n_targets + 1, sizeof(*targets));
	if (!targets)
		return -ENOMEM;
	region->targets = targets;
	targets[region->n_targets++] = (struct region_target){
		.memdev = TAKE_PTR(memdev),
		.serial = target->serial,
		.decoder = TAKE_PTR(decoder),
		.size = target->size,
	};
	return 0;
}

int device_plan_add_step(struct device_plan *plan, enum step_kind kind, const char *value)
{
	_cleanup_free_ char *copy = NULL;
	struct plan_step *steps;

	if (value) {
		copy = strdup(value);
		if (!copy)
			return -ENOMEM;
	}
	steps = reallocarray(plan->steps, plan->n_steps + 1, sizeof(*steps));
	if (!steps)
		return -ENOMEM;
	plan->steps = steps;
	steps[plan->n_steps++] = (struct plan_step){.kind = kind, .value = TAKE_PTR(copy)};
	return 0;
}

static bool string_equal(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool memmap_equal(const struct memmap_decision *a, const struct memmap_decision *b)
{
	return a->wanted == b->wanted && a->effective == b->effective && a->bytes == b->bytes &&
	       string_equal(a->reason, b->reason);
}

static bool ranges_equal(const struct device_plan *a, const struct device_plan *b)
{
	if (a->n_ranges != b->n_ranges)
		return false;
	for (size_t i = 0; i < a->n_ranges; i++)
		if (a->ranges[i].start != b->ranges[i].start ||
		    a->ranges[i].end != b->ranges[i].end)
			return false;
	return true;
}

static bool regions_equal(const struct region_plan *a, const struct region_plan *b)
{
	if (a->n_targets != b->n_targets || a->ways != b->ways ||
	    a->granularity != b->granularity || !string_equal(a->name, b->name) ||
	    !string_equal(a->window, b->window))
		return false;
	for (size_t i = 0; i < a->n_targets; i++)
		if (a->targets[i].serial != b->targets[i].serial ||
		    a->targets[i].size != b->targets[i].size ||
		    !string_equal(a->targets[i].memdev, b->targets[i].memdev) ||
		    !string_equal(a->targets[i].decoder, b->targets[i].decoder))
			return false;
	return true;
}

static bool steps_equal(const struct device_plan *a, const struct device_plan *b)
{
	if (a->n_steps != b->n_steps)
		return false;
	for (size_t i = 0; i < a->n_steps; i++)
		if (a->steps[i].kind != b->steps[i].kind ||
		    !string_equal(a->steps[i].value, b->steps[i].value))
			return false;
	return true;
}

bool device_plan_equal(const struct device_plan *a, const struct device_plan *b)
{
	return string_equal(a->device, b->device) && a->purpose == b->purpose &&
	       a->deadline_usec == b->deadline_usec && a->state == b->state &&
	       a->managed == b->managed && string_equal(a->rule, b->rule) &&
	       string_equal(a->reason, b->reason) && memmap_equal(&a->memmap, &b->memmap) &&
	       a->zone == b->zone && a->target_node == b->target_node && a->size == b->size &&
	       a->block_size == b->block_size && ranges_equal(a, b) &&
	       regions_equal(&a->region, &b->region) && steps_equal(a, b);
}

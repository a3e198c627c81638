/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A worker that was killed has not said how far it came. Where the memory is given up already, the
 * release is as good as done: to bring it back is not what anybody has asked for.
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "device-outcome.h"
#include "log.h"
#include "manager.h"

/* Unbound, and none of its memory with the kernel any more. */
static bool is_given_up(const struct dax_device *device)
{
	if (device->gone || device->driver || !dax_device_knows(device, DEVICE_FACT_DRIVER) ||
	    !dax_device_knows(device, DEVICE_FACT_RANGES))
		return false;
	for (size_t i = 0; i < device->n_blocks; i++)
		if (device->blocks[i].state != BLOCK_ABSENT)
			return false;
	return true;
}

/* Of the region that the plan takes apart, nothing holds on to this target any more. */
static bool is_free(const struct cxl_facts *cxl, const struct region_target *target)
{
	const struct cxl_memdev *memdev = cxl_find_memdev(cxl, target->memdev);

	if (!memdev || memdev->serial != target->serial)
		return true; /* it has left */
	for (size_t i = 0; i < memdev->n_decoders; i++)
		if (strcmp(memdev->decoders[i].name, target->decoder) == 0)
			return !memdev->decoders[i].region && memdev->decoders[i].dpa_size == 0;
	return true;
}

static bool all_are_free(const struct cxl_facts *cxl, const struct region_plan *region)
{
	for (size_t i = 0; i < region->n_targets; i++)
		if (!is_free(cxl, &region->targets[i]))
			return false;
	return true;
}

static void judge(struct device_run *run, const struct facts *facts, struct worker_result *result)
{
	const struct device_plan *plan = &run->running;
	const struct dax_device *device = facts_find_device(facts, plan->device);
	bool eject = plan_has_step(plan, STEP_DELETE_REGION, NULL);
	struct device_history *history;

	if (device ? !is_given_up(device) : !eject)
		return;
	if (!eject || (!device && all_are_free(&facts->cxl, &plan->region))) {
		*result = (struct worker_result){};
		return;
	}
	if (!device) { /* the region was being taken apart */
		result->message = "the worker process ended without a result; the memory is given "
				  "up, and what is left of its region is taken apart next";
		manager_set_released(run->manager, plan);
		return;
	}
	result->message = "the worker process ended without a result; the memory is given up, but "
			  "its region stands";
	history = history_get(&run->manager->history, plan->device);
	if (history)
		history->released = true;
}

void killed_release_look(struct device_run *run, struct worker_result *result)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;
	int r;

	if (result->error != -EPROTO || run->running.purpose != PLAN_RELEASE)
		return;
	r = observe(run->manager->observer, &facts);
	if (r < 0)
		log_warning_errno(r, "%s: cannot look how far its release came", run->name);
	else
		judge(run, facts, result);
}

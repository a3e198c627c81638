/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/policy.h"

#include <string.h>

#include "base/cleanup.h"
#include "policy/bystander.h"
#include "policy/candidate.h"
#include "policy/retry.h"
#include "policy/unknown.h"

/* What a plan says whatever was decided: whom it is for, and what apply/ has to know of it. */
static int describe(struct candidate *c)
{
	const struct dax_device *device = c->device;
	struct device_plan *plan = c->plan;

	plan->target_node = device->target_node;
	plan->size = device->size;
	plan->block_size = c->facts->host.block_size;
	plan->memmap.bytes = memmap_bytes(device->usable, c->facts->host.page_size);

	plan->device = strdup(device->name);
	if (!plan->device)
		return -ENOMEM;
	if (device->n_ranges > 0) {
		plan->ranges = calloc(device->n_ranges, sizeof(*plan->ranges));
		if (!plan->ranges)
			return -ENOMEM;
		memcpy(plan->ranges, device->ranges, device->n_ranges * sizeof(*plan->ranges));
		plan->n_ranges = device->n_ranges;
	}
	if (c->rule) {
		plan->rule = strdup(c->rule->name);
		if (!plan->rule)
			return -ENOMEM;
		plan->zone = c->rule->zone;
		plan->managed = c->rule->mode != RULE_MODE_IGNORE;
	}
	return 0;
}

static int decide(struct candidate *c)
{
	if (!c->rule)
		return unmanaged_plan(c);
	switch (c->rule->mode) {
	case RULE_MODE_SYSTEM_RAM:
		return system_ram_plan(c);
	case RULE_MODE_DEVDAX:
		return devdax_plan(c);
	case RULE_MODE_IGNORE:
	case RULE_MODE_MAX:
		break;
	}
	return unmanaged_plan(c);
}

static int plan_device(struct candidate *c, uint64_t now_usec, struct promises *promises)
{
	int r;

	r = describe(c);
	if (r == 0)
		r = unknown_plan(c);
	if (r == 0)
		r = decide(c);
	if (r < 0)
		return r;

	/* What waits for its next try will still want its share; what waits for a person may not.
	 */
	if (retry_is_due_or_timed(c->history))
		candidate_promise(c, promises);
	r = retry_hold(c->plan, c->history, now_usec);
	return r < 0 ? r : unknown_hold_without_ranges(c);
}

int policy_plan(const struct facts *facts, const struct config *config,
		const struct history *history, uint64_t now_usec, struct plan **ret)
{
	_cleanup_(plan_freep) struct plan *plan = calloc(1, sizeof(*plan));
	struct promises promises = {};
	int r;

	if (!plan)
		return -ENOMEM;
	if (facts->n_devices > 0) {
		plan->devices = calloc(facts->n_devices, sizeof(*plan->devices));
		if (!plan->devices)
			return -ENOMEM;
		plan->n_devices = facts->n_devices;
	}

	for (size_t i = 0; i < facts->n_devices; i++) {
		const struct dax_device *device = &facts->devices[i];
		struct candidate c = candidate_make(
			facts, i, config, history ? history_find(history, device->name) : NULL,
			&promises, &plan->devices[i]);

		r = plan_device(&c, now_usec, &promises);
		if (r < 0)
			return r;
	}
	r = bystanders_protect(facts, plan);
	if (r < 0)
		return r;

	*ret = TAKE_PTR(plan);
	return 0;
}

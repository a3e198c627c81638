/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/policy.h"

#include <limits.h>
#include <string.h>

#include "base/cleanup.h"
#include "policy/bystander.h"
#include "policy/candidate.h"
#include "policy/correction.h"
#include "policy/region.h"
#include "policy/release.h"
#include "policy/retry.h"
#include "policy/unknown.h"

/* How early the rule of a device stands in the policy. */
static unsigned policy_rank(const struct config *config, const struct dax_device *device)
{
	const struct rule *rule = policy_match(config, device);

	return rule ? (unsigned)(rule - config->rules) : UINT_MAX;
}

/*
 * Whose turn it is: the devices of an earlier rule get their share of DRAM and of ZONE_MOVABLE
 * before those of a later one, and among them by name, which is the order of the facts. So the
 * same devices give the same answer, in whichever order they came.
 */
static int order_devices(const struct facts *facts, const struct config *config, size_t **ret)
{
	_cleanup_free_ size_t *order = calloc(facts->n_devices ?: 1, sizeof(*order));
	size_t n = 0;

	if (!order)
		return -ENOMEM;
	for (size_t rank = 0; rank <= config->n_rules; rank++)
		for (size_t i = 0; i < facts->n_devices; i++) {
			unsigned own = policy_rank(config, &facts->devices[i]);

			if (own == rank || (rank == config->n_rules && own == UINT_MAX))
				order[n++] = i;
		}
	*ret = TAKE_PTR(order);
	return 0;
}

/* What a plan says whatever was decided: whom it is for, and what apply/ has to know of it. */
static int describe(struct candidate *c)
{
	const struct dax_device *device = c->device;
	struct device_plan *plan = c->plan;

	plan->rank = policy_rank(c->config, device);
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
	if (stuck_is(c))
		return stuck_plan(c);
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
	if (r < 0)
		return r;
	/* Neither its rule nor its past bears on what an operator asks for. */
	if (release_is(c))
		return release_plan(c);
	r = unknown_plan(c);
	if (r == 0)
		r = decide(c);
	if (r < 0)
		return r;

	/* What waits for its next try will still want its share; what waits for a person may not.
	 */
	if (retry_is_due_or_timed(c->history))
		candidate_promise(c, promises);
	r = correction_hold(c, now_usec);
	if (r == 0 && c->history->request == REQUEST_NONE)
		r = retry_hold(c->plan, c->history, now_usec);
	return r < 0 ? r : unknown_hold_without_ranges(c);
}

int policy_plan(const struct facts *facts, const struct config *config,
		const struct history *history, uint64_t now_usec, struct plan **ret)
{
	_cleanup_(plan_freep) struct plan *plan = calloc(1, sizeof(*plan));
	struct promises promises = {};
	_cleanup_free_ size_t *order = NULL;
	int r;

	if (!plan)
		return -ENOMEM;
	if (facts->n_devices > 0) {
		plan->devices = calloc(facts->n_devices, sizeof(*plan->devices));
		if (!plan->devices)
			return -ENOMEM;
		plan->n_devices = facts->n_devices;
	}

	r = order_devices(facts, config, &order);
	if (r < 0)
		return r;
	for (size_t k = 0; k < facts->n_devices; k++) {
		size_t i = order[k];
		const struct dax_device *device = &facts->devices[i];
		struct candidate c = candidate_make(
			facts, i, config, history ? history_find(history, device->name) : NULL,
			&promises, &plan->devices[i]);

		r = plan_device(&c, now_usec, &promises);
		if (r < 0)
			return r;
	}
	r = bystanders_protect(facts, plan);
	if (r == 0)
		r = regions_plan(facts, config, history, now_usec, plan);
	if (r < 0)
		return r;

	*ret = TAKE_PTR(plan);
	return 0;
}

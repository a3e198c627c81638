/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/unknown.h"

#include "policy/distance.h"
#include "policy/policy.h"
#include "policy/reason.h"
#include "policy/steps.h"

/* "target node and distance" */
static int list_facts(char **reason, unsigned facts)
{
	int r = 0;

	for (unsigned i = 0; r == 0 && i < DEVICE_FACT_MAX; i++) {
		if (!(facts & 1U << i))
			continue;
		r = reason_add(reason, "%s", device_fact_to_string((enum device_fact)i));
		facts &= ~(1U << i);
		if (r == 0 && facts != 0)
			r = reason_add(reason, (facts & (facts - 1)) ? ", " : " and ");
	}
	return r;
}

static int wait_for(struct candidate *c, unsigned facts, const struct rule *rule)
{
	struct device_plan *plan = c->plan;
	int r;

	plan->state = DEVICE_PENDING;
	r = reason_set(&plan->reason, "waiting, because its ");
	if (r == 0)
		r = list_facts(&plan->reason, facts);
	if (r == 0)
		r = reason_add(&plan->reason, " could not be read, and rule \"%s\" needs %s",
			       rule->name, (facts & (facts - 1)) ? "them" : "that");
	return r;
}

/* What the mode of the rule that matched has to know of the device, and cannot. */
static unsigned needed(const struct candidate *c)
{
	const struct dax_device *device = c->device;
	unsigned needs = 1U << DEVICE_FACT_DRIVER;

	if (c->rule->mode == RULE_MODE_SYSTEM_RAM) {
		needs |= 1U << DEVICE_FACT_TARGET_NODE;
		if (device->n_ranges > 0) /* a part of them; none at all is a matter of its own */
			needs |= 1U << DEVICE_FACT_RANGES;
		if (!dax_device_knows(device, DEVICE_FACT_DISTANCE) &&
		    distance_matters(&c->memmap_case))
			needs |= 1U << DEVICE_FACT_DISTANCE;
	}
	return needs & device->unknown;
}

/* A device that has its rule still says where its memmap is. */
static int explain_memmap(struct candidate *c, unsigned facts)
{
	struct memmap_decision *memmap = &c->plan->memmap;
	int r;

	memmap->effective =
		candidate_is_bound_to(c, "kmem") && memmap_is_on_device(&c->facts->host, c->device);
	r = reason_set(&memmap->reason, "not decided: its ");
	if (r == 0)
		r = list_facts(&memmap->reason, facts);
	return r < 0 ? r : reason_add(&memmap->reason, " could not be read");
}

int unknown_plan(struct candidate *c)
{
	const struct rule *rule;
	unsigned facts = 0;
	int r;

	if (c->device->unknown == 0)
		return 0;
	rule = policy_match_or_doubt(c->config, c->device, &facts);
	if (facts == 0 && c->rule && c->rule->mode != RULE_MODE_IGNORE)
		facts = needed(c);
	if (facts == 0)
		return 0;
	r = wait_for(c, facts, rule);
	if (r == 0 && c->rule)
		r = explain_memmap(c, facts);
	return r < 0 ? r : 1;
}

int unknown_hold_without_ranges(struct candidate *c)
{
	struct device_plan *plan = c->plan;

	if (plan->n_steps == 0 || c->device->n_ranges > 0)
		return 0;
	steps_drop(plan);
	plan->state = DEVICE_PENDING;
	if (dax_device_knows(c->device, DEVICE_FACT_RANGES))
		return reason_set(&plan->reason, "waiting, because its ranges are not there yet");
	return reason_set(&plan->reason,
			  "waiting, because its ranges could not be read, which only "
			  "root may");
}

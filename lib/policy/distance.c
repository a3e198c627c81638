/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/distance.h"

#include "policy/policy.h"

/* SLIT entries are bytes: 10 is local, 255 unreachable, below 10 reserved. */
#define DISTANCE_MIN  10
#define DISTANCE_LAST 255

bool distance_is_final(const struct node_distance *distance)
{
	switch (distance->source) {
	case DISTANCE_HWLOC:
	case DISTANCE_LIBNUMA:
	case DISTANCE_KERNEL:
		return true;
	case DISTANCE_UNKNOWN:
	case DISTANCE_SLIT:
	case DISTANCE_DEFAULT:
	case DISTANCE_SOURCE_MAX:
		break;
	}
	return false;
}

/* What the configuration makes of the device at a distance; zone and memmap with system-ram only.
 */
struct outcome {
	enum rule_mode mode; /* ignore also where no rule matches */
	enum target_zone zone;
	bool memmap_on_device;
};

static struct outcome outcome_of(const struct memmap_case *memmap)
{
	const struct rule *rule = policy_match(memmap->config, memmap->device);
	struct outcome outcome = {.mode = rule ? rule->mode : RULE_MODE_IGNORE};

	if (outcome.mode == RULE_MODE_SYSTEM_RAM) {
		struct memmap_case with_rule = *memmap;

		with_rule.rule = rule;
		outcome.zone = rule->zone;
		outcome.memmap_on_device = memmap_decide(&with_rule).effective;
	}
	return outcome;
}

static struct outcome outcome_at(const struct memmap_case *memmap, unsigned distance)
{
	struct dax_device moved = *memmap->device; /* borrows everything but the distance */
	struct memmap_case elsewhere = *memmap;

	moved.distance = (struct node_distance){.value = distance, .source = DISTANCE_KERNEL};
	moved.unknown &= ~(1U << DEVICE_FACT_DISTANCE);
	elsewhere.device = &moved;
	return outcome_of(&elsewhere);
}

static bool outcome_equal(const struct outcome *a, const struct outcome *b)
{
	return a->mode == b->mode && a->zone == b->zone &&
	       a->memmap_on_device == b->memmap_on_device;
}

/* There are 246 distances: asking each is as cheap as it is certain. */
bool distance_matters(const struct memmap_case *memmap)
{
	struct outcome now = outcome_of(memmap);

	for (unsigned d = DISTANCE_MIN; d <= DISTANCE_LAST; d++) {
		struct outcome then = outcome_at(memmap, d);

		if (!outcome_equal(&now, &then))
			return true;
	}
	return false;
}

bool distance_may_mean_devdax(const struct memmap_case *memmap)
{
	for (unsigned d = DISTANCE_MIN; d <= DISTANCE_LAST; d++)
		if (outcome_at(memmap, d).mode == RULE_MODE_DEVDAX)
			return true;
	return false;
}

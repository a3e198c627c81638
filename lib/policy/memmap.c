/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/memmap.h"

#include "base/cleanup.h"
#include "base/format.h"
#include "policy/reason.h"
#include "policy/saturate.h"

/* total * basis_points / 10000, rounded down, where the product itself may not fit. */
static uint64_t dram_budget(const struct memmap_case *memmap)
{
	uint64_t total = memmap->dram_total, share = memmap->config->memmap_dram_budget;

	return sat_add(sat_mul(total / 10000, share), total % 10000 * share / 10000);
}

static bool over_budget(const struct memmap_case *memmap, uint64_t bytes)
{
	return memmap->dram_total > 0 && sat_add(memmap->dram_others, bytes) > dram_budget(memmap);
}

static bool is_large(const struct memmap_case *memmap)
{
	return memmap->device->size >= memmap->config->memmap_min_size;
}

static bool is_near(const struct memmap_case *memmap)
{
	const struct node_distance *distance = &memmap->device->distance;

	return distance->source != DISTANCE_UNKNOWN &&
	       distance->value <= memmap->config->memmap_max_distance;
}

static enum memmap_why weigh(const struct memmap_case *memmap, const struct memmap_verdict *verdict)
{
	switch (memmap->rule->memmap) {
	case MEMMAP_CHOICE_YES:
		return MEMMAP_RULE_YES;
	case MEMMAP_CHOICE_NO:
		return MEMMAP_RULE_NO;
	case MEMMAP_CHOICE_AUTO:
	case MEMMAP_CHOICE_MAX:
		break;
	}
	if (verdict->obstacle != MEMMAP_POSSIBLE)
		return MEMMAP_OBSTACLE;
	if (over_budget(memmap, verdict->bytes))
		return MEMMAP_OVER_BUDGET;
	if (is_large(memmap) && is_near(memmap))
		return MEMMAP_LARGE_AND_NEAR;
	return MEMMAP_SMALL_OR_FAR;
}

static bool wants_device(enum memmap_why why)
{
	switch (why) {
	case MEMMAP_RULE_YES:
	case MEMMAP_OVER_BUDGET:
	case MEMMAP_LARGE_AND_NEAR:
		return true;
	case MEMMAP_RULE_NO:
	case MEMMAP_OBSTACLE:
	case MEMMAP_SMALL_OR_FAR:
		break;
	}
	return false;
}

struct memmap_verdict memmap_decide(const struct memmap_case *memmap)
{
	struct memmap_verdict verdict = {
		.obstacle = memmap_obstacle_of(memmap->host, memmap->device),
		.bytes = memmap_bytes(memmap->device->usable, memmap->host->page_size),
	};

	verdict.why = weigh(memmap, &verdict);
	verdict.wanted = wants_device(verdict.why);
	verdict.effective = verdict.wanted && verdict.obstacle == MEMMAP_POSSIBLE;
	return verdict;
}

bool memmap_is_on_device(const struct host *host, const struct dax_device *device)
{
	return device->knob == MEMMAP_KNOB_ON && memmap_can_be_effective(host, device);
}

bool memmap_knob_differs(const struct dax_device *device, const struct memmap_verdict *verdict)
{
	if (device->knob == MEMMAP_KNOB_ABSENT)
		return false;
	if (verdict->wanted)
		return verdict->effective && device->knob != MEMMAP_KNOB_ON;
	return device->knob != MEMMAP_KNOB_OFF;
}

/* "5%", "2.5%", "0.25%" */
static int format_percent(unsigned basis_points, char **ret)
{
	char *text;
	int r;

	if (basis_points % 100 == 0)
		r = asprintf(&text, "%u%%", basis_points / 100);
	else if (basis_points % 10 == 0)
		r = asprintf(&text, "%u.%u%%", basis_points / 100, basis_points / 10 % 10);
	else
		r = asprintf(&text, "%u.%02u%%", basis_points / 100, basis_points % 100);
	if (r < 0)
		return -ENOMEM;
	*ret = text;
	return 0;
}

static int explain_budget(const struct memmap_case *memmap, const struct memmap_verdict *verdict,
			  char **reason)
{
	char bytes[FORMAT_SIZE_MAX], others[FORMAT_SIZE_MAX];
	char limit[FORMAT_SIZE_MAX], dram[FORMAT_SIZE_MAX];
	_cleanup_free_ char *percent = NULL;
	int r;

	r = format_percent(memmap->config->memmap_dram_budget, &percent);
	if (r < 0)
		return r;
	r = reason_set(reason, "on the device, because in DRAM its %s",
		       format_size(verdict->bytes, bytes));
	if (r == 0 && memmap->dram_others > 0)
		r = reason_add(reason, " and the %s of other devices",
			       format_size(memmap->dram_others, others));
	if (r == 0)
		r = reason_add(reason, " would exceed dram-budget %s of %s DRAM (%s)", percent,
			       format_size(memmap->dram_total, dram),
			       format_size(dram_budget(memmap), limit));
	return r;
}

static int explain_size(const struct memmap_case *memmap, char **reason)
{
	char size[FORMAT_SIZE_MAX], min[FORMAT_SIZE_MAX];

	return reason_add(reason, "%s %s min-size %s", format_size(memmap->device->size, size),
			  is_large(memmap) ? "reaches" : "is below",
			  format_size(memmap->config->memmap_min_size, min));
}

static int explain_distance(const struct memmap_case *memmap, char **reason)
{
	const struct node_distance *distance = &memmap->device->distance;

	if (distance->source == DISTANCE_UNKNOWN)
		return reason_add(reason, "its distance is unknown");
	return reason_add(reason, "distance %u (%s) is %s max-distance %llu", distance->value,
			  distance_source_to_string(distance->source),
			  is_near(memmap) ? "within" : "beyond",
			  (unsigned long long)memmap->config->memmap_max_distance);
}

/* Both conditions where both held; else only those that did not. */
static int explain_weight(const struct memmap_case *memmap, const struct memmap_verdict *verdict,
			  char **reason)
{
	bool large = is_large(memmap), near = is_near(memmap), both = large == near;
	int r;

	r = reason_set(reason, "%s, because ", verdict->wanted ? "on the device" : "in DRAM");
	if (r == 0 && (both || !large))
		r = explain_size(memmap, reason);
	if (r == 0 && both)
		r = reason_add(reason, " and ");
	if (r == 0 && (both || !near))
		r = explain_distance(memmap, reason);
	return r;
}

static int explain_rule(const struct memmap_case *memmap, const struct memmap_verdict *verdict,
			char **reason)
{
	const char *choice = memmap_choice_to_string(memmap->rule->memmap);

	if (verdict->wanted && !verdict->effective)
		return reason_set(
			reason,
			"in DRAM, although rule \"%s\" says memmap-on-memory = %s, because %s",
			memmap->rule->name, choice, memmap_obstacle_words(verdict->obstacle));
	return reason_set(reason, "%s, because rule \"%s\" says memmap-on-memory = %s",
			  verdict->wanted ? "on the device" : "in DRAM", memmap->rule->name,
			  choice);
}

int memmap_explain(const struct memmap_case *memmap, const struct memmap_verdict *verdict,
		   char **ret)
{
	_cleanup_free_ char *reason = NULL;
	int r = 0;

	switch (verdict->why) {
	case MEMMAP_RULE_YES:
	case MEMMAP_RULE_NO:
		r = explain_rule(memmap, verdict, &reason);
		break;
	case MEMMAP_OBSTACLE:
		r = reason_set(&reason, "in DRAM, because %s",
			       memmap_obstacle_words(verdict->obstacle));
		break;
	case MEMMAP_OVER_BUDGET:
		r = explain_budget(memmap, verdict, &reason);
		break;
	case MEMMAP_LARGE_AND_NEAR:
	case MEMMAP_SMALL_OR_FAR:
		r = explain_weight(memmap, verdict, &reason);
		break;
	}
	if (r < 0)
		return r;
	*ret = TAKE_PTR(reason);
	return 0;
}

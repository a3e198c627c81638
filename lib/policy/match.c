/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fnmatch.h>
#include <string.h>

#include "base/cleanup.h"
#include "policy/policy.h"

static bool list_has(const struct u64_list *list, uint64_t value)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i] == value)
			return true;
	return false;
}

static bool span_has(const struct u64_span *span, uint64_t value)
{
	return value >= span->min && value <= span->max;
}

static bool kind_matches(const struct rule *rule, const struct dax_device *device)
{
	return rule->match_kinds == 0 || (rule->match_kinds & (1U << device->kind));
}

/* What is absent (a region of a device that is not CXL) matches no pattern, not even "*". */
static bool name_matches(const struct strv *patterns, const char *name)
{
	if (patterns->n == 0)
		return true;
	for (size_t i = 0; name && i < patterns->n; i++)
		if (fnmatch(patterns->items[i], name, 0) == 0)
			return true;
	return false;
}

/* One memdev of an interleaved region suffices: its region cannot exist without it. */
static bool serial_matches(const struct rule *rule, const struct dax_device *device)
{
	if (rule->match_serials.n == 0)
		return true;
	for (size_t i = 0; i < device->n_serials; i++)
		if (list_has(&rule->match_serials, device->serials[i]))
			return true;
	return false;
}

/* A node below 0 is none, and no list names it. */
static bool node_matches(const struct u64_list *nodes, int node)
{
	return nodes->n == 0 || (node >= 0 && list_has(nodes, (uint64_t)node));
}

static bool size_matches(const struct rule *rule, const struct dax_device *device)
{
	return !rule->match_size_set || span_has(&rule->match_size, device->size);
}

/* A distance that nobody knows is not 0, which "..40" would take for near: it is in no range. */
static bool distance_matches(const struct rule *rule, const struct dax_device *device)
{
	return !rule->match_distance_set ||
	       (device->distance.source != DISTANCE_UNKNOWN &&
		span_has(&rule->match_distance, device->distance.value));
}

/* What a device is known by at all times. */
static bool identity_matches(const struct rule *rule, const struct dax_device *device)
{
	return kind_matches(rule, device) && name_matches(&rule->match_devices, device->name) &&
	       name_matches(&rule->match_regions, device->region) && size_matches(rule, device);
}

struct criterion {
	enum device_fact fact;
	bool set, matches;
};

/*
 * False when the rule does not match, whatever could not be read. Otherwise *ret_needs has the bits
 * of the facts that it would take to tell; 0: it matches. Of several serials one that is known and
 * listed is enough; of nothing else is a part known.
 */
static bool criteria_match(const struct rule *rule, const struct dax_device *device,
			   unsigned *ret_needs)
{
	bool serial = serial_matches(rule, device);
	const struct criterion criteria[] = {
		{DEVICE_FACT_SERIALS, !serial, serial},
		{DEVICE_FACT_TARGET_NODE, rule->match_target_nodes.n > 0,
		 node_matches(&rule->match_target_nodes, device->target_node)},
		{DEVICE_FACT_INITIATOR_NODE, rule->match_initiator_nodes.n > 0,
		 node_matches(&rule->match_initiator_nodes, device->initiator_node)},
		{DEVICE_FACT_DISTANCE, rule->match_distance_set, distance_matches(rule, device)},
	};
	unsigned needs = 0;

	if (!identity_matches(rule, device))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(criteria); i++) {
		const struct criterion *c = &criteria[i];

		if (c->set && !dax_device_knows(device, c->fact))
			needs |= 1U << c->fact;
		else if (!c->matches)
			return false;
	}
	*ret_needs = needs;
	return true;
}

/*
 * Onlining destroys what a devdax namespace holds, so a rule that makes system RAM of whatever
 * comes does not mean persistent memory unless it names it. A device of unknown kind may be
 * anything, and no rule can name it.
 */
static bool rule_spares(const struct rule *rule, const struct dax_device *device)
{
	if (rule->mode != RULE_MODE_SYSTEM_RAM)
		return false;
	switch (device->kind) {
	case DAX_KIND_CXL:
	case DAX_KIND_HMEM:
		return false;
	case DAX_KIND_PMEM:
		return !(rule->match_kinds & (1U << DAX_KIND_PMEM));
	case DAX_KIND_UNKNOWN:
	case DAX_KIND_MAX:
		break;
	}
	return true;
}

const struct rule *policy_match_or_doubt(const struct config *config,
					 const struct dax_device *device, unsigned *ret_needs)
{
	unsigned needs;

	for (size_t i = 0; i < config->n_rules; i++) {
		const struct rule *rule = &config->rules[i];

		if (!criteria_match(rule, device, &needs) || rule_spares(rule, device))
			continue;
		*ret_needs = needs;
		return rule;
	}
	return NULL;
}

const struct rule *policy_match(const struct config *config, const struct dax_device *device)
{
	unsigned needs = 0;
	const struct rule *rule = policy_match_or_doubt(config, device, &needs);

	return needs == 0 ? rule : NULL;
}

bool policy_wants_holders(const struct config *config, const struct dax_device *device)
{
	unsigned needs = 0;
	const struct rule *rule;

	if (!device->driver || strcmp(device->driver, "device_dax") != 0)
		return false;
	rule = policy_match_or_doubt(config, device, &needs);
	return rule && (needs != 0 || rule->mode == RULE_MODE_SYSTEM_RAM);
}

const struct rule *policy_find_sparing(const struct config *config, const struct dax_device *device)
{
	unsigned needs;

	for (size_t i = 0; i < config->n_rules; i++) {
		const struct rule *rule = &config->rules[i];

		if (criteria_match(rule, device, &needs) && needs == 0 && rule_spares(rule, device))
			return rule;
	}
	return NULL;
}

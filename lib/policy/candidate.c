/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/candidate.h"

#include <string.h>

#include "policy/policy.h"
#include "policy/saturate.h"

bool candidate_is_bound_to(const struct candidate *c, const char *driver)
{
	return c->device->driver && strcmp(c->device->driver, driver) == 0;
}

/* The model counts over all devices; a host with only this one has what is its own. */
static uint64_t own_memmap(const struct facts *facts, size_t index)
{
	struct facts alone = *facts;

	alone.devices = &facts->devices[index];
	alone.n_devices = 1;
	return facts_dram_memmap(&alone);
}

static size_t count_going_offline(const struct dax_device *device)
{
	size_t n = 0;

	for (size_t i = 0; i < device->n_blocks; i++)
		if (device->blocks[i].state == BLOCK_GOING_OFFLINE)
			n++;
	return n;
}

/* DRAM that the memmaps of all other devices would take at most. */
static uint64_t others_at_most(const struct candidate *c)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < c->facts->n_devices; i++) {
		const struct dax_device *device = &c->facts->devices[i];

		if (device != c->device)
			sum = sat_add(sum, memmap_bytes(device->usable, c->facts->host.page_size));
	}
	return sum;
}

static bool judge_memmap_beside(struct candidate *c, uint64_t others, bool on_device)
{
	struct memmap_case beside = c->memmap_case;
	struct memmap_verdict verdict;

	beside.dram_others = others;
	verdict = memmap_decide(&beside);
	if (verdict.effective != on_device)
		return false;
	c->memmap_case = beside;
	c->memmap = verdict;
	return true;
}

/*
 * The device's own memmap is no other's, or else a device would exceed by its mere presence the
 * budget that it was admitted under.
 *
 * What is online was placed when others had another share of the budget. They come and go, and it
 * can no longer be moved: where any share of theirs gives the answer that was carried out, it
 * stands, and is no mismatch.
 */
static void judge_memmap(struct candidate *c)
{
	uint64_t others = sat_sub(facts_dram_memmap(c->facts), c->own_memmap);
	bool on_device = memmap_is_on_device(&c->facts->host, c->device);

	c->memmap_case = (struct memmap_case){
		.host = &c->facts->host,
		.config = c->config,
		.rule = c->rule,
		.device = c->device,
		.dram_total = facts_dram_total(c->facts),
		.dram_others = sat_add(others, c->promises->memmap),
	};
	c->memmap = memmap_decide(&c->memmap_case);

	if (candidate_is_bound_to(c, "kmem") && c->blocks.online > 0 &&
	    c->memmap.effective != on_device)
		(void)(judge_memmap_beside(c, 0, on_device) ||
		       judge_memmap_beside(c, others_at_most(c), on_device));
}

struct candidate candidate_make(const struct facts *facts, size_t index,
				const struct config *config, const struct device_history *history,
				const struct promises *promises, struct device_plan *plan)
{
	static const struct device_history nothing;
	const struct dax_device *device = &facts->devices[index];
	struct candidate c = {
		.facts = facts,
		.config = config,
		.promises = promises,
		.device = device,
		.history = history ?: &nothing,
		.rule = policy_match(config, device),
		.blocks = dax_device_count_blocks(device),
		.going_offline = count_going_offline(device),
		.own_memmap = own_memmap(facts, index),
		.plan = plan,
	};

	if (c.rule && c.rule->mode != RULE_MODE_IGNORE)
		judge_memmap(&c);
	return c;
}

size_t candidate_blocks_astray(const struct candidate *c)
{
	switch (c->rule->zone) {
	case TARGET_ZONE_MOVABLE:
		return c->blocks.online - c->blocks.movable;
	case TARGET_ZONE_KERNEL:
		return c->blocks.online - c->blocks.kernel;
	case TARGET_ZONE_MAX:
		break;
	}
	return c->blocks.online;
}

uint64_t candidate_bytes_to_come(const struct candidate *c)
{
	return sat_sub(c->device->usable, sat_mul(c->blocks.online, c->facts->host.block_size));
}

uint64_t candidate_bytes_to_convert(const struct candidate *c)
{
	size_t there = c->rule->zone == TARGET_ZONE_MOVABLE ? c->blocks.movable : c->blocks.kernel;

	return sat_sub(c->device->usable, sat_mul(there, c->facts->host.block_size));
}

uint64_t candidate_kernel_bytes(const struct candidate *c)
{
	return sat_mul(c->blocks.kernel, c->facts->host.block_size);
}

static bool takes_offline(const struct device_plan *plan)
{
	for (size_t i = 0; i < plan->n_steps; i++)
		if (plan->steps[i].kind == STEP_OFFLINE_BLOCKS ||
		    plan->steps[i].kind == STEP_UNPLUG)
			return true;
	return false;
}

void candidate_promise(const struct candidate *c, struct promises *promises)
{
	bool convert = takes_offline(c->plan);
	uint64_t bytes;

	if (c->plan->n_steps == 0 || !c->rule || c->rule->mode != RULE_MODE_SYSTEM_RAM)
		return;

	/* What its memmap takes now is in the facts already. */
	if (!c->plan->memmap.effective && c->own_memmap == 0)
		promises->memmap = sat_add(promises->memmap, c->memmap.bytes);

	bytes = convert ? candidate_bytes_to_convert(c) : candidate_bytes_to_come(c);
	if (c->rule->zone == TARGET_ZONE_MOVABLE)
		promises->movable = sat_add(promises->movable, bytes);
	else
		promises->kernel = sat_add(promises->kernel, bytes);
	if (convert && c->rule->zone == TARGET_ZONE_MOVABLE)
		promises->leaving = sat_add(promises->leaving, candidate_kernel_bytes(c));
}

bool candidate_may_convert(const struct candidate *c)
{
	if (c->history->request == REQUEST_FORCE)
		return true;
	switch (c->config->convert) {
	case CONVERT_NEVER:
		return false;
	case CONVERT_HOT_ADDED:
		return c->history->hot_added;
	case CONVERT_ALWAYS:
		return true;
	case CONVERT_MAX:
		break;
	}
	return false;
}

const char *candidate_left_alone(const struct candidate *c)
{
	if (c->config->convert == CONVERT_NEVER)
		return "left alone, because convert = never spares memory that is online; apply "
		       "it with --force to convert it";
	return "left alone, because convert = hot-added spares devices that were there before "
	       "daxtierd; apply it with --force to convert it";
}

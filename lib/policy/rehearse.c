/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/rehearse.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/format.h"
#include "policy/reason.h"
#include "policy/release.h"
#include "policy/saturate.h"

static const char *why_unmovable(enum zone zone)
{
	return zone == ZONE_NONE
		       ? "it is in more than one zone, and the kernel takes no such block offline"
		       : "it is in a zone of the kernel, which may keep memory of its own there "
			 "that cannot be moved";
}

static int add_unmovable(struct rehearsal *rehearsal, const struct memory_block *block)
{
	struct rehearsal_block *blocks;
	_cleanup_free_ char *why = strdup(why_unmovable(block->zone));

	if (!why)
		return -ENOMEM;
	blocks = reallocarray(rehearsal->unmovable, rehearsal->n_unmovable + 1, sizeof(*blocks));
	if (!blocks)
		return -ENOMEM;
	rehearsal->unmovable = blocks;
	blocks[rehearsal->n_unmovable++] = (struct rehearsal_block){
		.number = block->number, .zone = block->zone, .why = TAKE_PTR(why)};
	return 0;
}

static int look_at_blocks(const struct facts *facts, const struct dax_device *device,
			  struct rehearsal *rehearsal)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < device->n_blocks; i++) {
		if (device->blocks[i].state != BLOCK_ONLINE)
			continue;
		rehearsal->blocks_online++;
		rehearsal->memory = sat_add(rehearsal->memory, facts->host.block_size);
		if (device->blocks[i].zone != ZONE_MOVABLE)
			r = add_unmovable(rehearsal, &device->blocks[i]);
	}
	return r;
}

/*
 * How much is used on the node is known, and not in which of its devices. What a node could give up
 * by itself counts as free; what the kernel keeps back as a reserve is not looked at.
 */
static void look_at_nodes(const struct facts *facts, struct rehearsal *rehearsal)
{
	for (size_t i = 0; i < facts->n_nodes; i++) {
		const struct numa_node *node = &facts->nodes[i];

		if (node->id == rehearsal->node)
			rehearsal->used = sat_sub(node->total, node->free);
		else
			rehearsal->elsewhere = sat_add(rehearsal->elsewhere,
						       sat_add(node->free, node->reclaimable));
	}
	rehearsal->used_here =
		rehearsal->used < rehearsal->memory ? rehearsal->used : rehearsal->memory;
	rehearsal->fits = rehearsal->used_here <= rehearsal->elsewhere;
}

static int explain(const char *obstacle, struct rehearsal *rehearsal)
{
	char memory[FORMAT_SIZE_MAX], used[FORMAT_SIZE_MAX], elsewhere[FORMAT_SIZE_MAX];
	char **reason = &rehearsal->reason;
	int r;

	if (obstacle)
		return reason_set(reason, "%s", obstacle);
	if (rehearsal->blocks_online == 0)
		return reason_set(reason, "none of its memory is online, so nothing has to move");
	r = reason_set(reason,
		       "%zu blocks with %s would go offline, and at most %s of it in use would "
		       "move to other nodes, which have %s to give",
		       rehearsal->blocks_online, format_size(rehearsal->memory, memory),
		       format_size(rehearsal->used_here, used),
		       format_size(rehearsal->elsewhere, elsewhere));
	if (r == 0 && !rehearsal->fits)
		r = reason_add(reason, ": that is not enough, stop what uses node %d first",
			       rehearsal->node);
	if (r == 0 && rehearsal->n_unmovable > 0)
		r = reason_add(reason, "; %zu of the blocks are not in zone Movable and may stay",
			       rehearsal->n_unmovable);
	return r;
}

int policy_rehearse(const struct facts *facts, const struct dax_device *device, bool eject,
		    struct rehearsal *ret)
{
	_cleanup_(rehearsal_done) struct rehearsal rehearsal = {.node = device->target_node};
	_cleanup_(device_plan_done) struct device_plan plan = {};
	_cleanup_free_ char *obstacle = NULL;
	int r;

	rehearsal.device = strdup(device->name);
	if (!rehearsal.device)
		return -ENOMEM;
	r = release_steps(facts, device, eject, &plan, &obstacle);
	if (r == 0)
		r = look_at_blocks(facts, device, &rehearsal);
	if (r < 0)
		return r;
	look_at_nodes(facts, &rehearsal);
	rehearsal.possible = !obstacle && rehearsal.fits && rehearsal.n_unmovable == 0;
	if (eject && plan.region.name) {
		rehearsal.region = strdup(plan.region.name);
		if (!rehearsal.region)
			return -ENOMEM;
	}
	r = explain(obstacle, &rehearsal);
	if (r < 0)
		return r;
	*ret = rehearsal;
	rehearsal = (struct rehearsal){};
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cleanup.h"
#include "base/format.h"
#include "policy/convert.h"
#include "policy/distance.h"
#include "policy/reason.h"
#include "policy/situation.h"
#include "policy/steps.h"

static int explain_no_whole_block(const struct candidate *c)
{
	char size[FORMAT_SIZE_MAX], block[FORMAT_SIZE_MAX];

	return reason_set(&c->plan->reason,
			  "its %s in %zu range%s do not contain one whole memory block of %s, and "
			  "kmem adds whole blocks only",
			  format_size(c->device->size, size), c->device->n_ranges,
			  c->device->n_ranges == 1 ? "" : "s",
			  format_size(c->facts->host.block_size, block));
}

static int explain_holders(const struct candidate *c)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->device->n_holders; i++) {
		const struct holder *holder = &c->device->holders[i];

		r = reason_add(&c->plan->reason, "%s%s by %d (%s)", i > 0 ? ", " : "",
			       holder->mapped ? "mapped" : "held open", (int)holder->pid,
			       holder->comm ?: "?");
	}
	if (r == 0)
		r = reason_add(&c->plan->reason,
			       "; stop %s, or exclude the device with mode = devdax",
			       c->device->n_holders == 1 ? "it" : "them");
	return r;
}

/* "in zone movable of node 2, its memmap on the device" */
static int explain_goal(const struct candidate *c)
{
	return reason_set(&c->plan->reason,
			  "rule \"%s\" makes it system RAM in zone %s of node %d, its memmap %s",
			  c->rule->name, target_zone_to_string(c->rule->zone),
			  c->device->target_node,
			  c->memmap.effective ? "on the device" : "in DRAM");
}

static int plan_ready(struct candidate *c)
{
	const struct node_distance *distance = &c->device->distance;
	bool look_again = !distance_is_final(distance) && distance_matters(&c->memmap_case);
	int r;

	r = explain_goal(c);
	if (r == 0 && look_again)
		r = reason_add(&c->plan->reason,
			       "; bound with its memory offline first, because distance %u (%s) is "
			       "a forecast: the real one is known after the bind and may change "
			       "the answer",
			       distance->value, distance_source_to_string(distance->source));
	if (r == 0)
		r = steps_bind(c, look_again ? BIND_AND_LOOK_AGAIN : BIND_AND_ONLINE);
	return r;
}

/* Bound, so the distance is as good as it gets. */
static int plan_misplaced(struct candidate *c)
{
	int r;

	r = explain_goal(c);
	if (r == 0)
		r = reason_add(&c->plan->reason,
			       "; bound anew for that, since the knob cannot change while kmem is "
			       "bound and none of its memory is online");
	if (r == 0)
		r = steps_bind(c, BIND_AND_ONLINE);
	return r;
}

static int plan_offline(struct candidate *c)
{
	int r;

	r = reason_set(
		&c->plan->reason,
		"%zu of %zu blocks are offline, and rule \"%s\" wants them online in zone %s",
		c->blocks.present - c->blocks.online, c->blocks.total, c->rule->name,
		target_zone_to_string(c->rule->zone));
	if (r == 0 && c->plan->memmap.effective != c->memmap.effective)
		r = reason_add(&c->plan->reason, "; its memmap stays %s, because %s",
			       c->plan->memmap.effective ? "on the device" : "in DRAM",
			       c->blocks.online > 0 ? "a part of it is online already"
			       : c->history->rebinds > 0
				       ? "it was bound anew once already"
				       : "not all of its blocks are there to bind it anew");
	if (r == 0)
		r = steps_online(c);
	return r;
}

/* The zone of the first block that is online where it should not be. */
static const char *zone_astray(const struct candidate *c)
{
	for (size_t i = 0; i < c->device->n_blocks; i++) {
		const struct memory_block *block = &c->device->blocks[i];
		bool movable = block->zone == ZONE_MOVABLE;

		if (block->state == BLOCK_ONLINE &&
		    movable != (c->rule->zone == TARGET_ZONE_MOVABLE))
			return zone_to_string(block->zone);
	}
	return zone_to_string(ZONE_NONE);
}

/* Its zone can change where it is; its memmap takes another bind, which changes both. */
static int steps_convert(struct candidate *c, enum convert_goal goal)
{
	int r;

	if (goal == CONVERT_MEMMAP)
		return steps_bind(c, BIND_AND_ONLINE);
	r = device_plan_add_step(c->plan, STEP_OFFLINE_BLOCKS, NULL);
	return r < 0 ? r : steps_online(c);
}

/* With what is wrong in the reason already: by leave it is put right, else left alone. */
static int convert_or_leave(struct candidate *c, enum convert_goal goal)
{
	struct device_plan *plan = c->plan;
	_cleanup_free_ char *obstacle = NULL;
	int r;

	r = convert_obstacle(c, goal, &obstacle);
	if (r < 0)
		return r;
	plan->state = obstacle ? DEVICE_MISMATCH : DEVICE_PENDING;
	if (obstacle)
		return reason_add(&plan->reason, "; %s", obstacle);
	r = reason_add(&plan->reason, "; taken offline and %s for that, %s",
		       goal == CONVERT_MEMMAP ? "bound anew" : "brought online anew",
		       convert_leave(c));
	return r < 0 ? r : steps_convert(c, goal);
}

/* Whether a conversion that is due anyway moves the memmap as well. */
static bool convert_moves_memmap(const struct candidate *c)
{
	return situation_memmap_misplaced(c) && !convert_is_placed(c, CONVERT_MEMMAP) &&
	       memmap_knob_differs(c->device, &c->memmap) && c->blocks.present == c->blocks.total &&
	       (c->history->rebinds == 0 || c->history->request == REQUEST_FORCE);
}

static int plan_astray(struct candidate *c)
{
	int r;

	r = reason_set(&c->plan->reason,
		       "%zu of %zu blocks are online in zone %s, but rule \"%s\" says zone = %s",
		       candidate_blocks_astray(c), c->blocks.total, zone_astray(c), c->rule->name,
		       target_zone_to_string(c->rule->zone));
	return r < 0 ? r
		     : convert_or_leave(c, convert_moves_memmap(c) ? CONVERT_MEMMAP : CONVERT_ZONE);
}

static int plan_wrong_memmap(struct candidate *c)
{
	int r;

	r = reason_set(&c->plan->reason,
		       "online with its memmap %s, but by rule \"%s\" it belongs %s",
		       c->plan->memmap.effective ? "on the device" : "in DRAM", c->rule->name,
		       c->memmap.effective ? "on the device" : "in DRAM");
	return r < 0 ? r : convert_or_leave(c, CONVERT_MEMMAP);
}

static int plan_replug(struct candidate *c)
{
	int r;

	r = reason_set(&c->plan->reason,
		       "bound to kmem, but unplugged: none of its %zu blocks is there; brought "
		       "back through its state, as rule \"%s\" wants it online in zone %s",
		       c->blocks.total, c->rule->name, target_zone_to_string(c->rule->zone));
	return r < 0 ? r : steps_online(c);
}

static int explain_online(const struct candidate *c)
{
	return reason_set(&c->plan->reason,
			  "all %zu blocks are online in zone %s, as rule \"%s\" says",
			  c->blocks.total, target_zone_to_string(c->rule->zone), c->rule->name);
}

static int explain_over_ratio(const struct candidate *c)
{
	struct movable_guard guard = situation_guard(c);
	_cleanup_free_ char *text = NULL;
	int r;

	r = movable_guard_explain(&guard, candidate_bytes_to_come(c), &text);
	return r < 0 ? r : reason_set(&c->plan->reason, "%s", text);
}

static enum device_state state_in(enum situation situation)
{
	switch (situation) {
	case SITUATION_NO_HOTPLUG:
	case SITUATION_NO_TARGET_NODE:
	case SITUATION_NO_WHOLE_BLOCK:
	case SITUATION_HELD_OPEN:
	case SITUATION_FOREIGN_DRIVER:
		return DEVICE_FAILED;
	case SITUATION_STAYS_DEVDAX:
		return DEVICE_DEVDAX;
	case SITUATION_OVER_RATIO:
		return DEVICE_HELD_BACK;
	case SITUATION_READY:
	case SITUATION_LEAVING:
	case SITUATION_MISPLACED:
	case SITUATION_REPLUG:
	case SITUATION_OFFLINE:
		return DEVICE_PENDING;
	case SITUATION_BLOCKS_UNKNOWN:
	case SITUATION_UNPLUGGED:
	case SITUATION_INCOMPLETE:
		return DEVICE_PARTIAL;
	case SITUATION_ASTRAY:
	case SITUATION_WRONG_MEMMAP:
		return DEVICE_MISMATCH;
	case SITUATION_ONLINE:
		return DEVICE_ONLINE;
	}
	return DEVICE_FAILED;
}

/* The answer to each situation: the reason, and the steps where there is something to do. */
static int answer(struct candidate *c, enum situation situation)
{
	char **reason = &c->plan->reason;

	switch (situation) {
	case SITUATION_NO_HOTPLUG:
		return reason_set(reason, "this kernel cannot hot-plug memory: it was built "
					  "without CONFIG_MEMORY_HOTPLUG");
	case SITUATION_NO_TARGET_NODE:
		return reason_set(reason, "the firmware gave its memory no NUMA node, and kmem "
					  "refuses a device without a target node; update the "
					  "firmware, or use mode = devdax");
	case SITUATION_NO_WHOLE_BLOCK:
		return explain_no_whole_block(c);
	case SITUATION_HELD_OPEN:
		return explain_holders(c);
	case SITUATION_FOREIGN_DRIVER:
		return reason_set(reason,
				  "bound to driver %s, and whether that is in use cannot be seen; "
				  "unbind it to let rule \"%s\" act",
				  c->device->driver, c->rule->name);
	case SITUATION_STAYS_DEVDAX:
		return reason_set(reason,
				  "left to device_dax, because its real distance, which only shows "
				  "while kmem is bound, has made it devdax before");
	case SITUATION_OVER_RATIO:
		return explain_over_ratio(c);
	case SITUATION_READY:
		return plan_ready(c);
	case SITUATION_BLOCKS_UNKNOWN:
		return reason_set(reason, "bound to kmem, but its memory blocks cannot be seen");
	case SITUATION_UNPLUGGED:
		return reason_set(reason,
				  "bound to kmem, but none of its %zu blocks is plugged in; unbind "
				  "it from kmem to start afresh",
				  c->blocks.total);
	case SITUATION_LEAVING:
		return reason_set(reason, "waiting, because %zu of %zu blocks are going offline",
				  c->going_offline, c->blocks.total);
	case SITUATION_ASTRAY:
		return plan_astray(c);
	case SITUATION_MISPLACED:
		return plan_misplaced(c);
	case SITUATION_REPLUG:
		return plan_replug(c);
	case SITUATION_OFFLINE:
		return plan_offline(c);
	case SITUATION_INCOMPLETE:
		return reason_set(reason,
				  "%zu of %zu blocks are not there: the kernel could not add them, "
				  "and its log says why",
				  c->blocks.total - c->blocks.present, c->blocks.total);
	case SITUATION_WRONG_MEMMAP:
		return plan_wrong_memmap(c);
	case SITUATION_ONLINE:
		return explain_online(c);
	}
	return 0;
}

/*
 * Why it is where it is, or will be. Where it is elsewhere than it should be, nothing but the knob
 * put it there, which has not changed since: it answers EBUSY while kmem is bound.
 */
static int explain_memmap(const struct candidate *c)
{
	struct memmap_decision *memmap = &c->plan->memmap;
	_cleanup_free_ char *decision = NULL;
	int r;

	r = memmap_explain(&c->memmap_case, &c->memmap, &decision);
	if (r < 0)
		return r;
	if (memmap->effective == c->memmap.effective)
		return reason_set(&memmap->reason, "%s", decision);
	return reason_set(&memmap->reason,
			  "%s, because kmem was bound with the knob at %s; wanted %s",
			  memmap->effective ? "on the device" : "in DRAM",
			  memmap_knob_to_string(c->device->knob), decision);
}

static bool is_bound_anew(const struct device_plan *plan)
{
	for (size_t i = 0; i < plan->n_steps; i++)
		if (plan->steps[i].kind == STEP_BIND_KMEM)
			return true;
	return false;
}

int system_ram_plan(struct candidate *c)
{
	enum situation situation = situation_of(c);
	struct memmap_decision *memmap = &c->plan->memmap;
	int r;

	/* While kmem stays bound, the memmap is where it is, whatever the knob should say. */
	memmap->wanted = c->memmap.wanted;
	memmap->effective = candidate_is_bound_to(c, "kmem")
				    ? memmap_is_on_device(&c->facts->host, c->device)
				    : c->memmap.effective;
	c->plan->state = state_in(situation);

	r = answer(c, situation);
	if (r < 0)
		return r;
	if (is_bound_anew(c->plan))
		memmap->effective = c->memmap.effective;
	return explain_memmap(c);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/steps.h"

#include <stdlib.h>

static enum online_policy policy_for(const struct candidate *c, enum bind_extent extent)
{
	if (extent == BIND_AND_LOOK_AGAIN)
		return ONLINE_POLICY_OFFLINE;
	return c->rule->zone == TARGET_ZONE_MOVABLE ? ONLINE_POLICY_ONLINE_MOVABLE
						    : ONLINE_POLICY_ONLINE_KERNEL;
}

/*
 * The policy is global, so it is held around the bind only; not at all where the kernel has none.
 * That it read as needed when the facts were gathered is no reason not to: it may be another
 * worker's hold, gone by the time of this bind, and the memory would go online in any zone.
 */
static int steps_bind_held(struct candidate *c, enum online_policy during)
{
	bool hold = c->facts->host.auto_online != ONLINE_POLICY_UNKNOWN;
	int r = 0;

	if (hold)
		r = device_plan_add_step(c->plan, STEP_HOLD_AUTO_ONLINE,
					 online_policy_to_string(during));
	if (r == 0)
		r = device_plan_add_step(c->plan, STEP_BIND_KMEM, NULL);
	if (r == 0 && hold)
		r = device_plan_add_step(c->plan, STEP_RESTORE_AUTO_ONLINE, NULL);
	return r;
}

/*
 * Also after a bind that brings everything online: where the kernel cannot be told to, or onlined
 * only a part, there is something left to do, and else nothing is written.
 */
int steps_online(struct candidate *c)
{
	bool bound = candidate_is_bound_to(c, "kmem");
	bool replug = c->blocks.present == 0; /* all of them, or the step fails */
	bool whole = !bound || replug || c->blocks.present == c->blocks.total;
	int r;

	r = device_plan_add_step(c->plan, STEP_ONLINE_BLOCKS,
				 online_policy_to_string(policy_for(c, BIND_AND_ONLINE)));
	if (r == 0 && whole)
		r = device_plan_add_step(c->plan, STEP_VERIFY,
					 c->rule->zone == TARGET_ZONE_MOVABLE ? "Movable"
									      : "kernel");
	return r;
}

/*
 * The attribute state (7.3) takes the memory of the whole device, or none of it. Where a part was
 * never added it is left to the blocks, of which each can be looked at.
 */
int steps_take_offline(const struct dax_device *device, struct device_plan *plan)
{
	struct block_counts blocks = dax_device_count_blocks(device);
	bool online = false;

	for (size_t i = 0; i < device->n_blocks; i++)
		online |= device->blocks[i].state == BLOCK_ONLINE ||
			  device->blocks[i].state == BLOCK_GOING_OFFLINE;
	if (!online)
		return 0;
	return device_plan_add_step(
		plan,
		device->state && blocks.present == blocks.total ? STEP_UNPLUG : STEP_OFFLINE_BLOCKS,
		NULL);
}

int steps_bind(struct candidate *c, enum bind_extent extent)
{
	int r = 0;

	if (!c->facts->host.kmem_loaded)
		r = device_plan_add_step(c->plan, STEP_LOAD_MODULE, "kmem");
	if (r == 0 && candidate_is_bound_to(c, "kmem"))
		r = steps_take_offline(c->device, c->plan);
	if (r == 0 && c->device->driver)
		r = device_plan_add_step(c->plan, STEP_UNBIND_DRIVER, c->device->driver);
	if (r == 0 && memmap_knob_differs(c->device, &c->memmap))
		r = device_plan_add_step(c->plan, STEP_SET_MEMMAP, c->memmap.wanted ? "1" : "0");
	if (r == 0)
		r = steps_bind_held(c, policy_for(c, extent));
	if (r == 0 && extent == BIND_AND_ONLINE)
		r = steps_online(c);
	return r;
}

void steps_drop(struct device_plan *plan)
{
	for (size_t i = 0; i < plan->n_steps; i++)
		free(plan->steps[i].value);
	free(plan->steps);
	plan->steps = NULL;
	plan->n_steps = 0;
}

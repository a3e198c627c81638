/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/situation.h"

#include <string.h>

#include "policy/distance.h"
#include "policy/saturate.h"

struct movable_guard situation_guard(const struct candidate *c)
{
	return (struct movable_guard){
		.movable = sat_add(facts_movable_total(c->facts), c->promises->movable),
		.kernel = sat_sub(sat_add(facts_kernel_total(c->facts), c->promises->kernel),
				  c->promises->leaving),
		.max_ratio = c->config->movable_max_ratio,
	};
}

/*
 * What is online already is not held back: the harm is done, and half a device helps nobody.
 * Otherwise it is all or nothing, with the whole usable size: blocks that carry their own memmap
 * give a little less.
 */
static bool over_ratio(const struct candidate *c)
{
	struct movable_guard guard = situation_guard(c);

	return c->rule->zone == TARGET_ZONE_MOVABLE && c->blocks.online == 0 &&
	       !movable_guard_allows(&guard, candidate_bytes_to_come(c));
}

/*
 * A node that loses its memory vanishes, and its distance with it. What was unbound from kmem
 * because the real distance made it devdax would now, by the forecast, be bound to kmem again, and
 * so on.
 */
static bool stays_devdax(const struct candidate *c)
{
	return c->history->rebinds > 0 && candidate_is_bound_to(c, "device_dax") &&
	       !distance_is_final(&c->device->distance) &&
	       distance_may_mean_devdax(&c->memmap_case);
}

static enum situation situation_unbound(const struct candidate *c)
{
	if (c->device->n_holders > 0)
		return SITUATION_HELD_OPEN;
	if (c->device->driver && !candidate_is_bound_to(c, "device_dax"))
		return SITUATION_FOREIGN_DRIVER;
	if (stays_devdax(c))
		return SITUATION_STAYS_DEVDAX;
	if (over_ratio(c))
		return SITUATION_OVER_RATIO;
	return SITUATION_READY;
}

bool situation_memmap_misplaced(const struct candidate *c)
{
	return memmap_is_on_device(&c->facts->host, c->device) != c->memmap.effective;
}

/* 7.3: bound, but its memory was taken away through its attribute. */
static bool is_unplugged(const struct candidate *c)
{
	return c->blocks.present == 0 && c->device->state &&
	       strcmp(c->device->state, "unplugged") == 0;
}

/*
 * Only with nothing online can the device be unbound without its memory being stuck until reboot,
 * and the knob answers EBUSY until it is unbound. Once only: should the answer change again, the
 * memory is worth more online than placed perfectly. With blocks missing, something else is wrong
 * that another bind would hide.
 */
static bool can_move_memmap(const struct candidate *c)
{
	return c->blocks.online == 0 && (c->blocks.present == c->blocks.total || is_unplugged(c)) &&
	       c->history->rebinds == 0 && memmap_knob_differs(c->device, &c->memmap);
}

static enum situation situation_bound(const struct candidate *c)
{
	const struct block_counts *blocks = &c->blocks;

	if (blocks->total == 0)
		return SITUATION_BLOCKS_UNKNOWN;
	if (blocks->present == 0 && !is_unplugged(c))
		return SITUATION_UNPLUGGED;
	if (c->going_offline > 0)
		return SITUATION_LEAVING;
	if (candidate_blocks_astray(c) > 0)
		return SITUATION_ASTRAY;
	if (over_ratio(c))
		return SITUATION_OVER_RATIO;
	if (situation_memmap_misplaced(c) && can_move_memmap(c))
		return SITUATION_MISPLACED;
	if (blocks->present == 0)
		return SITUATION_REPLUG;
	if (blocks->online < blocks->present)
		return SITUATION_OFFLINE;
	if (blocks->present < blocks->total)
		return SITUATION_INCOMPLETE;
	return situation_memmap_misplaced(c) ? SITUATION_WRONG_MEMMAP : SITUATION_ONLINE;
}

enum situation situation_of(const struct candidate *c)
{
	if (c->facts->host.block_size == 0)
		return SITUATION_NO_HOTPLUG;
	if (c->device->target_node < 0)
		return SITUATION_NO_TARGET_NODE;
	if (c->device->usable == 0)
		return SITUATION_NO_WHOLE_BLOCK;
	return candidate_is_bound_to(c, "kmem") ? situation_bound(c) : situation_unbound(c);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/region-window.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/format.h"
#include "policy/reason.h"

/* Where the kernel lets a region begin: alloc_hpa() in drivers/cxl/core/region.c */
#define REGION_ALIGN (UINT64_C(256) << 20)

static int take(struct window_space *space, const struct cxl_window *window, uint64_t start,
		uint64_t size)
{
	struct window_extent *taken;

	taken = reallocarray(space->taken, space->n + 1, sizeof(*taken));
	if (!taken)
		return -ENOMEM;
	space->taken = taken;
	/* An end that wraps around, as only a captured host has it, would be met for ever. */
	if (size > UINT64_MAX - start)
		size = UINT64_MAX - start;
	taken[space->n++] = (struct window_extent){window, start, size};
	return 0;
}

void window_space_done(struct window_space *space)
{
	free(space->taken);
	*space = (struct window_space){};
}

int window_space_init(struct window_space *space, const struct facts *facts)
{
	int r = 0;

	*space = (struct window_space){.facts = facts};
	for (size_t i = 0; r == 0 && i < facts->cxl.n_regions; i++) {
		const struct cxl_region *region = &facts->cxl.regions[i];

		if (region->has_start && region->size > 0)
			r = take(space, cxl_find_window(&facts->cxl, region->window), region->start,
				 region->size);
	}
	if (r < 0)
		window_space_done(space);
	return r;
}

/* The free piece that begins at or behind start, without its unaligned head; false: none is left.
 */
static bool next_piece(const struct window_space *space, const struct cxl_window *window,
		       uint64_t *start, uint64_t *ret_end)
{
	uint64_t at = *start;
	uint64_t end = window->size > UINT64_MAX - window->start ? UINT64_MAX
								 : window->start + window->size;
	bool moved = true;

	while (moved) {
		if (at > UINT64_MAX - REGION_ALIGN)
			return false;
		at = (at + REGION_ALIGN - 1) / REGION_ALIGN * REGION_ALIGN;
		moved = false;
		for (size_t i = 0; i < space->n; i++)
			if (space->taken[i].window == window && space->taken[i].start <= at &&
			    at - space->taken[i].start < space->taken[i].size) {
				at = space->taken[i].start + space->taken[i].size;
				moved = true;
			}
	}
	if (at >= end)
		return false;
	for (size_t i = 0; i < space->n; i++)
		if (space->taken[i].window == window && space->taken[i].start > at &&
		    space->taken[i].start < end)
			end = space->taken[i].start;
	*start = at;
	*ret_end = end;
	return true;
}

struct room {
	uint64_t largest;
	uint64_t smallest_fit; /* UINT64_MAX: nothing is large enough */
	uint64_t first_fit;    /* where the kernel would put it */
};

static struct room measure(const struct window_space *space, const struct cxl_window *window,
			   uint64_t size)
{
	struct room room = {.smallest_fit = UINT64_MAX};
	uint64_t at = window->start, end;

	for (; next_piece(space, window, &at, &end); at = end) {
		uint64_t piece = end - at;

		if (piece > room.largest)
			room.largest = piece;
		if (piece < size)
			continue;
		if (room.smallest_fit == UINT64_MAX)
			room.first_fit = at;
		if (piece < room.smallest_fit)
			room.smallest_fit = piece;
	}
	return room;
}

static bool is_power_of_2(uint64_t n)
{
	return n > 0 && (n & (n - 1)) == 0;
}

/* Positions go round the window's targets. */
static const struct cxl_memdev *find_unreached(const struct cxl_window *window,
					       const struct gather_group *group)
{
	for (size_t i = 0; i < group->n; i++) {
		const char *bridge = window->bridges.items[i % window->bridges.n];

		if (!group->memdevs[i]->bridge || strcmp(group->memdevs[i]->bridge, bridge) != 0)
			return group->memdevs[i];
	}
	return NULL;
}

/* With several host bridges the region's granularity has to be the window's. */
static unsigned granularity_in(const struct config *config, const struct cxl_window *window)
{
	return config->interleave_granularity ? (unsigned)config->interleave_granularity
					      : window->granularity;
}

/* What a window is like, whatever is free in it. */
static int explain_kind(const struct cxl_window *window, char **reason)
{
	if (window->incomplete || window->ways == 0)
		return reason_set(reason, "%s could not be read", window->name);
	if (!window->cap_ram)
		return reason_set(reason, "%s takes no volatile memory", window->name);
	if (!window->can_create)
		return reason_set(reason,
				  "the kernel makes no volatile regions in %s (Linux 6.3 does)",
				  window->name);
	if (window->locked)
		return reason_set(reason, "%s is locked by firmware", window->name);
	return 0;
}

/* Why the group cannot go into a window that has room. */
static int explain_way(const struct cxl_window *window, const struct config *config,
		       const struct gather_group *group, char **reason)
{
	const struct cxl_memdev *unreached;

	unreached = find_unreached(window, group);
	if (unreached && window->ways == 1)
		return reason_set(reason, "%s does not lead to the host bridge of %s", window->name,
				  unreached->name);
	if (group->n % window->ways || !is_power_of_2(group->n / window->ways))
		return reason_set(reason,
				  "%s interleaves over %u host bridge%s, and %zu is no power-of-2 "
				  "multiple of that",
				  window->name, window->ways, window->ways == 1 ? "" : "s",
				  group->n);
	if (unreached)
		return reason_set(reason,
				  "%s interleaves over %u host bridges, not all of which lead to "
				  "%s",
				  window->name, window->ways, unreached->name);
	if (window->ways > 1 && granularity_in(config, window) != window->granularity)
		return reason_set(reason, "%s interleaves at %u bytes, and not at %u", window->name,
				  window->granularity, granularity_in(config, window));
	return 0;
}

static bool has_target(const struct cxl_region *region)
{
	for (size_t i = 0; i < region->targets.n; i++)
		if (region->targets.items[i][0] != '\0')
			return true;
	return false;
}

/*
 * What is left of a region whose devices were pulled keeps its addresses. Somebody who is putting a
 * region together has one that looks the same for a moment, so it is only named.
 */
static int add_leftovers(const struct facts *facts, const struct cxl_window *window, char **reason)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < facts->cxl.n_regions; i++) {
		const struct cxl_region *region = &facts->cxl.regions[i];
		const struct dax_device *left;
		char size[FORMAT_SIZE_MAX];

		if (strcmp(region->window, window->name) != 0 || !region->has_start ||
		    region->committed || has_target(region))
			continue;
		r = reason_add(reason, " (%s, which has no targets, holds %s: ", region->name,
			       format_size(region->size, size));
		if (r < 0)
			return r;
		left = facts_find_memory(facts, region->start, region->size, NULL);
		if (left)
			r = reason_add(reason,
				       "memory of %s is still there, and only a boot frees it)",
				       left->name);
		else
			r = reason_add(reason,
				       "if nobody is at work on it, write its name to "
				       "/sys/bus/cxl/devices/%s/delete_region)",
				       window->name);
	}
	return r;
}

/*
 * The kernel takes the first piece that will do. It does not ask whether memory of a device that
 * was pulled is still in use there: that would get other capacity under it.
 */
static int explain_left(const struct facts *facts, const struct cxl_window *window,
			const struct room *room, uint64_t size, char **reason)
{
	const struct dax_device *left = facts_find_memory(facts, room->first_fit, size, NULL);

	if (!left)
		return 0;
	return reason_set(reason,
			  "%s would give it addresses where memory of %s is still there, and only "
			  "a boot frees them",
			  window->name, left->name);
}

static int explain_room(const struct facts *facts, const struct cxl_window *window,
			const struct room *room, uint64_t size, char **reason)
{
	char largest[FORMAT_SIZE_MAX], all[FORMAT_SIZE_MAX], needed[FORMAT_SIZE_MAX];
	int r;

	if (room->smallest_fit != UINT64_MAX)
		return explain_left(facts, window, room, size, reason);
	r = reason_set(reason, "%s has %s of its %s free in one piece, and %s are needed",
		       window->name, format_size(room->largest, largest),
		       format_size(window->size, all), format_size(size, needed));
	return r < 0 ? r : add_leftovers(facts, window, reason);
}

/* *reason, which is NULL, stays so when the window will do. */
static int explain(const struct facts *facts, const struct cxl_window *window,
		   const struct config *config, const struct gather_group *group,
		   const struct room *room, uint64_t size, char **reason)
{
	int r;

	r = explain_kind(window, reason);
	if (r == 0 && !*reason)
		r = explain_way(window, config, group, reason);
	if (r == 0 && !*reason)
		r = explain_room(facts, window, room, size, reason);
	return r;
}

static bool is_of_class(const struct cxl_window *window, const struct gather_group *group)
{
	return window->qos_class >= 0 && window->qos_class == group->memdevs[0]->ram_qos_class;
}

/* Whether a is the better one of two that will do; a comes later by name. */
static bool is_better(const struct cxl_window *a, const struct room *a_room,
		      const struct cxl_window *b, const struct room *b_room,
		      const struct gather_group *group)
{
	if (is_of_class(a, group) != is_of_class(b, group))
		return is_of_class(a, group);
	return a_room->smallest_fit < b_room->smallest_fit;
}

int window_choose(struct window_space *space, const struct config *config,
		  const struct gather_group *group, struct window_choice *ret)
{
	const struct cxl_facts *cxl = &space->facts->cxl;
	struct window_choice choice = {.size = gather_share(group->memdevs[0]) * group->n};
	_cleanup_free_ char *reason = NULL;
	struct room best = {};
	int r = 0;

	for (size_t i = 0; i < cxl->n_windows; i++) {
		const struct cxl_window *window = &cxl->windows[i];
		struct room room = measure(space, window, choice.size);
		_cleanup_free_ char *own = NULL;

		r = explain(space->facts, window, config, group, &room, choice.size, &own);
		if (r == 0 && own)
			r = reason_add(&reason, "%s%s", reason ? "; " : "", own);
		if (r < 0)
			return r;
		if (own ||
		    (choice.window && !is_better(window, &room, choice.window, &best, group)))
			continue;
		choice.window = window;
		best = room;
	}
	if (choice.window) {
		choice.granularity = granularity_in(config, choice.window);
		r = take(space, choice.window, best.first_fit, choice.size);
		if (r < 0)
			return r;
	} else if (!reason) {
		r = reason_set(&reason, "firmware describes no window for CXL memory");
		if (r < 0)
			return r;
	}
	if (!choice.window)
		choice.reason = TAKE_PTR(reason);
	*ret = choice;
	return 0;
}

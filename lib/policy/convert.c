/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/convert.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/errno-util.h"
#include "policy/movable.h"
#include "policy/reason.h"
#include "policy/saturate.h"
#include "policy/situation.h"

const char *convert_leave(const struct candidate *c)
{
	if (c->history->request == REQUEST_FORCE)
		return "as an operator forces it";
	return c->config->convert == CONVERT_ALWAYS ? "as convert = always says"
						    : "as convert = hot-added says";
}

/*
 * Offlining disturbs whoever uses the memory, and what has kept it from succeeding is seldom gone
 * by itself: once is enough, until somebody acts.
 */
static bool was_tried(const struct candidate *c)
{
	const struct device_history *history = c->history;

	if (history->failures == 0 || history->request == REQUEST_FORCE ||
	    history->request == REQUEST_APPLY ||
	    (history->step != STEP_OFFLINE_BLOCKS && history->step != STEP_UNPLUG))
		return false;
	/* These say nothing of the memory: it was another device's turn, or a matter of moments. */
	return history->error != -EAGAIN && history->error != -EINTR &&
	       history->error != -ECANCELED && errno_classify(history->error) != ERRNO_CLASS_GONE;
}

static int explain_tried(const struct candidate *c, char **ret)
{
	int r;

	r = reason_set(ret, "left alone, because taking it offline has failed (");
	if (r == 0)
		r = reason_add(ret, "%s", c->history->message ?: errno_name(c->history->error));
	return r < 0 ? r
		     : reason_add(ret, "), and is not tried again until it is applied or the "
				       "configuration is reloaded");
}

/* Which the kernel refuses (test_pages_in_a_zone() and its successors in mm/memory_hotplug.c). */
static const struct memory_block *find_spanning(const struct candidate *c)
{
	for (size_t i = 0; i < c->device->n_blocks; i++)
		if (c->device->blocks[i].state == BLOCK_ONLINE &&
		    c->device->blocks[i].zone == ZONE_NONE)
			return &c->device->blocks[i];
	return NULL;
}

/* The guard as it would find the host with this device converted. */
static int guard_obstacle(const struct candidate *c, char **ret)
{
	uint64_t more = candidate_bytes_to_convert(c);
	struct movable_guard guard = situation_guard(c);
	_cleanup_free_ char *text = NULL;
	int r;

	if (c->rule->zone != TARGET_ZONE_MOVABLE)
		return 0;
	guard.kernel = sat_sub(guard.kernel, candidate_kernel_bytes(c));
	if (movable_guard_allows(&guard, more))
		return 0;
	r = movable_guard_explain(&guard, more, &text);
	return r < 0 ? r : reason_set(ret, "left alone: %s", text);
}

static int rebind_obstacle(const struct candidate *c, enum convert_goal goal, char **ret)
{
	if (c->blocks.present < c->blocks.total)
		return reason_set(ret, "left alone, because not all of its blocks are there, and "
				       "another bind would hide what is wrong");
	if (goal == CONVERT_MEMMAP && c->history->rebinds > 0 &&
	    c->history->request != REQUEST_FORCE)
		return reason_set(ret, "left alone, because it was bound anew once already");
	return 0;
}

bool convert_is_placed(const struct candidate *c, enum convert_goal goal)
{
	const struct device_history *history = c->history;

	if (history->placed_by == 0 || history->request == REQUEST_FORCE)
		return false;
	/* By the same rule its zone is changed back, if somebody else has changed that. */
	return goal == CONVERT_MEMMAP || history->placed_by != c->plan->rank + 1;
}

int convert_obstacle(const struct candidate *c, enum convert_goal goal, char **ret)
{
	_cleanup_free_ char *obstacle = NULL;
	const struct memory_block *spanning = find_spanning(c);
	int r = 0;

	if (!candidate_may_convert(c))
		r = reason_set(&obstacle, "%s", candidate_left_alone(c));
	else if (convert_is_placed(c, goal))
		r = reason_set(&obstacle,
			       "left alone, because it was as this configuration wanted it, and "
			       "only a figure that this rests on has changed since; apply it with "
			       "--force, or reload, to convert it");
	else if (was_tried(c))
		r = explain_tried(c, &obstacle);
	else if (spanning)
		r = reason_set(&obstacle,
			       "left alone, because memory%llu is in more than one zone, and the "
			       "kernel takes no such block offline",
			       (unsigned long long)spanning->number);
	else if (goal != CONVERT_ZONE)
		r = rebind_obstacle(c, goal, &obstacle);
	if (r == 0 && !obstacle && goal != CONVERT_DEVDAX)
		r = guard_obstacle(c, &obstacle);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(obstacle);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/correction.h"

#include <string.h>

#include "base/cleanup.h"
#include "policy/reason.h"
#include "policy/steps.h"

#define USEC_PER_SECOND UINT64_C(1000000)
#define USEC_PER_MINUTE (60 * USEC_PER_SECOND)

/* A plan with steps that puts right what somebody else has changed. */
static bool is_correction(const struct device_plan *plan, const struct device_history *history)
{
	return plan->n_steps > 0 && plan->purpose == PLAN_CONFIGURE &&
	       history->request == REQUEST_NONE && history->settled;
}

static unsigned count_recent(const struct device_history *history, uint64_t now_usec)
{
	unsigned n = 0;

	for (size_t i = 0; i < CORRECTIONS_MAX; i++)
		if (history->corrected_usec[i] > 0 &&
		    now_usec - history->corrected_usec[i] < CORRECTION_WINDOW_USEC)
			n++;
	return n;
}

void correction_note(const struct device_plan *plan, struct device_history *history,
		     uint64_t now_usec)
{
	if (!is_correction(plan, history) || history->correcting)
		return;
	memmove(&history->corrected_usec[1], &history->corrected_usec[0],
		(CORRECTIONS_MAX - 1) * sizeof(history->corrected_usec[0]));
	history->corrected_usec[0] = now_usec;
	history->correcting = true;
	history->contested |= count_recent(history, now_usec) >= CORRECTIONS_MAX;
}

void correction_lost(struct device_history *history, uint64_t now_usec)
{
	history->correcting = false;
	history->touched_usec = now_usec;
}

void correction_look(const struct device_plan *plan, struct device_history *history)
{
	if (plan->n_steps > 0)
		return;
	switch (plan->state) {
	case DEVICE_ONLINE:
	case DEVICE_DEVDAX:
		history->settled = true;
		history->placed_by = plan->rank + 1;
		break;
	case DEVICE_UNMANAGED:
	case DEVICE_PARTIAL:
	case DEVICE_MISMATCH:
	case DEVICE_HELD_BACK:
	case DEVICE_RELEASED:
	case DEVICE_STUCK:
		break;
	case DEVICE_PENDING: /* these are gone on with later */
	case DEVICE_APPLYING:
	case DEVICE_RELEASING:
	case DEVICE_FAILED:
	case DEVICE_STATE_MAX:
		return;
	}
	history->correcting = false;
}

static int explain_competitors(char **reason, const struct strv *competitors)
{
	int r = 0;

	if (competitors->n == 0)
		return reason_add(reason, "daxctl, a udev rule or a person");
	for (size_t i = 0; r == 0 && i < competitors->n; i++)
		r = reason_add(reason, "%s%s", i > 0 ? ", " : "", competitors->items[i]);
	return r;
}

static bool same_driver(const struct dax_device *a, const struct dax_device *b)
{
	return a->driver && b->driver ? strcmp(a->driver, b->driver) == 0 : a->driver == b->driver;
}

static bool is_as_before(const struct dax_device *before, const struct dax_device *now)
{
	if (before->n_blocks != now->n_blocks || !same_driver(before, now))
		return false;
	for (size_t i = 0; i < now->n_blocks; i++)
		if (before->blocks[i].state != now->blocks[i].state ||
		    before->blocks[i].zone != now->blocks[i].zone)
			return false;
	return true;
}

void correction_see(const struct facts *before, const struct facts *now, struct history *history,
		    uint64_t now_usec)
{
	for (size_t i = 0; before && now && i < history->n_devices; i++) {
		struct device_history *entry = &history->devices[i];
		const struct dax_device *device = facts_find_device(now, entry->name);
		const struct dax_device *was = facts_find_device(before, entry->name);

		if (entry->settled && device && was && !is_as_before(was, device))
			entry->touched_usec = now_usec;
	}
}

static bool is_touched(const struct device_history *history, uint64_t now_usec)
{
	return history->touched_usec > 0 &&
	       now_usec < history->touched_usec + CORRECTION_QUIET_USEC;
}

uint64_t correction_next_usec(const struct history *history, uint64_t now_usec)
{
	uint64_t next = UINT64_MAX;

	for (size_t i = 0; i < history->n_devices; i++) {
		const struct device_history *entry = &history->devices[i];

		if (entry->settled && is_touched(entry, now_usec) &&
		    entry->touched_usec + CORRECTION_QUIET_USEC < next)
			next = entry->touched_usec + CORRECTION_QUIET_USEC;
	}
	return next;
}

static int explain_quiet(const struct device_plan *plan, char **reason)
{
	return reason_set(reason,
			  "%s; somebody else is changing it, and it is put right when nothing has "
			  "changed for %llu s",
			  plan->reason,
			  (unsigned long long)(CORRECTION_QUIET_USEC / USEC_PER_SECOND));
}

static int explain_contest(const struct candidate *c, char **reason)
{
	int r;

	r = reason_set(reason,
		       "somebody else changed it %d times within %llu min, and was corrected each "
		       "time; left alone now, until it is applied or the configuration is "
		       "reloaded; what may compete: ",
		       CORRECTIONS_MAX,
		       (unsigned long long)(CORRECTION_WINDOW_USEC / USEC_PER_MINUTE));
	if (r == 0)
		r = explain_competitors(reason, &c->facts->host.competitors);
	return r < 0 ? r : reason_add(reason, " (%s)", c->plan->reason);
}

int correction_hold(const struct candidate *c, uint64_t now_usec)
{
	struct device_plan *plan = c->plan;
	_cleanup_free_ char *reason = NULL;
	int r;

	/* One that has begun is ended, though it may take another plan. */
	if (c->history->correcting || !is_correction(plan, c->history))
		return 0;
	if (!c->history->contested && !is_touched(c->history, now_usec))
		return 0;
	r = c->history->contested ? explain_contest(c, &reason) : explain_quiet(plan, &reason);
	if (r < 0)
		return r;
	free(plan->reason);
	plan->reason = TAKE_PTR(reason);
	plan->state = DEVICE_MISMATCH;
	steps_drop(plan);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/correction.h"

#include "base/cleanup.h"
#include "policy/reason.h"
#include "policy/steps.h"

#define USEC_PER_MINUTE UINT64_C(60000000)

bool correction_is(const struct device_plan *plan, const struct device_history *history)
{
	return plan->n_steps > 0 && plan->purpose == PLAN_CONFIGURE &&
	       history->request == REQUEST_NONE && history->settled;
}

unsigned corrections_recent(const struct device_history *history, uint64_t now_usec)
{
	unsigned n = 0;

	for (size_t i = 0; i < CORRECTIONS_MAX; i++)
		if (history->corrected_usec[i] > 0 &&
		    now_usec - history->corrected_usec[i] < CORRECTION_WINDOW_USEC)
			n++;
	return n;
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

int correction_hold(const struct candidate *c, uint64_t now_usec)
{
	struct device_plan *plan = c->plan;
	_cleanup_free_ char *reason = NULL;
	int r;

	if (!correction_is(plan, c->history) ||
	    corrections_recent(c->history, now_usec) < CORRECTIONS_MAX)
		return 0;
	r = reason_set(&reason,
		       "somebody else changed it %d times within %llu min, and was corrected each "
		       "time; left alone now, until it is applied or the configuration is "
		       "reloaded; what may compete: ",
		       CORRECTIONS_MAX,
		       (unsigned long long)(CORRECTION_WINDOW_USEC / USEC_PER_MINUTE));
	if (r == 0)
		r = explain_competitors(&reason, &c->facts->host.competitors);
	if (r == 0)
		r = reason_add(&reason, " (%s)", plan->reason);
	if (r < 0)
		return r;
	free(plan->reason);
	plan->reason = TAKE_PTR(reason);
	plan->state = DEVICE_MISMATCH;
	steps_drop(plan);
	return 0;
}

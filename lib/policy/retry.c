/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/retry.h"

#include "base/cleanup.h"
#include "base/errno-util.h"
#include "policy/reason.h"
#include "policy/steps.h"

#define USEC_PER_SEC 1000000ULL

bool retry_is_due_or_timed(const struct device_history *history)
{
	return history->failures == 0 || history->retry_at_usec != UINT64_MAX;
}

static int explain_when(char **reason, uint64_t wait_usec)
{
	uint64_t seconds = wait_usec / USEC_PER_SEC + (wait_usec % USEC_PER_SEC != 0);

	if (seconds < 120)
		return reason_add(reason, "retrying in %llu s", (unsigned long long)seconds);
	return reason_add(reason, "retrying in %llu min", (unsigned long long)seconds / 60);
}

static int explain_failure(char **reason, const struct device_history *history)
{
	if (history->message)
		return reason_add(reason, "%s", history->message);
	return reason_add(reason, "%s failed: %s", step_kind_to_string(history->step),
			  errno_name(history->error));
}

int retry_hold(struct device_plan *plan, const struct device_history *history, uint64_t now_usec)
{
	_cleanup_free_ char *reason = NULL;
	int r;

	if (plan->n_steps == 0 || history->failures == 0 || now_usec >= history->retry_at_usec)
		return 0;

	r = explain_failure(&reason, history);
	if (r == 0)
		r = reason_add(&reason, "; ");
	if (r == 0 && history->retry_at_usec == UINT64_MAX)
		r = reason_add(&reason, "not retried until something changes");
	else if (r == 0)
		r = explain_when(&reason, history->retry_at_usec - now_usec);
	if (r == 0)
		r = reason_add(&reason, " (%s)", plan->reason);
	if (r < 0)
		return r;

	free(plan->reason);
	plan->reason = TAKE_PTR(reason);
	plan->state = DEVICE_FAILED;
	steps_drop(plan);
	return 0;
}

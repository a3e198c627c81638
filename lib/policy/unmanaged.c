/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cleanup.h"
#include "policy/candidate.h"
#include "policy/policy.h"
#include "policy/reason.h"

/*
 * While the daemon holds drivers_autoprobe at 0 the kernel gives a new device no driver. What no
 * rule manages is given the one it would have got, once: whoever unbinds it later means it, and so
 * does whoever unbound what was there before the daemon.
 */
static bool is_kept_from_its_driver(const struct candidate *c)
{
	return !c->device->driver && dax_device_knows(c->device, DEVICE_FACT_DRIVER) &&
	       c->history->unprobed && !c->history->handed_over;
}

static int explain_no_rule(const struct candidate *c, char **why)
{
	const struct rule *sparing = policy_find_sparing(c->config, c->device);

	if (!sparing)
		return reason_set(why, "no rule matches");
	if (c->device->kind == DAX_KIND_PMEM)
		return reason_set(why,
				  "no rule matches (rule \"%s\" would, but takes pmem only when "
				  "match-kind names it)",
				  sparing->name);
	return reason_set(why,
			  "no rule matches (rule \"%s\" would, but a device of unknown kind, which "
			  "may hold data, is never made system RAM)",
			  sparing->name);
}

int unmanaged_plan(struct candidate *c)
{
	struct device_plan *plan = c->plan;
	_cleanup_free_ char *why = NULL;
	int r;

	if (c->rule)
		r = reason_set(&why, "rule \"%s\" says mode = ignore", c->rule->name);
	else
		r = explain_no_rule(c, &why);
	if (r < 0)
		return r;

	if (is_kept_from_its_driver(c)) {
		plan->state = DEVICE_PENDING;
		r = reason_set(
			&plan->reason,
			"%s; to be handed to its default driver, since the bus did not probe it "
			"while daxtierd held drivers_autoprobe at 0",
			why);
		return r < 0 ? r : device_plan_add_step(plan, STEP_PROBE_DEFAULT, NULL);
	}

	plan->state = DEVICE_UNMANAGED;
	if (c->device->driver)
		return reason_set(&plan->reason, "%s; left to driver %s", why, c->device->driver);
	return reason_set(&plan->reason, "%s; left without a driver", why);
}

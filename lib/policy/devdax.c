/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cleanup.h"
#include "policy/candidate.h"
#include "policy/convert.h"
#include "policy/reason.h"
#include "policy/steps.h"

static int steps_bind_devdax(struct candidate *c)
{
	int r = 0;

	if (!c->facts->host.device_dax_loaded)
		r = device_plan_add_step(c->plan, STEP_LOAD_MODULE, "device_dax");
	if (r == 0 && candidate_is_bound_to(c, "kmem"))
		r = steps_take_offline(c->device, c->plan);
	if (r == 0 && c->device->driver)
		r = device_plan_add_step(c->plan, STEP_UNBIND_DRIVER, c->device->driver);
	return r < 0 ? r : device_plan_add_step(c->plan, STEP_BIND_DEVDAX, NULL);
}

/* Memory that is online is in use, so it is had back by leave only. */
static int plan_from_online(struct candidate *c)
{
	struct device_plan *plan = c->plan;
	_cleanup_free_ char *obstacle = NULL;
	int r;

	r = convert_obstacle(c, CONVERT_DEVDAX, &obstacle);
	if (r == 0)
		r = reason_set(&plan->reason,
			       "%zu of %zu blocks are online as system RAM, but rule \"%s\" says "
			       "mode = devdax; ",
			       c->blocks.online, c->blocks.total, c->rule->name);
	if (r < 0)
		return r;
	plan->state = obstacle ? DEVICE_MISMATCH : DEVICE_PENDING;
	if (obstacle)
		return reason_add(&plan->reason, "%s", obstacle);
	r = reason_add(&plan->reason, "taken offline, and from kmem, %s", convert_leave(c));
	return r < 0 ? r : steps_bind_devdax(c);
}

/* A device that is system RAM. */
static int plan_from_kmem(struct candidate *c)
{
	struct device_plan *plan = c->plan;
	int r;

	if (c->blocks.total == 0) {
		plan->state = DEVICE_MISMATCH;
		return reason_set(&plan->reason,
				  "bound to kmem, but rule \"%s\" says mode = devdax; left alone, "
				  "because whether its memory is online cannot be seen",
				  c->rule->name);
	}
	if (c->going_offline > 0) {
		plan->state = DEVICE_PENDING;
		return reason_set(&plan->reason,
				  "waiting, because %zu of %zu blocks are going offline",
				  c->going_offline, c->blocks.total);
	}
	if (c->blocks.online > 0)
		return plan_from_online(c);

	plan->state = DEVICE_PENDING;
	r = reason_set(&plan->reason,
		       "rule \"%s\" makes it a devdax device; none of its memory is online, so it "
		       "is taken from kmem",
		       c->rule->name);
	return r < 0 ? r : steps_bind_devdax(c);
}

static int plan_from_unbound(struct candidate *c)
{
	int r;

	c->plan->state = DEVICE_PENDING;
	r = reason_set(&c->plan->reason, "rule \"%s\" makes it a devdax device", c->rule->name);
	return r < 0 ? r : steps_bind_devdax(c);
}

int devdax_plan(struct candidate *c)
{
	struct device_plan *plan = c->plan;
	int r;

	plan->memmap.effective =
		candidate_is_bound_to(c, "kmem") && memmap_is_on_device(&c->facts->host, c->device);
	r = reason_set(&plan->memmap.reason, "not decided: rule \"%s\" says mode = devdax",
		       c->rule->name);
	if (r < 0)
		return r;

	if (!c->device->driver)
		return plan_from_unbound(c);
	if (candidate_is_bound_to(c, "kmem"))
		return plan_from_kmem(c);
	if (candidate_is_bound_to(c, "device_dax")) {
		plan->state = DEVICE_DEVDAX;
		return reason_set(&plan->reason, "bound to device_dax, as rule \"%s\" says",
				  c->rule->name);
	}
	plan->state = DEVICE_FAILED;
	return reason_set(
		&plan->reason,
		"bound to driver %s, and whether that is in use cannot be seen; unbind it "
		"to let rule \"%s\" act",
		c->device->driver, c->rule->name);
}

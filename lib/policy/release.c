/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/release.h"

#include <string.h>

#include "base/cleanup.h"
#include "policy/reason.h"
#include "policy/region.h"
#include "policy/steps.h"

static bool is_asked_for(const struct candidate *c)
{
	return c->history->request == REQUEST_RELEASE || c->history->request == REQUEST_EJECT;
}

bool release_is(const struct candidate *c)
{
	switch (c->history->request) {
	case REQUEST_RELEASE:
	case REQUEST_EJECT:
		return true;
	case REQUEST_APPLY:
	case REQUEST_FORCE:
		return false; /* they end a release */
	case REQUEST_NONE:
	case REQUEST_MAX:
		break;
	}
	return c->history->released && !stuck_is(c);
}

static int add_from_kmem(const struct dax_device *device, struct device_plan *plan, char **obstacle)
{
	struct block_counts blocks = dax_device_count_blocks(device);
	int r;

	if (blocks.total == 0 || !dax_device_knows(device, DEVICE_FACT_RANGES))
		return reason_set(obstacle, "whether its memory is online cannot be seen, and it "
					    "would be stuck if it is");
	r = steps_take_offline(device, plan);
	return r < 0 ? r : device_plan_add_step(plan, STEP_UNBIND_DRIVER, "kmem");
}

static int add_from_devdax(const struct dax_device *device, bool eject, struct device_plan *plan,
			   char **obstacle)
{
	if (!eject)
		return reason_set(obstacle, "it is bound to device_dax, so none of it is system "
					    "RAM and there is nothing to release");
	if (device->n_holders > 0)
		return reason_set(obstacle, "%s by %d (%s)%s; stop that first",
				  device->holders[0].mapped ? "mapped" : "held open",
				  (int)device->holders[0].pid, device->holders[0].comm ?: "?",
				  device->n_holders > 1 ? " and others" : "");
	return device_plan_add_step(plan, STEP_UNBIND_DRIVER, "device_dax");
}

/*
 * The decoders of a region must not be switched off under memory that the kernel uses. What kmem
 * has is taken offline first; what else is there was left behind, and what cannot be seen may be.
 */
static int find_left_behind(const struct dax_device *device, char **obstacle)
{
	struct block_counts blocks = dax_device_count_blocks(device);

	if (!dax_device_knows(device, DEVICE_FACT_RANGES) ||
	    (blocks.total == 0 && (device->usable > 0 || device->n_ranges == 0)))
		return reason_set(obstacle, "whether memory of it is still there cannot be seen, "
					    "and its region must not go from under that");
	if (blocks.present > 0 && !(device->driver && strcmp(device->driver, "kmem") == 0))
		return reason_set(obstacle,
				  "%zu of its %zu memory blocks are still there without kmem, "
				  "which is for good until the next boot",
				  blocks.present, blocks.total);
	return 0;
}

/* From its driver. */
static int add_unbind(const struct dax_device *device, bool eject, struct device_plan *plan,
		      char **obstacle)
{
	struct block_counts blocks = dax_device_count_blocks(device);

	if (device->gone)
		return reason_set(obstacle, "it has left with its memory online, which stays until "
					    "the next boot");
	if (!dax_device_knows(device, DEVICE_FACT_DRIVER))
		return reason_set(obstacle, "its driver could not be read");
	if (!device->driver && blocks.online > 0)
		return reason_set(obstacle, "it was unbound from kmem with its memory online, "
					    "which stays until the next boot");
	if (!device->driver)
		return eject ? 0
			     : reason_set(obstacle, "it is bound to no driver, so there is nothing "
						    "to release");
	if (strcmp(device->driver, "kmem") == 0)
		return add_from_kmem(device, plan, obstacle);
	if (strcmp(device->driver, "device_dax") == 0)
		return add_from_devdax(device, eject, plan, obstacle);
	return reason_set(obstacle,
			  "it is bound to driver %s, and whether that is in use cannot be seen; "
			  "unbind it by hand",
			  device->driver);
}

int release_steps(const struct facts *facts, const struct dax_device *device, bool eject,
		  struct device_plan *plan, char **ret_obstacle)
{
	_cleanup_free_ char *obstacle = NULL;
	int r;

	r = add_unbind(device, eject, plan, &obstacle);
	if (r == 0 && eject && !obstacle)
		r = find_left_behind(device, &obstacle);
	if (r == 0 && eject && !obstacle)
		r = region_teardown_steps(facts, device, plan, &obstacle);
	if (r < 0)
		return r;
	if (obstacle)
		steps_drop(plan);
	*ret_obstacle = TAKE_PTR(obstacle);
	return 0;
}

static int explain_steps(const struct candidate *c)
{
	struct device_plan *plan = c->plan;
	int r;

	r = reason_set(&plan->reason, "given up, as an operator asked for: ");
	if (r == 0 && c->blocks.online > 0)
		r = reason_add(&plan->reason, "%zu of %zu blocks are taken offline, then ",
			       c->blocks.online, c->blocks.total);
	if (r == 0 && c->device->driver)
		r = reason_add(&plan->reason, "it is unbound from %s", c->device->driver);
	if (r == 0 && plan->region.name)
		r = reason_add(&plan->reason, "%s%s is taken apart",
			       c->device->driver ? ", and " : "", plan->region.name);
	return r;
}

static int plan_request(struct candidate *c)
{
	_cleanup_free_ char *obstacle = NULL;
	struct device_plan *plan = c->plan;
	int r;

	plan->purpose = PLAN_RELEASE;
	plan->deadline_usec = c->history->deadline_usec;
	r = release_steps(c->facts, c->device, c->history->request == REQUEST_EJECT, plan,
			  &obstacle);
	if (r < 0)
		return r;
	if (obstacle) {
		plan->state = DEVICE_FAILED;
		return reason_set(&plan->reason, "%s cannot be %s: %s", c->device->name,
				  c->history->request == REQUEST_EJECT ? "ejected" : "released",
				  obstacle);
	}
	plan->state = DEVICE_PENDING;
	return explain_steps(c);
}

static int plan_released(struct candidate *c)
{
	struct device_plan *plan = c->plan;

	plan->state = DEVICE_RELEASED;
	if (!dax_device_knows(c->device, DEVICE_FACT_DRIVER))
		return reason_set(&plan->reason, "released as an operator asked for; whether it "
						 "is still without a driver could not be read");
	if (!c->device->driver)
		return reason_set(&plan->reason,
				  "released as an operator asked for; it stays so until it is "
				  "applied, a reload changes its rule, or it is plugged in anew");
	plan->state = DEVICE_MISMATCH;
	return reason_set(&plan->reason,
			  "released as an operator asked for, but somebody else has bound it to "
			  "%s since; left alone, apply it or release it again",
			  c->device->driver);
}

int release_plan(struct candidate *c)
{
	struct memmap_decision *memmap = &c->plan->memmap;
	int r;

	r = is_asked_for(c) ? plan_request(c) : plan_released(c);
	if (r < 0)
		return r;
	memmap->effective = c->plan->managed && candidate_is_bound_to(c, "kmem") &&
			    memmap_is_on_device(&c->facts->host, c->device);
	return reason_set(&memmap->reason, "not decided: an operator has it given up");
}

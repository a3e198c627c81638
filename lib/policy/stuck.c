/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/candidate.h"
#include "policy/reason.h"

/*
 * Memory that is online when its device leaves, or is unbound from kmem, stays in the kernel until
 * the next boot: nothing is left through which it could be removed (dev_dax_kmem_remove() in
 * drivers/dax/kmem.c). The same addresses cannot be bound again either.
 */
bool stuck_is(const struct candidate *c)
{
	const struct dax_device *device = c->device;

	return device->gone || (!device->driver && dax_device_knows(device, DEVICE_FACT_DRIVER) &&
				c->blocks.online > 0);
}

int stuck_plan(struct candidate *c)
{
	struct device_plan *plan = c->plan;

	plan->state = DEVICE_STUCK;
	if (c->device->gone)
		return reason_set(&plan->reason,
				  "it was removed with %zu of %zu blocks online; they stay until "
				  "the next boot, and what uses them may fail at any time",
				  c->blocks.online, c->blocks.total);
	return reason_set(&plan->reason,
			  "it was unbound from kmem with %zu of %zu blocks online; they stay until "
			  "the next boot, and it cannot be bound again before",
			  c->blocks.online, c->blocks.total);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/candidate.h"
#include "policy/reason.h"

/*
 * Memory that is online when its device leaves, or is unbound from kmem, stays in the kernel until
 * the next boot: nothing is left through which it could be removed (dev_dax_kmem_remove() in
 * drivers/dax/kmem.c), also when it goes offline later. The same addresses cannot be bound again
 * either.
 */
bool stuck_is(const struct candidate *c)
{
	const struct dax_device *device = c->device;

	return device->gone || (!device->driver && dax_device_knows(device, DEVICE_FACT_DRIVER) &&
				c->blocks.present > 0);
}

int stuck_plan(struct candidate *c)
{
	struct device_plan *plan = c->plan;

	plan->state = DEVICE_STUCK;
	if (c->device->gone)
		return reason_set(&plan->reason,
				  "it was removed, and left %zu of its %zu memory blocks in the "
				  "kernel, %zu of them online; they stay until the next boot, and "
				  "what uses them may fail at any time",
				  c->blocks.present, c->blocks.total, c->blocks.online);
	return reason_set(&plan->reason,
			  "it was unbound from kmem with its memory online: %zu of %zu blocks are "
			  "there, %zu of them online; they stay until the next boot, and it cannot "
			  "be bound again before",
			  c->blocks.present, c->blocks.total, c->blocks.online);
}

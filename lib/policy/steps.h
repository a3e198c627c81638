/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_POLICY_STEPS_H
#define DAXTIER_POLICY_STEPS_H

/* The steps that make a device system RAM. All return 0 or -ENOMEM. */

#include "policy/candidate.h"

/* How far one plan goes. */
enum bind_extent {
	BIND_AND_ONLINE,     /* online within the kernel's own bind, and verified */
	BIND_AND_LOOK_AGAIN, /* bound with its memory offline; the next plan goes on */
};

/* From unbound, or bound to a driver, which is unbound first: kmem after its memory was taken
 * offline. */
int steps_bind(struct candidate *c, enum bind_extent extent);

/* Whatever is online of a device that is bound to kmem; at once where the kernel can. */
int steps_take_offline(const struct dax_device *device, struct device_plan *plan);

/* What is offline of a device that is bound; verified where every block can be online afterwards.
 */
int steps_online(struct candidate *c);

/* For a plan that has to wait. */
void steps_drop(struct device_plan *plan);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_POLICY_BYSTANDER_H
#define DAXTIER_POLICY_BYSTANDER_H

/*
 * Devices that the kernel does not flag for kmem (pmem) are bound by writing their name to
 * kmem/new_id, which makes the kernel try every dax device without a driver, not only the one
 * named: a cxl or hmem device that waits to be configured, or was meant to be left alone, would be
 * bound as it is.
 */

#include "model/facts.h"
#include "model/plan.h"

/*
 * Takes the steps from each plan that would bind a bystander, and says whom it waits for. plan has
 * an entry for each device of the facts. 0 or -ENOMEM.
 */
int bystanders_protect(const struct facts *facts, struct plan *plan);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_POLICY_BYSTANDER_H
#define DAXTIER_POLICY_BYSTANDER_H

/*
 * The dax bus gives cxl and hmem devices to kmem by their type, and all others to device_dax. A
 * device that is to have the other driver is bound by writing its name to that driver's new_id,
 * which makes the kernel try every dax device without a driver, not only the one named: one that
 * waits to be configured, or was meant to be left alone, would be bound as it is. kmem takes cxl
 * and hmem devices along, device_dax the others.
 */

#include "model/facts.h"
#include "model/plan.h"

/*
 * Takes the steps from each plan that would bind a bystander, and says whom it waits for. Where two
 * would wait for each other, the one that belongs to device_dax by its type is bound to that first:
 * unlike to kmem, that can be taken back. plan has an entry for each device of the facts. 0 or
 * -ENOMEM.
 */
int bystanders_protect(const struct facts *facts, struct plan *plan);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_POLICY_DISTANCE_H
#define DAXTIER_POLICY_DISTANCE_H

/*
 * How far a distance can be relied on. Before kmem binds, the device's node does not exist, and
 * only firmware has an opinion on where it will be; a CXL window that SRAT does not list gets the
 * kernel's default, whatever the truth.
 */

#include "policy/memmap.h"

/* Whether the distance is the node's own and not a forecast. */
bool distance_is_final(const struct node_distance *distance);

/*
 * Whether there is any distance at which the configuration would treat the device otherwise than at
 * the present one: another mode, another zone, or another place for the memmap. Another rule that
 * wants the same is no difference.
 */
bool distance_matters(const struct memmap_case *memmap);

/* Whether there is any distance at which the device would be mode = devdax. */
bool distance_may_mean_devdax(const struct memmap_case *memmap);

#endif

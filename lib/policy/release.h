/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_POLICY_RELEASE_H
#define DAXTIER_POLICY_RELEASE_H

/* Giving a device up because an operator asked for it, whatever its rule says. */

#include "policy/candidate.h"

/* Whether it is asked for, or was given up before and stays so. */
bool release_is(const struct candidate *c);

/* 0 or -ENOMEM. A request that there is nothing to do for has no steps, and the reason says why. */
int release_plan(struct candidate *c);

/*
 * Appends the steps of a release to the plan; with eject, those that take the device's region apart
 * as well. If it cannot be released nothing is appended, and *ret_obstacle, owned by the caller, is
 * why; else NULL. 0 or -ENOMEM.
 */
int release_steps(const struct facts *facts, const struct dax_device *device, bool eject,
		  struct device_plan *plan, char **ret_obstacle);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_POLICY_RETRY_H
#define DAXTIER_POLICY_RETRY_H

#include "policy/candidate.h"

/* Whether what failed before will be tried again by itself. */
bool retry_is_due_or_timed(const struct device_history *history);

/*
 * Takes the steps from a plan whose device failed and is not to be tried again yet, and says so. A
 * plan without steps stays what it is: somebody else may have mended it. 0 or -ENOMEM.
 */
int retry_hold(struct device_plan *plan, const struct device_history *history, uint64_t now_usec);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_POLICY_CORRECTION_H
#define DAXTIER_POLICY_CORRECTION_H

/*
 * What somebody else undoes is put right, but not for ever: two agents that each know better would
 * move memory back and forth, and neither would say so.
 */

#include "policy/candidate.h"

/* Whether a plan with steps puts right what somebody else has changed; the daemon counts those. */
bool correction_is(const struct device_plan *plan, const struct device_history *history);

/* How many were started within the last CORRECTION_WINDOW_USEC. */
unsigned corrections_recent(const struct device_history *history, uint64_t now_usec);

/*
 * Takes the steps from a plan that would be one correction too many, and says who seems to
 * compete. 0 or -ENOMEM.
 */
int correction_hold(const struct candidate *c, uint64_t now_usec);

#endif

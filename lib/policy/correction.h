/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_POLICY_CORRECTION_H
#define DAXTIER_POLICY_CORRECTION_H

/*
 * What somebody else undoes is put right, but not for ever: two agents that each know better would
 * move memory back and forth, and neither would say so.
 */

#include "policy/candidate.h"

/*
 * For a plan whose steps are about to be carried out: where they begin to put right what somebody
 * else has changed, that is counted, and one too many within the window makes the device contested.
 */
void correction_note(const struct device_plan *plan, struct device_history *history,
		     uint64_t now_usec);

/*
 * After a look, for a device that no worker is at: what is as the policy says is settled, and where
 * nothing is left to do a correction has ended.
 */
void correction_look(const struct device_plan *plan, struct device_history *history);

/* Takes the steps from a plan that would correct what is contested, and says who seems to compete.
 * 0 or -ENOMEM. */
int correction_hold(const struct candidate *c);

#endif

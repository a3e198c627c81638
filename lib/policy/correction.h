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
 * A correction was taken back by somebody else before it was seen to hold: it has ended, and the
 * next one waits until nobody is at the device, as the first one did.
 */
void correction_lost(struct device_history *history, uint64_t now_usec);

/*
 * After a look, for a device that no worker is at: what is as the policy says is settled, and where
 * nothing is left to do a correction has ended.
 */
void correction_look(const struct device_plan *plan, struct device_history *history);

/*
 * Whoever takes a device apart by hand, or with cxl(1), takes its memory offline block by block,
 * and then the region from under it. Memory that is brought back meanwhile would be online with
 * nothing behind it, which the host does not survive. So nothing is put right before nobody has
 * changed the device for so long.
 */
#define CORRECTION_QUIET_USEC UINT64_C(2000000)

/* Before a plan is made of what a look has found: notes at which devices somebody was since the
 * look before. Either may be NULL. */
void correction_see(const struct facts *before, const struct facts *now, struct history *history,
		    uint64_t now_usec);

/* When the next device may be put right that waits for that; UINT64_MAX: none does. */
uint64_t correction_next_usec(const struct history *history, uint64_t now_usec);

/*
 * Takes the steps from a plan that would correct what somebody is at, or what is contested, and
 * says so, and who seems to compete. 0 or -ENOMEM.
 */
int correction_hold(const struct candidate *c, uint64_t now_usec);

#endif

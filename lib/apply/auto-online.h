/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_APPLY_AUTO_ONLINE_H
#define DAXTIER_APPLY_AUTO_ONLINE_H

#include "apply/run.h"

/*
 * Takes the lock on auto_online_blocks, for a bind that must not see what another process holds
 * there. 1: taken now, so the caller is to release it; 0: this plan has it already.
 */
int auto_online_lock(struct run *run);

/* Puts back what this plan changed, and releases the lock in any case. 1: put back; 0: nothing to
 * put back. */
int auto_online_release(struct run *run);

/*
 * With the lock: holds it at "offline" from here on, in place of what this plan may hold already.
 * For a bind through new_id, which may take a device along that appears at the wrong moment: that
 * one is then bound, but none of its memory is in use.
 */
int auto_online_hold_offline(struct run *run);

/* Ends a bind for which the lock was taken: puts back what it held, and releases the lock. result
 * is what the bind has come to: returned, unless this fails first. */
int auto_online_end_bind(struct run *run, int result);

#endif

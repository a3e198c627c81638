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

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_APPLY_PUT_BACK_H
#define DAXTIER_APPLY_PUT_BACK_H

#include "apply/offlined.h"

/*
 * Brings what a plan took offline back, each block into the zone that it had. The device must be
 * the one of the record, and bound to kmem. Goes on after a block that fails; says all that did.
 * RUN_DONE, RUN_SKIPPED when there is nothing to do, or a negative errno. -EEXIST: all that can be
 * said against it is that blocks are online elsewhere, or on the way there.
 */
int put_back(struct run *run, const struct offlined *offlined);

/* As undo: value is the text of the record. */
int put_back_undo(struct run *run, const struct undo *undo);

/*
 * Puts back what a process has left that was killed; reported as the restore functions of apply.h
 * do. With locked: what the lock is for was taken already. 0, also when nothing is recorded; where
 * it fails, what is left stays recorded.
 */
int put_back_restore(struct applier *applier);
int put_back_restore_locked(struct applier *applier, const struct offlined_lock *lock);

#endif

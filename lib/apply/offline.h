/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_APPLY_OFFLINE_H
#define DAXTIER_APPLY_OFFLINE_H

/* What taking memory offline block by block, and all at once, have in common. */

#include "apply/run.h"

int step_offline_blocks(struct run *run, const char *value);
int step_unplug(struct run *run, const char *value);

/*
 * Checks the device, reads its blocks, and records those that are online, with how to put them back
 * as undo. RUN_SKIPPED: none is online, and nothing was recorded. state: what the device's
 * attribute reads, or NULL.
 */
int offline_prepare(struct run *run, const char *state, struct memory_block **ret, size_t *ret_n);

/* Takes all of them offline that are online; what refuses is named. Frees the blocks. */
int offline_each(struct run *run, struct memory_block *blocks, size_t n);

/* What may be over in a moment: something else is changing memory, or has a page for a while. */
bool offline_may_pass(int error);

/* One write, of which a signal may be the end. -EINTR: it was, and the plan is to go on. */
int offline_write(struct run *run, const char *value);

#endif

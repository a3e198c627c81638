/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_APPLY_OFFLINED_H
#define DAXTIER_APPLY_OFFLINED_H

/*
 * What a plan takes offline, written down in the run directory before it does: a process that is
 * killed in the middle leaves memory offline that was in nobody's way, and nothing on the host
 * tells in which zone it was. The record is there until the plan ends, and the lock that goes with
 * it is held as long: one plan at a time takes memory offline. What could then not be put back
 * stays recorded, until another try succeeds or another plan needs the record.
 */

#include "apply/run.h"

#define OFFLINED_RECORD "offlined"

struct offlined {
	struct device_plan plan;     /* that took it offline: whose memory it is */
	char *state;		     /* what the device's attribute read; NULL: it has none */
	struct memory_block *blocks; /* that were online, by number */
	size_t n;
};

void offlined_done(struct offlined *offlined);

/* -EBADMSG: it is no such record. What it says of the device is not compared with the device. */
int offlined_from_text(const char *text, struct offlined *ret);

/* The open run directory with the lock taken. */
struct offlined_lock {
	int dir_fd, lock_fd;
};

#define OFFLINED_LOCK_INIT                                                                         \
	{                                                                                          \
		.dir_fd = -EBADF, .lock_fd = -EBADF                                                \
	}

void offlined_unlock(struct offlined_lock *lock);

/* Waits for the lock. ENOENT: there is no run directory, so nothing is recorded. */
int offlined_lock_existing(const char *run_dir, struct offlined_lock *ret, struct trouble *trouble);

/* 1: read, 0: nothing is recorded, or a negative errno, said. */
int offlined_read(const struct offlined_lock *lock, const char *run_dir, struct offlined *ret,
		  struct trouble *trouble);
int offlined_remove(const struct offlined_lock *lock, const char *run_dir, struct trouble *trouble);

/*
 * Records the blocks of the plan's device that are online now, and takes the lock for the rest of
 * the plan. What a killed process has left is put back first. ret_text: the record, owned by the
 * caller, to undo with.
 */
int offlined_record(struct run *run, const struct memory_block *blocks, size_t n, const char *state,
		    char **ret_text);

/* Keeps of the record what is to be put back still; with nothing left it is removed. */
int offlined_keep_left(const struct offlined_lock *lock, struct applier *applier,
		       struct offlined *offlined, struct trouble *trouble);

/* At the end of a plan: removes the record, but for what could not be put back; releases the lock
 * in any case. */
void offlined_end(struct run *run, bool clean);

#endif

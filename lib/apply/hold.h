/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_APPLY_HOLD_H
#define DAXTIER_APPLY_HOLD_H

/*
 * Kernel-wide settings that are ours for a while: auto_online_blocks around a bind, and
 * drivers_autoprobe while the daemon runs or a module is loaded. The order in which things happen
 * makes every instant recoverable:
 *
 *   take:    lock · record { old, held } · write held
 *   restore: write old, if it still reads held · remove the record · unlock
 *
 * So whenever a record exists the setting reads either what was there before us, what we wrote, or
 * what somebody else wrote since, and in the last case it is theirs.
 */

#include <stdbool.h>

#include "apply/trouble.h"
#include "sysfs/sysfs.h"

struct held_attribute {
	const char *path;
	const char *record, *lock; /* names in the run directory */
	bool (*is_valid)(const char *value);
};

extern const struct held_attribute held_auto_online;
extern const struct held_attribute held_autoprobe;	/* by the claim */
extern const struct held_attribute held_autoprobe_plan; /* see autoprobe.h */

struct hold {
	struct sysfs *sysfs;
	const char *run_dir;
	const struct held_attribute *attribute;
	int dir_fd, lock_fd;
	char written[24]; /* by the last take or restore; "": nothing */
};

/* What hold_close() closes; for a hold that is not open. */
#define HOLD_INIT                                                                                  \
	{                                                                                          \
		.dir_fd = -EBADF, .lock_fd = -EBADF                                                \
	}

/*
 * Opens the run directory, creating it, and waits for the lock. There may be a record from a
 * process that was killed: hold_restore() or hold_resume() it before anything else.
 */
int hold_open(struct hold *hold, struct sysfs *sysfs, const char *run_dir,
	      const struct held_attribute *attribute, struct trouble *trouble);

/* The same without creating the directory. -ENOENT: there is none, so nothing is recorded. */
int hold_open_existing(struct hold *hold, struct sysfs *sysfs, const char *run_dir,
		       const struct held_attribute *attribute, struct trouble *trouble);

bool hold_is_open(const struct hold *hold);

/* 1: changed; 0: it reads so already, nothing was written or recorded. There must be no record. */
int hold_take(struct hold *hold, const char *value, struct trouble *trouble);

/* 1: a holder before us recorded the same, and it is in force again; 0: there is no record. */
int hold_resume(struct hold *hold, const char *value, struct trouble *trouble);

/*
 * 1: put back; 0: nothing to put back. When somebody else changed the setting in between, theirs
 * stays, and trouble says so although the answer is 0.
 */
int hold_restore(struct hold *hold, struct trouble *trouble);

/* Releases the lock; what is recorded stays. */
void hold_close(struct hold *hold);

#endif

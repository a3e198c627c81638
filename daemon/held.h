/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_DAEMON_HELD_H
#define DAXTIER_DAEMON_HELD_H

/*
 * What the daemon, not a worker, does to the settings that it holds: with its outcome in the log.
 */

#include "apply/apply.h"

/* What became of a setting, of memory or of a region that was put back, or could not be. */
void held_log(const struct apply_report *report);

/* sysfs and run_dir must outlive the applier. */
struct applier held_applier(struct sysfs *sysfs, const char *run_dir);

/* What the kernel would have bound when it appeared, had the bus not been held; in its own way. */
void held_hand_over(struct sysfs *sysfs, const char *device);

#endif

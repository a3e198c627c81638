/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_DAEMON_HELD_H
#define DAXTIER_DAEMON_HELD_H

/*
 * What the daemon, not a worker, does to the settings that it holds: with its outcome in the log.
 */

#include "apply/apply.h"

/* sysfs and run_dir must outlive the applier. */
struct applier held_applier(struct sysfs *sysfs, const char *run_dir);

#endif

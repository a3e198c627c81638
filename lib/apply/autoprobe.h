/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_APPLY_AUTOPROBE_H
#define DAXTIER_APPLY_AUTOPROBE_H

/*
 * drivers_autoprobe has two holders: the claim, for as long as the daemon runs, and a plan while it
 * loads a module, whether there is a claim or not. Each has a record of its own, below one lock,
 * and a plan keeps the lock until it has put back what it found. So a record of a plan that anybody
 * finds is of a process that was killed, and it is younger than that of the claim, if there is one:
 * it is put back first.
 */

#include "apply/run.h"

/* Opens the hold of the claim, once what a killed plan left is put back. */
int autoprobe_open_claim(struct hold *hold, struct sysfs *sysfs, const char *run_dir,
			 struct trouble *trouble);

/*
 * No driver probes by itself from here on: one that registers would attach to every device that
 * waits without one. Nothing is done where there is no dax bus, or where it is claimed already.
 */
int autoprobe_hold(struct run *run, struct hold *hold);

/* Puts it back. result is what the step has come to: returned, unless this fails first. */
int autoprobe_release(struct run *run, struct hold *hold, int result);

#endif

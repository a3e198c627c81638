/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_DAEMON_RUN_LOCK_H
#define DAXTIER_DAEMON_RUN_LOCK_H

/*
 * One daemon a run directory: two would take each other's records for their own. Held until the
 * descriptor is closed.
 */

/*
 * Makes the run directory, and below another root than "/" its parents too: a captured or modelled
 * host need not have a /run. -EWOULDBLOCK: another process holds the lock. *ret_fd is the caller's
 * to close.
 */
int run_lock_take(const char *root, const char *run_dir, int *ret_fd);

#endif

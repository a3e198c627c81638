/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CLI_SIGNALS_H
#define DAXTIER_CLI_SIGNALS_H

/* Signals that end a program, where there is something to be done first. */

#include <signal.h>
#include <systemd/sd-event.h>

/*
 * From here on SIGINT, SIGTERM and SIGHUP end the event loop, and stand in *signal, which is 0
 * otherwise and must live as long as the event loop; but not one that this process was started to
 * ignore. before is for signals_release(), once the loop no longer runs: nobody would hear them
 * then. 0 or a negative errno.
 */
int signals_watch(sd_event *event, int *signal, sigset_t *ret_before);

/* Ends this process by the signal, as its shell has to see it. */
void signals_end(int signal);

/*
 * Between the two they wait, and SIGPIPE with them, for what has to be put away first. before is
 * which ones waited already.
 */
void signals_hold(sigset_t *ret_before);
void signals_release(const sigset_t *before);

#endif

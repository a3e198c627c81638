/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CLI_SIGNALS_H
#define DAXTIER_CLI_SIGNALS_H

/* Signals that end a program, where there is something to be done first. */

#include <signal.h>
#include <systemd/sd-event.h>

/*
 * From here on SIGINT, SIGTERM and SIGHUP end the event loop, and stand in *signal, which is 0
 * otherwise and must live as long as the event loop. 0 or a negative errno.
 */
int signals_watch(sd_event *event, int *signal);

/* Ends this process by the signal, as its shell has to see it. Returns if it was started with the
 * signal ignored. */
void signals_end(int signal);

/*
 * Between the two they wait, and SIGPIPE with them, for what has to be put away first. before is
 * which ones waited already.
 */
void signals_hold(sigset_t *ret_before);
void signals_release(const sigset_t *before);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_BUS_BUS_ACCESS_H
#define DAXTIER_BUS_BUS_ACCESS_H

/*
 * Who may change something: root, and the user that the daemon itself runs as, which is root too
 * except in tests.
 *
 * The D-Bus policy already keeps others out; this is the second lock, for a bus with another
 * policy. sd-bus has a check of its own, for each method without SD_BUS_VTABLE_UNPRIVILEGED, but
 * that one calls the bus driver and waits for the answer: any user could so make the whole daemon
 * stand still. The same question is therefore asked here asynchronously.
 */

#include <systemd/sd-bus.h>

/* Zero-initialised is empty: no call is waiting for its answer. */
struct bus_access {
	struct bus_access_call *calls;
};

/*
 * Runs granted(call, userdata, error) later, if the sender of call may; else answers
 * org.freedesktop.DBus.Error.AccessDenied. granted answers the call; if it returns a negative
 * errno or fills in error, that is the answer. Returns 0, or a negative errno when it could not
 * even be asked.
 */
int bus_access_check(struct bus_access *access, sd_bus_message *call,
		     sd_bus_message_handler_t granted, void *userdata);

/* Drops what is waiting, unanswered. */
void bus_access_done(struct bus_access *access);

#endif

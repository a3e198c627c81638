/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_BUS_BUS_ACCESS_H
#define DAXTIER_BUS_BUS_ACCESS_H

/*
 * Who may change something: root, the user that the daemon itself runs as, which is root too
 * except in tests, and whom polkit authorizes for org.daxtier1.manage. On a bus without polkit,
 * nobody else.
 *
 * The policy of the bus lets everybody's calls through to this. sd-bus has a check of its own, for
 * each method without SD_BUS_VTABLE_UNPRIVILEGED, but that one calls the bus driver and waits for
 * the answer, as its helper for polkit does: any user could so make the whole daemon stand still.
 * The same questions are therefore asked here asynchronously, and root's never have to wait for
 * those of others.
 */

#include <stdint.h>
#include <systemd/sd-bus.h>

#include "bus/bus-call.h"

/* Zero-initialised is empty: no call is kept. */
struct bus_access {
	struct bus_calls calls;		/* also those that were granted, until they are answered */
	struct bus_question *questions; /* about who made a call, not answered yet */
	uint64_t n_asked;		/* of polkit */
};

/* Takes the call over, and answers it now or later. */
typedef void (*bus_access_granted_t)(struct bus_call *call, void *userdata);

/*
 * Runs granted(call, userdata) later, if the sender of message may; else answers
 * org.freedesktop.DBus.Error.AccessDenied, or InteractiveAuthorizationRequired where polkit would
 * ask him if he let it. A sender who leaves before gets nothing carried out. device is told polkit,
 * "" for none. Returns 1, or a negative errno when nobody could even be asked.
 */
int bus_access_check(struct bus_access *access, sd_bus_message *message, const char *device,
		     bus_access_granted_t granted, void *userdata);

/* Drops what waits for an answer to its questions, unanswered itself. */
void bus_access_done(struct bus_access *access);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CLI_MONITOR_EVENT_H
#define DAXTIER_CLI_MONITOR_EVENT_H

/*
 * From what the daemon says on the bus to the documents that monitor prints, each with "Version",
 * "Time" and "Event":
 *
 *	daemon-present	"Host", "Devices", as those of status
 *	daemon-absent
 *	device-added	"Device", its name, "Properties"
 *	device-changed	"Device", "State", in which it is now, "Changed", and "Before" of the same
 *			properties as far as known
 *	device-removed	"Device"
 *	host-changed	"Changed" and "Before"
 */

#include <systemd/sd-bus.h>

#include "cli/json.h"

/* What is known of the daemon's objects, so that it can be told what was before. */
struct known {
	struct json_object *host;    /* its properties; NULL: nothing */
	struct json_object *devices; /* {name: its properties} */
};

/* 0 or -ENOMEM. */
int known_init(struct known *known);
void known_done(struct known *known);

/* All return 1 with a new event, 0 where there is nothing to tell, or -ENOMEM. */

/* A signal of org.daxtier1. What is not understood of it is nothing to tell. */
int event_of_signal(struct known *known, sd_bus_message *signal, struct json_object **ret);
/* The daemon is there, with this; both are taken over, also on failure. */
int event_of_presence(struct known *known, struct json_object *host, struct json_object *devices,
		      struct json_object **ret);
int event_of_absence(struct known *known, struct json_object **ret);

/* Whether the signal is about the host's properties. */
bool signal_is_of_host(sd_bus_message *signal);

#endif

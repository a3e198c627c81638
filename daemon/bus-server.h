/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_DAEMON_BUS_SERVER_H
#define DAXTIER_DAEMON_BUS_SERVER_H

/*
 * org.daxtier1 on the bus. Holds a copy of what was last published, and emits signals only from the
 * difference between that and what is published next.
 */

#include <json-c/json.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "model/status.h"

struct bus_server;

/* What the bus asks of the daemon. */
struct bus_handlers {
	/*
	 * Reads the configuration anew. 0; -EINVAL with the list of what is wrong, in words, in
	 * *ret_errors (the old configuration stays in force); or another negative errno.
	 */
	int (*reload)(void *userdata, struct strv *ret_errors);
	/*
	 * A fresh look and a fresh plan, nothing touched: an array of device_plan_to_json()
	 * objects, of one device or, with device "", of all. -ENODEV: there is no such device.
	 */
	int (*plan)(void *userdata, const char *device, struct json_object **ret);
};

/*
 * Publishes the objects and asks for the name (asynchronously; losing it, or not getting it, ends
 * the loop with an error logged). bus is the system bus of the caller, who keeps its own reference.
 */
int bus_server_new(sd_bus *bus, sd_event *event, const struct bus_handlers *handlers,
		   void *userdata, struct bus_server **ret);
struct bus_server *bus_server_free(struct bus_server *server);

/* Takes over *status (also on failure) and leaves it zeroed. A new name appears, a known one
 * changes. */
int bus_server_set_device(struct bus_server *server, struct device_status *status);
int bus_server_remove_device(struct bus_server *server, const char *name);
int bus_server_set_host(struct bus_server *server, struct host_status *status);

static inline void bus_server_freep(struct bus_server **server)
{
	*server = bus_server_free(*server);
}

#endif

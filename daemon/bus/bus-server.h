/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_BUS_BUS_SERVER_H
#define DAXTIER_BUS_BUS_SERVER_H

/*
 * org.daxtier1 on the bus; org.daxtier1(5) documents it. Holds a copy of what was last published,
 * and emits signals only from the difference between that and what is published next. Never waits
 * for the bus.
 */

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "base/strv.h"
#include "bus/bus-call.h"
#include "model/status.h"
#include "variant/bus-name.h"

struct bus_server;

/* What the bus asks of the daemon. */
struct bus_handlers {
	/*
	 * Reads the configuration anew. 0; -EINVAL with the list of what is wrong, in words, in
	 * *ret_errors (the old configuration stays in force); or another negative errno. Called for
	 * those who may.
	 */
	int (*reload)(void *userdata, struct strv *ret_errors);
	/*
	 * A fresh look and a fresh plan, nothing touched: an array of device_plan_to_json()
	 * objects, of one device or, with device "", of all. -ENODEV: there is no such device.
	 * Anyone may ask, as often as he likes. A device may also be a memdev ("mem0") that is in
	 * no region, here and in apply.
	 */
	int (*plan)(void *userdata, const char *device, struct json_object **ret);
	/*
	 * What a release would meet, nothing touched: rehearsal_to_json(). -ENODEV: there is no
	 * such device. Anyone may ask, as often as he likes.
	 */
	int (*rehearse)(void *userdata, const char *device, bool eject, struct json_object **ret);
	/*
	 * Do what the policy says of one device or, with device "", of all; or give up a device's
	 * memory, within a deadline unless that is 0. 0: the callee has taken over the call, has
	 * answered it or will, and frees it. -ENODEV: there is no such device; or another negative
	 * errno. Called for those who may.
	 */
	int (*apply)(void *userdata, struct bus_call *call, const char *device, bool force);
	int (*release)(void *userdata, struct bus_call *call, const char *device, bool eject,
		       uint64_t deadline_usec);
	/*
	 * The name or the connection is lost, or was never had: why in words, for the log. The loop
	 * ends with error whatever this does. May be NULL.
	 */
	void (*lost)(void *userdata, int error, const char *why);
};

/*
 * Publishes the object manager and asks for the name, asynchronously. bus is the system bus of the
 * caller, attached to event by him; the server keeps references of its own. handlers must outlive
 * it, and calls that they have taken over must not. The manager's object is there from the first
 * bus_server_set_host() on, so call that once before the loop runs: then nobody ever sees the name
 * without it.
 */
int bus_server_new(sd_bus *bus, sd_event *event, const struct bus_handlers *handlers,
		   void *userdata, struct bus_server **ret);
struct bus_server *bus_server_free(struct bus_server *server);

/*
 * Takes over *status (also on failure) and leaves it zeroed. A new name appears, a known one
 * changes; one of which something changed that cannot change in one device is another device that
 * took the name, and the old one disappears first.
 */
int bus_server_set_device(struct bus_server *server, struct device_status *status);
/* 0 also when it was not there. */
int bus_server_remove_device(struct bus_server *server, const char *name);
/* Takes over *status (also on failure) and leaves it zeroed. */
int bus_server_set_host(struct bus_server *server, struct host_status *status);

static inline void bus_server_freep(struct bus_server **server)
{
	*server = bus_server_free(*server);
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus/bus-server.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "bus/bus-device.h"
#include "bus/bus-manager.h"

struct bus_server {
	sd_bus *bus;
	sd_event *event;
	const struct bus_handlers *handlers;
	void *userdata;
	sd_bus_slot *object_manager, *name_request, *name_lost, *disconnected;
	struct bus_manager manager;
	struct bus_device **devices;
	size_t n_devices;
};

static int server_lost(struct bus_server *server, int error, const char *why)
{
	if (server->handlers->lost)
		server->handlers->lost(server->userdata, error, why);
	return sd_event_exit(server->event, error);
}

static int on_name_reply(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
	struct bus_server *server = userdata;
	const sd_bus_error *error = sd_bus_message_get_error(reply);
	uint32_t result;
	int r;

	if (error)
		return server_lost(server, -sd_bus_message_get_errno(reply),
				   error->message ?: error->name);
	r = sd_bus_message_read(reply, "u", &result);
	if (r < 0)
		return server_lost(server, r, "the bus did not say who owns " DAXTIER_BUS_NAME);
	if (result != 1) /* DBUS_REQUEST_NAME_REPLY_PRIMARY_OWNER */
		return server_lost(server, -EEXIST,
				   "another process owns " DAXTIER_BUS_NAME
				   "; is daxtierd already running?");
	return 0;
}

static int on_name_lost(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	struct bus_server *server = userdata;
	const char *name;

	/* The signal is for this connection alone, but for each of its names. */
	if (sd_bus_message_read(m, "s", &name) < 0 || strcmp(name, DAXTIER_BUS_NAME) != 0)
		return 0;
	return server_lost(server, -ESTALE, "the bus took the name " DAXTIER_BUS_NAME " away");
}

static int on_disconnected(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	return server_lost(userdata, -ECONNRESET, "the connection to the bus ended");
}

/* Subscribe, then ask. All of it asynchronously: the bus may be slow, the daemon must not be. */
static int server_request_name(struct bus_server *server)
{
	int r;

	r = sd_bus_match_signal_async(server->bus, &server->name_lost, "org.freedesktop.DBus",
				      "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameLost",
				      on_name_lost, NULL, server);
	if (r < 0)
		return r;
	/* Made up by sd-bus itself when the socket ends. */
	r = sd_bus_match_signal_async(server->bus, &server->disconnected,
				      "org.freedesktop.DBus.Local", "/org/freedesktop/DBus/Local",
				      "org.freedesktop.DBus.Local", "Disconnected", on_disconnected,
				      NULL, server);
	if (r < 0)
		return r;
	/* No queueing: two daemons must not take turns. */
	return sd_bus_request_name_async(server->bus, &server->name_request, DAXTIER_BUS_NAME, 0,
					 on_name_reply, server);
}

int bus_server_new(sd_bus *bus, sd_event *event, const struct bus_handlers *handlers,
		   void *userdata, struct bus_server **ret)
{
	_cleanup_(bus_server_freep) struct bus_server *server = calloc(1, sizeof(*server));
	int r;

	if (!server)
		return -ENOMEM;
	server->bus = sd_bus_ref(bus);
	server->event = sd_event_ref(event);
	server->handlers = handlers;
	server->userdata = userdata;
	bus_manager_init(&server->manager, bus, handlers, userdata);

	r = sd_bus_add_object_manager(bus, &server->object_manager, DAXTIER_BUS_PATH);
	if (r < 0)
		return r;
	r = server_request_name(server);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(server);
	return 0;
}

struct bus_server *bus_server_free(struct bus_server *server)
{
	if (!server)
		return NULL;
	for (size_t i = 0; i < server->n_devices; i++)
		bus_device_free(server->devices[i]);
	free(server->devices);
	bus_manager_done(&server->manager);
	sd_bus_slot_unref(server->name_request);
	sd_bus_slot_unref(server->name_lost);
	sd_bus_slot_unref(server->disconnected);
	sd_bus_slot_unref(server->object_manager);
	sd_event_unref(server->event);
	sd_bus_unref(server->bus);
	free(server);
	return NULL;
}

static struct bus_device **server_find(struct bus_server *server, const char *name)
{
	for (size_t i = 0; i < server->n_devices; i++)
		if (strcmp(server->devices[i]->status.name, name) == 0)
			return &server->devices[i];
	return NULL;
}

static int server_add(struct bus_server *server, struct device_status *status)
{
	struct bus_device **devices;
	int r;

	devices = reallocarray(server->devices, server->n_devices + 1, sizeof(struct bus_device *));
	if (!devices) {
		device_status_done(status);
		return -ENOMEM;
	}
	server->devices = devices;
	r = bus_device_new(server->bus, status, &devices[server->n_devices]);
	if (r < 0)
		return r;
	server->n_devices++;
	return 0;
}

/* Both a failed signal and success leave the list without it. */
static int server_remove(struct bus_server *server, struct bus_device **place)
{
	struct bus_device *device = *place;

	*place = server->devices[--server->n_devices];
	return bus_device_remove(device);
}

int bus_server_set_device(struct bus_server *server, struct device_status *status)
{
	struct bus_device **place = server_find(server, status->name);
	int r, q;

	if (!place)
		return server_add(server, status);
	r = bus_device_update(*place, status);
	if (r != -ESTALE)
		return r;
	r = server_remove(server, place);
	q = server_add(server, status);
	return r < 0 ? r : q;
}

int bus_server_remove_device(struct bus_server *server, const char *name)
{
	struct bus_device **place = server_find(server, name);

	return place ? server_remove(server, place) : 0;
}

int bus_server_set_host(struct bus_server *server, struct host_status *status)
{
	return bus_manager_set(&server->manager, status);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_BUS_CLIENT_H
#define DAXTIER_TESTS_BUS_CLIENT_H

/*
 * A client of the bus driver that hears every signal of it. JSON in arguments may be written with
 * ' for ". Everything fails the test on its own when something does not work.
 */

#include <json-c/json.h>
#include <systemd/sd-bus.h>

#include "base/cleanup.h"
#include "private-bus.h"
#include "variant/bus-name.h"

struct bus_client {
	struct private_bus private_bus;
	struct process driver;
	sd_bus *bus;
	struct json_object *signals; /* {"Path", "Member", "Arguments"} in their order */
	struct json_object *document;
};

/* document: a file in tests/fixtures/bus. */
void bus_client_start(struct bus_client *client, enum private_bus_policy policy,
		      const char *document);
void bus_client_stop(struct bus_client *client);

struct json_object *bus_client_document(const char *name);
char *bus_client_device_path(const char *name);

/* To the driver; text has to be answered by "done result". */
void bus_client_command(struct bus_client *client, const char *text, int result);
/* Apply and Release since the last time, in their order, with what was asked for; NULL ends them.
 */
void bus_client_assert_calls(struct bus_client *client, const char *const calls[]);
/* What the document says of the device or host, with the members of changes (NULL: none). */
void bus_client_publish(struct bus_client *client, const char *device, const char *changes);
void bus_client_publish_host(struct bus_client *client, const char *changes);

struct bus_reply {
	struct json_object *values; /* an array, NULL with an error */
	char *error, *message;	    /* NULL without */
};

/* Of the driver's name; arguments as sd_bus_message_append(). */
void bus_client_call(struct bus_client *client, struct bus_reply *reply, const char *path,
		     const char *interface, const char *member, const char *types, ...);
void bus_reply_done(struct bus_reply *reply);

/* {path: {interface: {property: value}}} */
struct json_object *bus_client_objects(struct bus_client *client);
struct json_object *bus_client_get_all(struct bus_client *client, const char *path,
				       const char *interface);

/* The next signal, which has to be this one; and that there is none up to now. */
struct json_object *bus_client_take_signal(struct bus_client *client, const char *member);
void bus_client_assert_silence(struct bus_client *client);
/* The next signal is PropertiesChanged of this object with exactly these values. */
void bus_client_assert_changed(struct bus_client *client, const char *path, const char *interface,
			       const char *changes);

struct json_object *signal_argument(struct json_object *signal, size_t n);
const char *signal_string(struct json_object *signal, size_t n);
int json_array_has(struct json_object *array, const char *text);

#define assert_json_eq(a, b)                                                                       \
	do {                                                                                       \
		struct json_object *_a = (a), *_b = (b);                                           \
		ck_assert_msg(json_object_equal(_a, _b), "%s\n  is not\n%s",                       \
			      json_object_to_json_string(_a), json_object_to_json_string(_b));     \
	} while (0)

#endif

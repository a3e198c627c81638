/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-client.h"

#include <check.h>
#include <stdarg.h>
#include <string.h>

#include "variant/variant.h"

static struct json_object *parse(const char *text)
{
	_cleanup_free_ char *copy = strdup(text);
	struct json_object *object;

	ck_assert_ptr_nonnull(copy);
	/* Only where it is written with ' throughout: a document has its own quotes. */
	if (!strchr(copy, '"'))
		for (char *p = copy; (p = strchr(p, '\'')); p++)
			*p = '"';
	object = json_tokener_parse(copy);
	ck_assert_msg(object != NULL, "no JSON: %s", text);
	return object;
}

/* All complete values that are left in the message. */
static struct json_object *read_all(sd_bus_message *m)
{
	struct json_object *values = json_object_new_array(), *value;
	int r;

	while ((r = variant_read(m, &value)) > 0)
		json_object_array_add(values, value);
	ck_assert_int_eq(r, 0);
	return values;
}

static int on_signal(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	struct bus_client *client = userdata;
	struct json_object *signal = json_object_new_object();

	(void)ret_error;
	json_object_object_add(signal, "Path", json_object_new_string(sd_bus_message_get_path(m)));
	json_object_object_add(signal, "Member",
			       json_object_new_string(sd_bus_message_get_member(m)));
	json_object_object_add(signal, "Arguments", read_all(m));
	json_object_array_add(client->signals, signal);
	return 0;
}

struct json_object *bus_client_document(const char *name)
{
	_cleanup_free_ char *path = NULL;
	struct json_object *document;

	ck_assert_int_gt(asprintf(&path, "%s/bus/%s", FIXTURES, name), 0);
	document = json_object_from_file(path);
	ck_assert_ptr_nonnull(document);
	return document;
}

void bus_client_start(struct bus_client *client, enum private_bus_policy policy,
		      const char *document)
{
	_cleanup_free_ char *path = NULL, *line = NULL;

	*client = (struct bus_client){
		.signals = json_object_new_array(),
		.document = bus_client_document(document),
	};
	private_bus_start(&client->private_bus, policy);
	ck_assert_int_gt(asprintf(&path, "%s/bus/%s", FIXTURES, document), 0);
	process_start(&client->driver, (const char *[]){BUS_DRIVER, path, NULL});
	line = process_read_line(&client->driver);
	ck_assert_pstr_eq(line, "ready");

	ck_assert_int_ge(sd_bus_open_system(&client->bus), 0);
	ck_assert_int_ge(sd_bus_match_signal(client->bus, NULL, DAXTIER_BUS_NAME, NULL, NULL, NULL,
					     on_signal, client),
			 0);
}

void bus_client_stop(struct bus_client *client)
{
	int status;

	sd_bus_flush_close_unref(client->bus);
	process_write(&client->driver, "{\"Quit\":true}\n");
	status = process_wait(&client->driver);
	private_bus_stop(&client->private_bus);
	json_object_put(client->signals);
	json_object_put(client->document);
	/* A sanitizer that has found something ends it otherwise. */
	ck_assert_int_eq(status, 0);
}

char *bus_client_device_path(const char *name)
{
	char *path;

	ck_assert_int_ge(sd_bus_path_encode(DAXTIER_BUS_DEVICE_PREFIX, name, &path), 0);
	return path;
}

static void send_command(struct bus_client *client, struct json_object *command, int result)
{
	_cleanup_free_ char *wanted = NULL, *got = NULL;

	process_write(&client->driver,
		      json_object_to_json_string_ext(command, JSON_C_TO_STRING_PLAIN));
	process_write(&client->driver, "\n");
	ck_assert_int_gt(asprintf(&wanted, "done %d", result), 0);
	got = process_read_line(&client->driver);
	ck_assert_pstr_eq(got, wanted);
}

void bus_client_command(struct bus_client *client, const char *text, int result)
{
	struct json_object *command = parse(text);

	send_command(client, command, result);
	json_object_put(command);
}

void bus_client_assert_calls(struct bus_client *client, const char *const calls[])
{
	size_t n = 0;

	process_write(&client->driver, "{\"Calls\":true}\n");
	for (;;) {
		_cleanup_free_ char *line = process_read_line(&client->driver), *wanted = NULL;

		ck_assert_ptr_nonnull(line);
		if (!calls[n]) {
			ck_assert_int_gt(asprintf(&wanted, "done %zu", n), 0);
			ck_assert_str_eq(line, wanted);
			return;
		}
		ck_assert_int_gt(asprintf(&wanted, "call %s", calls[n++]), 0);
		ck_assert_str_eq(line, wanted);
	}
}

/* {key: a copy of object with the members of changes} */
static void publish(struct bus_client *client, const char *key, struct json_object *object,
		    const char *changes)
{
	struct json_object *command = json_object_new_object(), *copy = NULL;

	ck_assert_int_eq(json_object_deep_copy(object, &copy, NULL), 0);
	if (changes) {
		struct json_object *members = parse(changes);

		json_object_object_foreach(members, name, value)
		{
			json_object_object_add(copy, name, json_object_get(value));
		}
		json_object_put(members);
	}
	json_object_object_add(command, key, copy);
	send_command(client, command, 0);
	json_object_put(command);
}

void bus_client_publish(struct bus_client *client, const char *device, const char *changes)
{
	struct json_object *devices = json_object_object_get(client->document, "Devices");

	for (size_t i = 0; i < json_object_array_length(devices); i++) {
		struct json_object *object = json_object_array_get_idx(devices, i);
		struct json_object *name = json_object_object_get(object, "Name");

		if (strcmp(json_object_get_string(name), device) == 0) {
			publish(client, "Device", object, changes);
			return;
		}
	}
	ck_abort_msg("the document has no %s", device);
}

void bus_client_publish_host(struct bus_client *client, const char *changes)
{
	publish(client, "Host", json_object_object_get(client->document, "Host"), changes);
}

void bus_client_call(struct bus_client *client, struct bus_reply *reply, const char *path,
		     const char *interface, const char *member, const char *types, ...)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *m = NULL, *answer = NULL;
	va_list ap;
	int r;

	*reply = (struct bus_reply){};
	ck_assert_int_ge(sd_bus_message_new_method_call(client->bus, &m, DAXTIER_BUS_NAME, path,
							interface, member),
			 0);
	va_start(ap, types);
	ck_assert_int_ge(sd_bus_message_appendv(m, types, ap), 0);
	va_end(ap);
	r = sd_bus_call(client->bus, m, 0, &error, &answer);
	if (r < 0) {
		ck_assert_msg(sd_bus_error_is_set(&error), "%s: %s", member, strerror(-r));
		reply->error = strdup(error.name);
		reply->message = strdup(error.message ?: "");
	} else {
		reply->values = read_all(answer);
	}
	sd_bus_error_free(&error);
	sd_bus_message_unref(m);
	sd_bus_message_unref(answer);
}

void bus_reply_done(struct bus_reply *reply)
{
	json_object_put(reply->values);
	free(reply->error);
	free(reply->message);
	*reply = (struct bus_reply){};
}

/* The only value of a reply without error; the rest is released. */
static struct json_object *take_value(struct bus_reply *reply)
{
	struct json_object *value;

	ck_assert_msg(!reply->error, "%s: %s", reply->error, reply->message);
	ck_assert_uint_eq(json_object_array_length(reply->values), 1);
	value = json_object_get(json_object_array_get_idx(reply->values, 0));
	bus_reply_done(reply);
	return value;
}

struct json_object *bus_client_get_all(struct bus_client *client, const char *path,
				       const char *interface)
{
	struct bus_reply reply;

	bus_client_call(client, &reply, path, "org.freedesktop.DBus.Properties", "GetAll", "s",
			interface);
	return take_value(&reply);
}

struct json_object *bus_client_objects(struct bus_client *client)
{
	struct bus_reply reply;

	bus_client_call(client, &reply, DAXTIER_BUS_PATH, "org.freedesktop.DBus.ObjectManager",
			"GetManagedObjects", "");
	return take_value(&reply);
}

/*
 * The driver writes a signal before it says "done", and the bus keeps the order of what one peer
 * sends; so after an answer of the driver, all its earlier signals are here.
 */
static void listen(struct bus_client *client)
{
	struct bus_reply reply;
	int r;

	bus_client_call(client, &reply, DAXTIER_BUS_PATH, "org.freedesktop.DBus.Peer", "Ping", "");
	bus_reply_done(&reply);
	while ((r = sd_bus_process(client->bus, NULL)) > 0)
		;
	ck_assert_int_eq(r, 0);
}

struct json_object *bus_client_take_signal(struct bus_client *client, const char *member)
{
	struct json_object *signal;

	listen(client);
	ck_assert_msg(json_object_array_length(client->signals) > 0, "no %s", member);
	signal = json_object_get(json_object_array_get_idx(client->signals, 0));
	json_object_array_del_idx(client->signals, 0, 1);
	ck_assert_str_eq(json_object_get_string(json_object_object_get(signal, "Member")), member);
	return signal;
}

void bus_client_assert_silence(struct bus_client *client)
{
	listen(client);
	ck_assert_msg(json_object_array_length(client->signals) == 0, "unexpected: %s",
		      json_object_to_json_string(client->signals));
}

void bus_client_assert_changed(struct bus_client *client, const char *path, const char *interface,
			       const char *changes)
{
	struct json_object *signal = bus_client_take_signal(client, "PropertiesChanged");
	struct json_object *wanted = parse(changes);

	ck_assert_str_eq(json_object_get_string(json_object_object_get(signal, "Path")), path);
	ck_assert_str_eq(signal_string(signal, 0), interface);
	assert_json_eq(signal_argument(signal, 1), wanted);
	ck_assert_uint_eq(json_object_array_length(signal_argument(signal, 2)), 0);
	json_object_put(wanted);
	json_object_put(signal);
}

struct json_object *signal_argument(struct json_object *signal, size_t n)
{
	return json_object_array_get_idx(json_object_object_get(signal, "Arguments"), n);
}

const char *signal_string(struct json_object *signal, size_t n)
{
	return json_object_get_string(signal_argument(signal, n));
}

int json_array_has(struct json_object *array, const char *text)
{
	for (size_t i = 0; i < json_object_array_length(array); i++)
		if (strcmp(json_object_get_string(json_object_array_get_idx(array, i)), text) == 0)
			return 1;
	return 0;
}

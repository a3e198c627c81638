/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/client.h"

#include <errno.h>
#include <string.h>

#include "variant/bus-name.h"
#include "variant/variant.h"

/* Longer than the daemon lets polkit wait for a person. */
#define RELOAD_USEC (UINT64_C(360) * 1000000)

#define _cleanup_message_ _cleanup_(sd_bus_message_unrefp)

int client_open(struct client *client, const struct request *request)
{
	*client = (struct client){.format = request->format};
	return sd_bus_open_system(&client->bus);
}

void client_done(struct client *client)
{
	agent_close(&client->agent);
	sd_bus_error_free(&client->error);
	json_object_put(client->details);
	sd_bus_flush_close_unref(client->bus);
}

int client_allow_questions(struct client *client, const struct request *request)
{
	if (request->no_ask_password) {
		client->agent.state = AGENT_FORBIDDEN;
		return 0;
	}
	agent_open(&client->agent);
	return sd_bus_set_allow_interactive_authorization(client->bus, true);
}

static void client_forget_error(struct client *client)
{
	sd_bus_error_free(&client->error);
	json_object_put(client->details);
	client->details = NULL;
}

int client_take_answer(struct client *client, sd_bus_message *answer)
{
	const sd_bus_error *error = sd_bus_message_get_error(answer);

	client_forget_error(client);
	if (!error)
		return 0;
	sd_bus_error_copy(&client->error, error);
	/* Behind the message, from org.daxtier1; others say no more than that. */
	if (sd_bus_message_has_signature(answer, "sa{sv}") &&
	    sd_bus_message_skip(answer, "s") >= 0 && variant_read(answer, &client->details) < 0)
		client->details = NULL;
	return -sd_bus_message_get_errno(answer);
}

static int client_new_call(struct client *client, const char *path, const char *interface,
			   const char *member, sd_bus_message **ret)
{
	int r;

	r = sd_bus_message_new_method_call(client->bus, ret, DAXTIER_BUS_NAME, path, interface,
					   member);
	if (r < 0)
		return r;
	return sd_bus_message_set_auto_start(*ret, false);
}

struct answer {
	struct client *client;
	sd_bus_message *reply;
	bool is_there;
	int result;
};

static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	struct answer *answer = userdata;

	(void)ret_error;
	answer->is_there = true;
	answer->result = client_take_answer(answer->client, m);
	if (answer->result == 0)
		answer->reply = sd_bus_message_ref(m);
	return 0;
}

/*
 * Sends message and waits for the answer; reply may be NULL. sd_bus_call() would keep of an error
 * no more than its name and message. usec 0: as long as sd-bus thinks right.
 */
static int client_call(struct client *client, sd_bus_message *message, uint64_t usec,
		       sd_bus_message **reply)
{
	_cleanup_(sd_bus_slot_unrefp) sd_bus_slot *slot = NULL;
	struct answer answer = {.client = client};
	int r;

	client_forget_error(client);
	r = sd_bus_call_async(client->bus, &slot, message, on_answer, &answer, usec);
	while (r >= 0 && !answer.is_there) {
		r = sd_bus_process(client->bus, NULL);
		if (r == 0)
			r = sd_bus_wait(client->bus, UINT64_MAX);
		if (r == -EINTR)
			r = 0;
	}
	/* What ends a connection answers its calls as well. */
	if (answer.is_there)
		r = answer.result;
	if (r >= 0 && reply)
		*reply = answer.reply;
	else
		sd_bus_message_unref(answer.reply);
	return r < 0 ? r : 0;
}

/* The one value that a reply holds. */
static int read_value(sd_bus_message *reply, struct json_object **ret)
{
	int r = variant_read(reply, ret);

	return r == 0 ? -EBADMSG : r < 0 ? r : 0;
}

int client_get_host(struct client *client, struct json_object **ret)
{
	_cleanup_message_ sd_bus_message *message = NULL, *reply = NULL;
	int r;

	r = client_new_call(client, DAXTIER_BUS_PATH, "org.freedesktop.DBus.Properties", "GetAll",
			    &message);
	if (r < 0)
		return r;
	r = sd_bus_message_append(message, "s", DAXTIER_MANAGER_INTERFACE);
	if (r < 0)
		return r;
	r = client_call(client, message, 0, &reply);
	if (r < 0)
		return r;
	return read_value(reply, ret);
}

/* One entry of a{oa{sa{sv}}}, after its path; NULL in *ret when that object is no device. */
static int read_interfaces(sd_bus_message *reply, struct json_object **ret)
{
	_cleanup_json_ struct json_object *interfaces = NULL;
	struct json_object *device;
	int r;

	r = read_value(reply, &interfaces);
	if (r < 0)
		return r;
	if (!json_object_object_get_ex(interfaces, DAXTIER_DEVICE_INTERFACE, &device))
		device = NULL;
	*ret = json_object_get(device);
	return 0;
}

static int read_objects(sd_bus_message *reply, struct json_object *devices)
{
	int r;

	r = sd_bus_message_enter_container(reply, 'a', "{oa{sa{sv}}}");
	if (r < 0)
		return r;
	while ((r = sd_bus_message_enter_container(reply, 'e', "oa{sa{sv}}")) > 0) {
		struct json_object *device;

		r = sd_bus_message_skip(reply, "o");
		if (r < 0)
			return r;
		r = read_interfaces(reply, &device);
		if (r < 0)
			return r;
		if (device && json_object_array_add(devices, device) < 0) {
			json_object_put(device);
			return -ENOMEM;
		}
		r = sd_bus_message_exit_container(reply);
		if (r < 0)
			return r;
	}
	return r;
}

/* dax2.0 before dax10.0 */
static int compare_devices(const void *a, const void *b)
{
	struct json_object *const *x = a, *const *y = b;

	return strverscmp(get_text(*x, "Name"), get_text(*y, "Name"));
}

int client_get_devices(struct client *client, struct json_object **ret)
{
	_cleanup_message_ sd_bus_message *message = NULL, *reply = NULL;
	_cleanup_json_ struct json_object *devices = json_object_new_array();
	int r;

	if (!devices)
		return -ENOMEM;
	r = client_new_call(client, DAXTIER_BUS_PATH, "org.freedesktop.DBus.ObjectManager",
			    "GetManagedObjects", &message);
	if (r < 0)
		return r;
	r = client_call(client, message, 0, &reply);
	if (r < 0)
		return r;
	r = read_objects(reply, devices);
	if (r < 0)
		return r;
	json_object_array_sort(devices, compare_devices);
	*ret = TAKE_PTR(devices);
	return 0;
}

int client_get_status(struct client *client, struct json_object **ret)
{
	_cleanup_json_ struct json_object *document = json_new_document();
	struct json_object *host, *devices;
	int r;

	if (!document)
		return -ENOMEM;
	r = client_get_host(client, &host);
	if (r < 0)
		return r;
	r = json_put(document, "Host", host);
	if (r < 0)
		return r;
	r = client_get_devices(client, &devices);
	if (r < 0)
		return r;
	r = json_put(document, "Devices", devices);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(document);
	return 0;
}

int client_plan(struct client *client, const char *device, struct json_object **ret)
{
	_cleanup_message_ sd_bus_message *message = NULL, *reply = NULL;
	int r;

	r = client_new_call(client, DAXTIER_BUS_PATH, DAXTIER_MANAGER_INTERFACE, "Plan", &message);
	if (r < 0)
		return r;
	r = sd_bus_message_append(message, "s", device);
	if (r < 0)
		return r;
	r = client_call(client, message, 0, &reply);
	if (r < 0)
		return r;
	return read_value(reply, ret);
}

int client_reload(struct client *client)
{
	_cleanup_message_ sd_bus_message *message = NULL;
	int r;

	r = client_new_call(client, DAXTIER_BUS_PATH, DAXTIER_MANAGER_INTERFACE, "Reload",
			    &message);
	return r < 0 ? r : client_call(client, message, RELOAD_USEC, NULL);
}

int client_rehearse(struct client *client, const char *device, bool eject, struct json_object **ret)
{
	_cleanup_message_ sd_bus_message *message = NULL, *reply = NULL;
	int r;

	r = client_new_call(client, DAXTIER_BUS_PATH, DAXTIER_MANAGER_INTERFACE, "Rehearse",
			    &message);
	if (r < 0)
		return r;
	r = sd_bus_message_append(message, "sb", device, (int)eject);
	if (r < 0)
		return r;
	r = client_call(client, message, 0, &reply);
	if (r < 0)
		return r;
	return read_value(reply, ret);
}

int client_new_apply(struct client *client, const char *device, bool force, sd_bus_message **ret)
{
	_cleanup_message_ sd_bus_message *message = NULL;
	int r;

	r = client_new_call(client, DAXTIER_BUS_PATH, DAXTIER_MANAGER_INTERFACE, "Apply", &message);
	if (r < 0)
		return r;
	r = sd_bus_message_append(message, "sb", device, (int)force);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(message);
	return 0;
}

int client_new_release(struct client *client, const char *device, bool eject,
		       uint64_t deadline_usec, sd_bus_message **ret)
{
	_cleanup_message_ sd_bus_message *message = NULL;
	int r;

	r = client_new_call(client, DAXTIER_BUS_PATH, DAXTIER_MANAGER_INTERFACE, "Release",
			    &message);
	if (r < 0)
		return r;
	r = sd_bus_message_append(message, "sbt", device, (int)eject, deadline_usec);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(message);
	return 0;
}

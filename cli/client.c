/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/client.h"

#include <errno.h>
#include <string.h>

#include "base/errno-util.h"
#include "base/format.h"
#include "variant/bus-name.h"
#include "variant/variant.h"

#define _cleanup_message_ _cleanup_(sd_bus_message_unrefp)

int client_open(struct client *client)
{
	*client = (struct client){};
	return sd_bus_open_system(&client->bus);
}

void client_done(struct client *client)
{
	sd_bus_error_free(&client->error);
	sd_bus_flush_close_unref(client->bus);
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

/* Sends message; reply may be NULL. */
static int client_call(struct client *client, sd_bus_message *message, sd_bus_message **reply)
{
	int r;

	sd_bus_error_free(&client->error);
	r = sd_bus_call(client->bus, message, 0, &client->error, reply);
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
	r = client_call(client, message, &reply);
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

static int client_get_devices(struct client *client, struct json_object **ret)
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
	r = client_call(client, message, &reply);
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
	r = client_call(client, message, &reply);
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
	return r < 0 ? r : client_call(client, message, NULL);
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
	r = client_call(client, message, &reply);
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

bool client_is_absent(const struct client *client)
{
	return !client->bus ||
	       sd_bus_error_has_name(&client->error, SD_BUS_ERROR_SERVICE_UNKNOWN) ||
	       sd_bus_error_has_name(&client->error, SD_BUS_ERROR_NAME_HAS_NO_OWNER);
}

/* There, but it did not answer, or its answer did not arrive. */
static bool client_is_cut_off(const struct client *client, int error)
{
	switch (error) {
	case -ENOTCONN:
	case -ECONNRESET:
	case -EPIPE:
	case -ETIMEDOUT:
		return true;
	}
	return sd_bus_error_has_name(&client->error, SD_BUS_ERROR_NO_REPLY) ||
	       sd_bus_error_has_name(&client->error, SD_BUS_ERROR_TIMEOUT) ||
	       sd_bus_error_has_name(&client->error, SD_BUS_ERROR_DISCONNECTED);
}

/* Shown as check-config shows them: each on a line of its own. */
static void print_config_errors(const char *message)
{
	size_t n = 0;

	for (const char *line = message; *line; n++) {
		size_t length = strcspn(line, "\n");
		_cleanup_free_ char *copy = strndup(line, length);
		_cleanup_free_ char *clean = copy ? text_clean(copy) : NULL;

		fprintf(stderr, "%s\n", clean ?: "(out of memory)");
		line += length;
		line += *line == '\n';
	}
	complain("%zu error%s; the old configuration stays in force", n, n == 1 ? "" : "s");
}

enum exit_status client_failed(const struct client *client, int error)
{
	const char *message = client->error.message ?: strerror(-error);

	if (!client->bus) {
		complain("cannot connect to the system bus: %s; is dbus running?",
			 strerror(-error));
		return STATUS_UNREACHABLE;
	}
	if (client_is_absent(client)) {
		complain("daxtierd is not running; start it with: systemctl enable --now daxtierd");
		return STATUS_UNREACHABLE;
	}
	if (client_is_cut_off(client, error)) {
		complain("daxtierd does not answer: %s; see: systemctl status daxtierd", message);
		return STATUS_UNREACHABLE;
	}
	if (sd_bus_error_has_name(&client->error, DAXTIER_ERROR_NO_SUCH_DEVICE)) {
		complain("%s; \"daxtierctl status\" lists those there are", message);
		return STATUS_NO_DEVICE;
	}
	if (sd_bus_error_has_name(&client->error, DAXTIER_ERROR_CONFIG_INVALID)) {
		print_config_errors(message);
		return STATUS_CONFIG_INVALID;
	}
	if (sd_bus_error_has_name(&client->error, SD_BUS_ERROR_ACCESS_DENIED)) {
		complain("only root may do that: %s", message);
		return STATUS_FAILURE;
	}
	complain("daxtierd answered: %s (%s)", message, client->error.name ?: errno_name(error));
	return STATUS_FAILURE;
}

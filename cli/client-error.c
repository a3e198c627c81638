/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What went wrong with a call, for people and for programs. */
#include <errno.h>
#include <string.h>

#include "base/errno-util.h"
#include "base/format.h"
#include "cli/client.h"
#include "variant/bus-name.h"

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

static const char *message_of(const struct client *client, int error)
{
	return client->error.message ?: strerror(-error);
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

/* Polkit would have asked somebody. */
static void complain_unasked(const struct client *client, const char *message)
{
	const char *advice = agent_advice(&client->agent);

	complain("that takes a password, and nobody could be asked for one: %s", message);
	if (advice)
		complain("%s, or run it as root, as with sudo", advice);
}

static enum exit_status complain_of(const struct client *client, int error)
{
	const char *message = message_of(client, error);

	if (!client->bus) {
		complain("cannot connect to the system bus: %s; is dbus running?",
			 strerror(-error));
		return STATUS_UNREACHABLE;
	}
	if (client_is_absent(client)) {
		complain("daxtierd is not running; start it with: systemctl enable --now daxtierd; "
			 "why it ended, if it did: journalctl -u daxtierd");
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
	if (sd_bus_error_has_name(&client->error,
				  SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED)) {
		complain_unasked(client, message);
		return STATUS_FAILURE;
	}
	if (sd_bus_error_has_name(&client->error, SD_BUS_ERROR_ACCESS_DENIED)) {
		complain("not allowed: %s; run it as root, as with sudo, or let polkit authorize "
			 "you, see org.daxtier1(5)",
			 message);
		return STATUS_FAILURE;
	}
	complain("daxtierd answered: %s (%s)", message, client->error.name ?: errno_name(error));
	return STATUS_FAILURE;
}

/* The members that every error has; "" and 0 where the daemon has not said them. */
static int put_details(struct json_object *object, struct json_object *details)
{
	static const char *const keys[] = {"Error", "Step", "Path"};

	if (json_put(object, "Errno", json_object_new_int64(get_int(details, "Errno"))) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (json_put(object, keys[i], json_object_new_string(get_text(details, keys[i]))) <
		    0)
			return -ENOMEM;
	return 0;
}

enum exit_status client_print_error(const struct client *client, int error, enum exit_status status)
{
	_cleanup_json_ struct json_object *document = NULL;
	struct json_object *object;

	if (client->format == JSON_OFF)
		return status;
	document = json_new_document();
	if (!document)
		return complain_oom();
	object = json_object_new_object();
	if (json_put(document, "Error", object) < 0 ||
	    json_put(object, "Name", json_object_new_string(client->error.name ?: "")) < 0 ||
	    json_put(object, "Message", json_object_new_string(message_of(client, error))) < 0 ||
	    put_details(object, client->details) < 0)
		return complain_oom();
	json_print(document, client->format);
	return status;
}

enum exit_status client_failed(const struct client *client, int error)
{
	return client_print_error(client, error, complain_of(client, error));
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CLI_CLIENT_H
#define DAXTIER_CLI_CLIENT_H

/*
 * daxtierd over the bus. No call starts the daemon: whoever looks must not thereby change what
 * there is to see.
 */

#include <systemd/sd-bus.h>

#include "cli/agent.h"
#include "cli/verb.h"

struct client {
	sd_bus *bus;
	enum json_format format;     /* also of what client_failed() says */
	sd_bus_error error;	     /* of the last call */
	struct json_object *details; /* what the daemon told of it to programs; NULL: nothing */
	struct agent agent;
};

#define _cleanup_client_ _cleanup_(client_done)

/* All return 0 or a negative errno; client_failed() puts it into words. */
int client_open(struct client *client, const struct request *request);
void client_done(struct client *client);

/* From here on, calls may make polkit ask a person, unless request says that they may not. */
int client_allow_questions(struct client *client, const struct request *request);

/* {"Version", "Host": {the properties of org.daxtier1.Manager}, "Devices": [those of each
 * org.daxtier1.Device, sorted by name]}. */
int client_get_status(struct client *client, struct json_object **ret);
int client_get_host(struct client *client, struct json_object **ret);
int client_get_devices(struct client *client, struct json_object **ret);
/* An array; device "" for all. */
int client_plan(struct client *client, const char *device, struct json_object **ret);
/* With the patience for a password. */
int client_reload(struct client *client);
/* As model/rehearsal.h has it. */
int client_rehearse(struct client *client, const char *device, bool eject,
		    struct json_object **ret);

/* Calls that last, for work_wait(). device "": all. deadline_usec 0: none. */
int client_new_apply(struct client *client, const char *device, bool force, sd_bus_message **ret);
int client_new_release(struct client *client, const char *device, bool eject,
		       uint64_t deadline_usec, sd_bus_message **ret);

/* Keeps what the answer to a call says, where that is an error; returns that, or 0. */
int client_take_answer(struct client *client, sd_bus_message *answer);

/* Whether, as the last call showed, there is no daemon or not even a bus. */
bool client_is_absent(const struct client *client);

/* Complains, prints the error as JSON where that was asked for, and returns what to exit with. */
enum exit_status client_failed(const struct client *client, int error);
/* The same without the words, for who has found better ones. */
enum exit_status client_print_error(const struct client *client, int error,
				    enum exit_status status);

#endif

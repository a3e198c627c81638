/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus/bus-access.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/cleanup.h"

struct bus_access_call {
	struct bus_access *access;
	struct bus_access_call *next;
	sd_bus_message *message;
	sd_bus_slot *slot;
	sd_bus_message_handler_t granted;
	void *userdata;
};

static void call_free(struct bus_access_call *call)
{
	sd_bus_slot_unref(call->slot);
	sd_bus_message_unref(call->message);
	free(call);
}

DEFINE_CLEANUP(struct bus_access_call *, call_free);

static void call_unlink(struct bus_access_call *call)
{
	struct bus_access_call **p = &call->access->calls;

	while (*p != call)
		p = &(*p)->next;
	*p = call->next;
}

static bool uid_may(uint32_t uid)
{
	return uid == 0 || uid == geteuid();
}

static int on_sender_uid(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
	_cleanup_(call_freep) struct bus_access_call *call = userdata;
	_cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
	const char *member = sd_bus_message_get_member(call->message);
	uint32_t uid;
	int r;

	call_unlink(call);
	if (sd_bus_message_is_method_error(reply, NULL) ||
	    sd_bus_message_read(reply, "u", &uid) < 0)
		r = sd_bus_error_setf(&error, SD_BUS_ERROR_ACCESS_DENIED,
				      "%s is for root, and the bus cannot tell who called", member);
	else if (!uid_may(uid))
		r = sd_bus_error_setf(&error, SD_BUS_ERROR_ACCESS_DENIED,
				      "%s is for root, and uid %" PRIu32 " called", member, uid);
	else
		r = call->granted(call->message, call->userdata, &error);

	if (sd_bus_error_is_set(&error))
		r = sd_bus_reply_method_error(call->message, &error);
	else if (r < 0)
		r = sd_bus_reply_method_errno(call->message, r, NULL);
	return r < 0 ? r : 1;
}

int bus_access_check(struct bus_access *access, sd_bus_message *message,
		     sd_bus_message_handler_t granted, void *userdata)
{
	_cleanup_(call_freep) struct bus_access_call *call = calloc(1, sizeof(*call));
	int r;

	if (!call)
		return -ENOMEM;
	call->access = access;
	call->message = sd_bus_message_ref(message);
	call->granted = granted;
	call->userdata = userdata;

	r = sd_bus_call_method_async(sd_bus_message_get_bus(message), &call->slot,
				     "org.freedesktop.DBus", "/org/freedesktop/DBus",
				     "org.freedesktop.DBus", "GetConnectionUnixUser", on_sender_uid,
				     call, "s", sd_bus_message_get_sender(message));
	if (r < 0)
		return r;
	call->next = access->calls;
	access->calls = call;
	TAKE_PTR(call);
	return 0;
}

void bus_access_done(struct bus_access *access)
{
	while (access->calls) {
		struct bus_access_call *call = access->calls;

		access->calls = call->next;
		call_free(call);
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus/bus-call.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/*
 * Of one connection, and of all. Who calls is not known at first, so that there can be no places
 * for root alone; but a bus grants a user 256 connections (dbus-daemon(1), the system bus' own
 * configuration), and with all of them he fills half of the places. Each is a message without long
 * names in it.
 */
#define CALLS_PER_CLIENT 8
#define CALLS_MAX	 4096

static bool is_of(const struct bus_call *call, const char *sender)
{
	return strcmp(sd_bus_message_get_sender(call->message), sender) == 0;
}

static int check_limits(const struct bus_calls *calls, const char *sender)
{
	size_t n = 0, n_own = 0;

	for (const struct bus_call *call = calls->first; call; call = call->next) {
		n++;
		if (is_of(call, sender))
			n_own++;
	}
	return n >= CALLS_MAX || n_own >= CALLS_PER_CLIENT ? -EBUSY : 0;
}

/* One whose owner wants to know; taking it up ends it, so the search begins anew each time. */
static struct bus_call *find_left(const struct bus_calls *calls, const char *sender)
{
	struct bus_call *call = calls->first;

	while (call && (!call->left || !is_of(call, sender)))
		call = call->next;
	return call;
}

static int on_owner_changed(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	const struct bus_calls *calls = userdata;
	const char *name, *before, *after;
	struct bus_call *call;

	/* The name of a connection is never given to another one. */
	if (sd_bus_message_read(m, "sss", &name, &before, &after) < 0 || after[0])
		return 0;
	while ((call = find_left(calls, name)))
		call->left(call, call->userdata);
	return 0;
}

/* Without this handler sd-bus would end the connection when the bus refuses the match. */
static int on_watched(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	return 0; /* the end of a caller that is not seen costs a place until its work has ended */
}

/* One match for all calls of a connection: a bus grants 512. */
static int watch_sender(struct bus_call *call)
{
	const char *sender = sd_bus_message_get_sender(call->message);
	_cleanup_free_ char *match = NULL;

	for (struct bus_call *other = call->next; other; other = other->next)
		if (is_of(other, sender)) {
			call->watch = sd_bus_slot_ref(other->watch);
			return 0;
		}
	if (asprintf(&match,
		     "type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/DBus',"
		     "interface='org.freedesktop.DBus',member='NameOwnerChanged',arg0='%s'",
		     sender) < 0) {
		match = NULL;
		return -ENOMEM;
	}
	return sd_bus_add_match_async(sd_bus_message_get_bus(call->message), &call->watch, match,
				      on_owner_changed, on_watched, call->calls);
}

int bus_call_keep(struct bus_calls *calls, sd_bus_message *message, bus_call_left_t left,
		  void *userdata, struct bus_call **ret)
{
	const char *sender = sd_bus_message_get_sender(message);
	struct bus_call *call;
	int r;

	if (!sender) /* no bus between, so nobody to ask who that is */
		return -EACCES;
	r = check_limits(calls, sender);
	if (r < 0)
		return r;
	call = calloc(1, sizeof(*call));
	if (!call)
		return -ENOMEM;
	call->calls = calls;
	call->next = calls->first;
	calls->first = call;
	call->message = sd_bus_message_ref(message);
	bus_call_set_left(call, left, userdata);
	r = watch_sender(call);
	if (r < 0) {
		bus_call_free(call);
		return r;
	}
	*ret = call;
	return 0;
}

struct bus_call *bus_call_free(struct bus_call *call)
{
	struct bus_call **p;

	if (!call)
		return NULL;
	for (p = &call->calls->first; *p != call; p = &(*p)->next)
		;
	*p = call->next;
	sd_bus_slot_unref(call->watch);
	sd_bus_message_unref(call->message);
	free(call);
	return NULL;
}

void bus_call_set_left(struct bus_call *call, bus_call_left_t left, void *userdata)
{
	call->left = left;
	call->userdata = userdata;
}

int bus_call_answer(struct bus_call *call)
{
	int r = sd_bus_reply_method_return(call->message, NULL);

	return r < 0 ? r : 0;
}

int bus_call_fail(struct bus_call *call, const struct bus_failure *failure, const char *message)
{
	return bus_error_replyf(call->message, failure, "%s", message);
}

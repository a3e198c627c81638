/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus/bus-polkit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "variant/bus-name.h"

#define POLKIT_NAME	 "org.freedesktop.PolicyKit1"
#define POLKIT_PATH	 "/org/freedesktop/PolicyKit1/Authority"
#define POLKIT_INTERFACE "org.freedesktop.PolicyKit1.Authority"

#define FLAG_ALLOW_INTERACTION 1u

/* What rules and a disk need, and what a person needs. */
#define WAIT_USEC	     UINT64_C(25000000)
#define WAIT_FOR_PERSON_USEC UINT64_C(300000000)

struct bus_polkit {
	sd_bus *bus;
	sd_bus_slot *slot;
	char *id;
	bool answered; /* polkit has nothing to take back any more */
	bus_polkit_answered_t done;
	void *userdata;
};

/* Not sent when polkit has left meanwhile: it would be started for it. */
static void take_back(struct bus_polkit *polkit)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;

	/* Best effort: at worst somebody answers a question whose answer nobody reads. */
	if (sd_bus_message_new_method_call(polkit->bus, &m, POLKIT_NAME, POLKIT_PATH,
					   POLKIT_INTERFACE, "CancelCheckAuthorization") >= 0 &&
	    sd_bus_message_append(m, "s", polkit->id) >= 0 &&
	    sd_bus_message_set_auto_start(m, 0) >= 0 && sd_bus_message_set_expect_reply(m, 0) >= 0)
		sd_bus_send(polkit->bus, m, NULL);
}

struct bus_polkit *bus_polkit_free(struct bus_polkit *polkit)
{
	if (!polkit)
		return NULL;
	if (polkit->slot && !polkit->answered)
		take_back(polkit);
	sd_bus_slot_unref(polkit->slot);
	sd_bus_unref(polkit->bus);
	free(polkit->id);
	free(polkit);
	return NULL;
}

static void bus_polkit_freep(struct bus_polkit **polkit)
{
	*polkit = bus_polkit_free(*polkit);
}

static enum polkit_verdict verdict_of_error(const sd_bus_error *error)
{
	static const char *const absent[] = {
		SD_BUS_ERROR_SERVICE_UNKNOWN, SD_BUS_ERROR_NAME_HAS_NO_OWNER,
		"org.freedesktop.systemd1.NoSuchUnit", /* activated by a unit that is not there, */
		"org.freedesktop.systemd1.UnitMasked", /* or that the administrator does not want */
	};

	for (size_t i = 0; i < ARRAY_SIZE(absent); i++)
		if (sd_bus_error_has_name(error, absent[i]))
			return POLKIT_ABSENT;
	return POLKIT_SILENT;
}

/* Its answer is (is_authorized, is_challenge, details). */
static enum polkit_verdict verdict_of_answer(sd_bus_message *reply)
{
	int authorized, challenge;

	if (!sd_bus_message_has_signature(reply, "(bba{ss})") ||
	    sd_bus_message_enter_container(reply, 'r', "bba{ss}") < 0 ||
	    sd_bus_message_read(reply, "bb", &authorized, &challenge) < 0)
		return POLKIT_SILENT;
	if (authorized)
		return POLKIT_AUTHORIZED;
	return challenge ? POLKIT_NEEDS_INTERACTION : POLKIT_REFUSED;
}

static int on_answer(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
	const sd_bus_error *error = sd_bus_message_get_error(reply);
	struct bus_polkit *polkit = userdata;

	/* sd-bus itself makes up the error when the time is over; polkit goes on asking then. */
	polkit->answered = !error || !sd_bus_error_has_name(error, SD_BUS_ERROR_NO_REPLY);
	polkit->done(error ? verdict_of_error(error) : verdict_of_answer(reply),
		     error ? error->message ?: error->name : NULL, polkit->userdata);
	return 1;
}

/* CheckAuthorization(subject, action, details, flags, cancellation id) */
static int append_question(sd_bus_message *m, const struct bus_polkit *polkit, sd_bus_message *call,
			   const char *device, bool interactive)
{
	/* The connection, not a process or a user: the bus vouches for it as long as it lives. */
	int r = sd_bus_message_append(m, "(sa{sv})", "system-bus-name", 1, "name", "s",
				      sd_bus_message_get_sender(call));

	if (r < 0)
		return r;
	return sd_bus_message_append(m, "sa{ss}us", DAXTIER_POLKIT_ACTION, 2, "method",
				     sd_bus_message_get_member(call), "device", device,
				     interactive ? FLAG_ALLOW_INTERACTION : 0, polkit->id);
}

int bus_polkit_ask(sd_bus_message *call, uint64_t id, const char *device,
		   bus_polkit_answered_t answered, void *userdata, struct bus_polkit **ret)
{
	_cleanup_(bus_polkit_freep) struct bus_polkit *polkit = calloc(1, sizeof(*polkit));
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	bool interactive = sd_bus_message_get_allow_interactive_authorization(call) > 0;
	int r;

	if (!polkit)
		return -ENOMEM;
	polkit->bus = sd_bus_ref(sd_bus_message_get_bus(call));
	polkit->done = answered;
	polkit->userdata = userdata;
	if (asprintf(&polkit->id, "daxtier1-%" PRIu64, id) < 0) {
		polkit->id = NULL;
		return -ENOMEM;
	}
	r = sd_bus_message_new_method_call(polkit->bus, &m, POLKIT_NAME, POLKIT_PATH,
					   POLKIT_INTERFACE, "CheckAuthorization");
	if (r < 0)
		return r;
	r = append_question(m, polkit, call, device, interactive);
	if (r < 0)
		return r;
	r = sd_bus_call_async(polkit->bus, &polkit->slot, m, on_answer, polkit,
			      interactive ? WAIT_FOR_PERSON_USEC : WAIT_USEC);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(polkit);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus/bus-access.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "bus/bus-polkit.h"
#include "variant/bus-name.h"

/* Calls of one user, and of all, that wait for polkit: an answer can take as long as a password. */
#define POLKIT_PER_USER 4
#define POLKIT_MAX	32

/* Who made the call is asked of the bus, and what he may of polkit. */
struct bus_question {
	struct bus_access *access;
	struct bus_question *next;
	struct bus_call *call;
	char *device;
	bus_access_granted_t granted;
	void *userdata;
	sd_bus_slot *slot;
	struct bus_polkit *polkit; /* NULL until it is asked */
	uint32_t uid;
};

static void question_free(struct bus_question *question)
{
	struct bus_question **p;

	for (p = &question->access->questions; *p != question; p = &(*p)->next)
		;
	*p = question->next;
	bus_polkit_free(question->polkit);
	sd_bus_slot_unref(question->slot);
	bus_call_free(question->call);
	free(question->device);
	free(question);
}

DEFINE_CLEANUP(struct bus_question *, question_free);

static void on_left(struct bus_call *call, void *userdata)
{
	question_free(userdata);
}

static void grant(struct bus_question *question)
{
	struct bus_call *call = TAKE_PTR(question->call);
	bus_access_granted_t granted = question->granted;
	void *userdata = question->userdata;

	bus_call_set_left(call, NULL, NULL);
	question_free(question);
	granted(call, userdata);
}

/* What of this cannot be sent, the sender finds out by the end of his patience. */
static void refuse(struct bus_question *question, const char *name, const char *why,
		   const char *detail)
{
	sd_bus_message *message = question->call->message;

	sd_bus_reply_method_errorf(message, name,
				   "%s is for root, and uid %" PRIu32 " called%s%s%s",
				   sd_bus_message_get_member(message), question->uid, why,
				   detail ? ": " : "", detail ?: "");
	question_free(question);
}

static void on_polkit(enum polkit_verdict verdict, const char *why, void *userdata)
{
	struct bus_question *question = userdata;

	switch (verdict) {
	case POLKIT_AUTHORIZED:
		grant(question);
		return;
	case POLKIT_REFUSED:
		refuse(question, SD_BUS_ERROR_ACCESS_DENIED,
		       ", whom polkit does not authorize for " DAXTIER_POLKIT_ACTION, NULL);
		return;
	case POLKIT_NEEDS_INTERACTION:
		refuse(question, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED,
		       ", whom polkit would have to ask for a password first; let it, with an "
		       "agent "
		       "such as pkttyagent, or be root",
		       NULL);
		return;
	case POLKIT_ABSENT:
		refuse(question, SD_BUS_ERROR_ACCESS_DENIED, "", NULL);
		return;
	case POLKIT_SILENT:
		refuse(question, SD_BUS_ERROR_ACCESS_DENIED, ", and polkit did not decide", why);
		return;
	}
}

static bool polkit_is_busy(const struct bus_access *access, uint32_t uid)
{
	size_t n = 0, n_own = 0;

	for (const struct bus_question *q = access->questions; q; q = q->next) {
		if (!q->polkit)
			continue;
		n++;
		if (q->uid == uid)
			n_own++;
	}
	return n >= POLKIT_MAX || n_own >= POLKIT_PER_USER;
}

static int refuse_busy(sd_bus_message *message, const char *who)
{
	const struct bus_failure failure = {.name = DAXTIER_ERROR_BUSY};

	return bus_error_replyf(message, &failure, "too many calls of %s wait; try again later",
				who);
}

static void ask_polkit(struct bus_question *question)
{
	struct bus_access *access = question->access;
	int r;

	if (polkit_is_busy(access, question->uid)) {
		refuse_busy(question->call->message, "users who are not root");
		question_free(question);
		return;
	}
	r = bus_polkit_ask(question->call->message, ++access->n_asked, question->device, on_polkit,
			   question, &question->polkit);
	if (r < 0)
		refuse(question, SD_BUS_ERROR_ACCESS_DENIED, ", and polkit cannot be asked",
		       strerror(-r));
}

static bool uid_may(uint32_t uid)
{
	return uid == 0 || uid == geteuid();
}

static int on_sender_uid(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
	struct bus_question *question = userdata;
	sd_bus_message *message = question->call->message;

	if (sd_bus_message_is_method_error(reply, NULL) ||
	    sd_bus_message_read(reply, "u", &question->uid) < 0) {
		sd_bus_reply_method_errorf(message, SD_BUS_ERROR_ACCESS_DENIED,
					   "%s is for root, and the bus cannot tell who called",
					   sd_bus_message_get_member(message));
		question_free(question);
	} else if (uid_may(question->uid)) {
		grant(question);
	} else {
		ask_polkit(question);
	}
	return 1;
}

static int question_new(struct bus_access *access, sd_bus_message *message,
			struct bus_question **ret)
{
	struct bus_question *question = calloc(1, sizeof(*question));
	int r;

	if (!question)
		return -ENOMEM;
	r = bus_call_keep(&access->calls, message, on_left, question, &question->call);
	if (r < 0) {
		free(question);
		return r;
	}
	question->access = access;
	question->next = access->questions;
	access->questions = question;
	*ret = question;
	return 0;
}

int bus_access_check(struct bus_access *access, sd_bus_message *message, const char *device,
		     bus_access_granted_t granted, void *userdata)
{
	_cleanup_(question_freep) struct bus_question *question = NULL;
	int r;

	r = question_new(access, message, &question);
	if (r == -EBUSY) {
		r = refuse_busy(message, "this client");
		return r < 0 ? r : 1;
	}
	if (r < 0)
		return r;
	question->granted = granted;
	question->userdata = userdata;
	question->device = strdup(device);
	if (!question->device)
		return -ENOMEM;

	/* After the bus was asked to tell of his leaving: whoever has left already is no name. */
	r = sd_bus_call_method_async(sd_bus_message_get_bus(message), &question->slot,
				     "org.freedesktop.DBus", "/org/freedesktop/DBus",
				     "org.freedesktop.DBus", "GetConnectionUnixUser", on_sender_uid,
				     question, "s", sd_bus_message_get_sender(message));
	if (r < 0)
		return r;
	TAKE_PTR(question);
	return 1;
}

void bus_access_done(struct bus_access *access)
{
	while (access->questions)
		question_free(access->questions);
}

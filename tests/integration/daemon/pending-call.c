/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pending-call.h"

#include <string.h>

#include "base/cleanup.h"

#define WAIT_MSEC 10000
#define STEP_MSEC 20

static int on_answer(sd_bus_message *answer, void *userdata, sd_bus_error *ret_error)
{
	const sd_bus_error *error = sd_bus_message_get_error(answer);
	struct pending_call *call = userdata;

	call->answered = true;
	if (error) {
		call->error = strdup(error->name);
		call->message = strdup(error->message ?: "");
		ck_assert(call->error && call->message);
	}
	return 0;
}

static void start(struct pending_call *call, struct test_host *host)
{
	*call = (struct pending_call){.host = host};
}

void pending_release(struct pending_call *call, struct test_host *host, const char *device,
		     bool eject, uint64_t deadline_usec)
{
	start(call, host);
	ck_assert_int_ge(sd_bus_call_method_async(host->bus, &call->slot, "org.daxtier1",
						  "/org/daxtier1", "org.daxtier1.Manager",
						  "Release", on_answer, call, "sbt", device,
						  (int)eject, deadline_usec),
			 0);
	ck_assert_int_ge(sd_bus_flush(host->bus), 0);
}

void pending_apply(struct pending_call *call, struct test_host *host, const char *device,
		   bool force)
{
	start(call, host);
	ck_assert_int_ge(sd_bus_call_method_async(host->bus, &call->slot, "org.daxtier1",
						  "/org/daxtier1", "org.daxtier1.Manager", "Apply",
						  on_answer, call, "sb", device, (int)force),
			 0);
	ck_assert_int_ge(sd_bus_flush(host->bus), 0);
}

static void wait_for_answer(struct pending_call *call)
{
	for (int msec = 0; !call->answered; msec += STEP_MSEC) {
		_cleanup_free_ char *log = NULL;

		while (sd_bus_process(call->host->bus, NULL) > 0)
			;
		if (call->answered)
			return;
		if (msec >= WAIT_MSEC) {
			log = test_host_log(call->host);
			ck_abort_msg("no answer:\n%s", log);
		}
		g_usleep(STEP_MSEC * 1000);
	}
}

void pending_drop(struct pending_call *call)
{
	sd_bus_slot_unref(call->slot);
	free(call->error);
	free(call->message);
	*call = (struct pending_call){};
}

void pending_assert_done(struct pending_call *call)
{
	_cleanup_free_ char *log = NULL;

	wait_for_answer(call);
	log = test_host_log(call->host);
	ck_assert_msg(!call->error, "%s: %s\n%s", call->error, call->message, log);
	pending_drop(call);
}

void pending_assert_failed(struct pending_call *call, const char *error, const char *part)
{
	_cleanup_free_ char *log = NULL, *name = NULL;

	wait_for_answer(call);
	log = test_host_log(call->host);
	ck_assert_int_gt(asprintf(&name, "org.daxtier1.Error.%s", error), 0);
	ck_assert_msg(call->error && !strcmp(call->error, name) && strstr(call->message, part),
		      "%s: %s, not %s: …%s…\n%s", call->error ?: "no error", call->message ?: "",
		      name, part, log);
	pending_drop(call);
}

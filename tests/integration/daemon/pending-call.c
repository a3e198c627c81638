/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pending-call.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/errno-util.h"
#include "variant/variant.h"

#define WAIT_MSEC 30000
#define STEP_MSEC 20

static int on_answer(sd_bus_message *answer, void *userdata, sd_bus_error *ret_error)
{
	const sd_bus_error *error = sd_bus_message_get_error(answer);
	struct pending_call *call = userdata;

	call->answered = true;
	if (error) {
		/* Of those that sd-bus or the bus makes up there is nothing but words. */
		if (strcmp(sd_bus_message_get_signature(answer, 1), "sa{sv}") == 0) {
			ck_assert_int_ge(sd_bus_message_rewind(answer, 1), 0);
			ck_assert_int_ge(sd_bus_message_skip(answer, "s"), 0);
			ck_assert_int_gt(variant_read(answer, &call->failure), 0);
		}
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
	json_object_put(call->failure);
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

static const char *told(const struct pending_call *call, const char *member)
{
	struct json_object *value;

	ck_assert_msg(json_object_object_get_ex(call->failure, member, &value), "no %s", member);
	return json_object_get_string(value);
}

void pending_assert_told(struct pending_call *call, const char *error, const char *step,
			 const char *path)
{
	wait_for_answer(call);
	ck_assert_msg(call->failure != NULL, "%s: %s", call->error ?: "no error",
		      call->message ?: "");
	ck_assert_str_eq(told(call, "Error"), error);
	ck_assert_int_eq(json_object_get_int(json_object_object_get(call->failure, "Errno")),
			 -errno_from_name(error));
	ck_assert_str_eq(told(call, "Step"), step);
	ck_assert_ptr_nonnull(strstr(told(call, "Path"), path));
}

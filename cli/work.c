/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/work.h"

#include <errno.h>
#include <string.h>
#include <systemd/sd-event.h>

#include "cli/progress.h"
#include "cli/signals.h"
#include "variant/bus-name.h"
#include "variant/json-clean.h"
#include "variant/variant.h"

struct waiting {
	struct client *client;
	const struct work *work;
	sd_event *event;
	/* Both end with this, for other calls may follow on the bus. */
	sd_bus_slot *changes, *answer;
	struct json_object *known; /* {device: {"State", "StateDetail"}} */
	struct progress_view view;
	int result;	    /* of the call, negative errno */
	int signal;	    /* that interrupted it, 0: none */
	unsigned seconds;   /* since it began */
	struct style style; /* of standard error */
};

static void waiting_done(struct waiting *waiting)
{
	progress_end(&waiting->view);
	sd_bus_slot_unref(waiting->changes);
	sd_bus_slot_unref(waiting->answer);
	json_object_put(waiting->known);
	sd_event_unref(waiting->event);
}

/* Takes over from properties what is shown of a device. 0 or -ENOMEM. */
static int learn(struct waiting *waiting, const char *device, struct json_object *properties)
{
	static const char *const keys[] = {"State", "StateDetail"};
	struct json_object *entry, *value;

	if (!json_object_object_get_ex(waiting->known, device, &entry)) {
		entry = json_object_new_object();
		if (json_put(waiting->known, device, entry) < 0)
			return -ENOMEM;
	}
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (json_object_object_get_ex(properties, keys[i], &value) &&
		    json_put(entry, keys[i], json_object_get(value)) < 0)
			return -ENOMEM;
	return 0;
}

static int learn_all(struct waiting *waiting, struct json_object *status)
{
	struct json_object *devices = get_array(status, "Devices");
	int r = 0;

	for (size_t i = 0; r == 0 && i < json_length(devices); i++) {
		struct json_object *device = json_object_array_get_idx(devices, i);

		r = learn(waiting, get_text(device, "Name"), device);
	}
	return r;
}

static int show(struct waiting *waiting, const char *device, struct json_object *changed)
{
	struct json_object *entry, *ignored;
	int r;

	if (!json_object_object_get_ex(changed, "State", &ignored) &&
	    !json_object_object_get_ex(changed, "StateDetail", &ignored))
		return 0;
	r = json_clean(changed);
	if (r == 0)
		r = learn(waiting, device, changed);
	if (r < 0)
		return r;
	json_object_object_get_ex(waiting->known, device, &entry);
	progress_show(&waiting->view, device, get_text(entry, "State"),
		      get_text(entry, "StateDetail"));
	return 0;
}

/* What cannot be understood of it is not shown: the answer to the call is what counts. */
static int on_changed(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	struct waiting *waiting = userdata;
	_cleanup_json_ struct json_object *changed = NULL;
	_cleanup_free_ char *device = NULL;
	const char *interface;

	(void)ret_error;
	if (sd_bus_path_decode(sd_bus_message_get_path(m), DAXTIER_BUS_DEVICE_PREFIX, &device) <= 0)
		return 0;
	if (waiting->work->device && strcmp(device, waiting->work->device) != 0)
		return 0;
	if (sd_bus_message_read(m, "s", &interface) < 0 ||
	    strcmp(interface, DAXTIER_DEVICE_INTERFACE) != 0 || variant_read(m, &changed) <= 0)
		return 0;
	show(waiting, device, changed);
	return 0;
}

static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	struct waiting *waiting = userdata;

	(void)ret_error;
	waiting->result = client_take_answer(waiting->client, m);
	return sd_event_exit(waiting->event, 0);
}

#define SECOND UINT64_C(1000000)

static int on_second(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct waiting *waiting = userdata;
	int r;

	progress_tick(&waiting->view, ++waiting->seconds);
	r = sd_event_source_set_time(source, usec + SECOND);
	return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int count_seconds(struct waiting *waiting)
{
	uint64_t now;
	int r;

	r = sd_event_now(waiting->event, CLOCK_MONOTONIC, &now);
	if (r < 0)
		return r;
	return sd_event_add_time(waiting->event, NULL, CLOCK_MONOTONIC, now + SECOND, 0, on_second,
				 waiting);
}

static int attach(struct waiting *waiting)
{
	sd_bus *bus = waiting->client->bus;
	int r;

	r = sd_event_new(&waiting->event);
	/* There may be more to ask afterwards. */
	if (r >= 0)
		r = sd_bus_set_close_on_exit(bus, false);
	if (r >= 0)
		r = sd_bus_attach_event(bus, waiting->event, SD_EVENT_PRIORITY_NORMAL);
	return r;
}

static int call_and_wait(struct waiting *waiting, sd_bus_message *call)
{
	sd_bus *bus = waiting->client->bus;
	int r;

	r = count_seconds(waiting);
	/* Before the call, so that nothing is missed. */
	if (r >= 0)
		r = sd_bus_add_match(bus, &waiting->changes,
				     "type='signal',sender='" DAXTIER_BUS_NAME "',"
				     "interface='org.freedesktop.DBus.Properties',"
				     "member='PropertiesChanged',"
				     "path_namespace='" DAXTIER_BUS_DEVICE_PREFIX "'",
				     on_changed, waiting);
	if (r >= 0)
		r = sd_bus_call_async(bus, &waiting->answer, call, on_answer, waiting, UINT64_MAX);
	return r < 0 ? r : sd_event_loop(waiting->event);
}

static int run(struct waiting *waiting, sd_bus_message *call)
{
	sigset_t signals;
	int r;

	r = attach(waiting);
	if (r >= 0)
		r = signals_watch(waiting->event, &waiting->signal, &signals);
	if (r >= 0) {
		r = call_and_wait(waiting, call);
		signals_release(&signals);
	}
	sd_bus_detach_event(waiting->client->bus);
	return r < 0 ? r : waiting->result;
}

/* As the shell has to see it. */
static enum exit_status end_by_signal(struct client *client, const struct work *work,
				      int signal_number)
{
	bool asked = client->agent.pid > 0;

	agent_close(&client->agent);
	/* Who leaves before he was authorized has asked for nothing. */
	complain("no longer waiting%s daxtierd goes on; %s", asked ? "; if it has begun," : ", but",
		 work->while_going);
	signals_end(signal_number);
	return STATUS_FAILURE;
}

/* Errors that speak of the work, not of the call. */
static bool is_about_work(const sd_bus_error *error)
{
	static const char *const names[] = {
		DAXTIER_ERROR_BUSY,	DAXTIER_ERROR_REFUSED,	DAXTIER_ERROR_STEP_FAILED,
		DAXTIER_ERROR_DEADLINE, DAXTIER_ERROR_CANCELED,
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (sd_bus_error_has_name(error, names[i]))
			return true;
	return false;
}

static enum exit_status failed(const struct waiting *waiting, int error)
{
	const struct work *work = waiting->work;
	const sd_bus_error *answer = &waiting->client->error;

	/* Of one that was there when it was asked for, the daemon says how it left. */
	if (work->device && sd_bus_error_has_name(answer, DAXTIER_ERROR_NO_SUCH_DEVICE) &&
	    json_object_object_get_ex(waiting->known, work->device, NULL)) {
		complain("%s %s: %s", work->device, work->not_done,
			 answer->message ?: answer->name);
		return client_print_error(waiting->client, error, STATUS_NO_DEVICE);
	}
	if (!is_about_work(answer))
		return client_failed(waiting->client, error);
	complain("%s %s: %s", work->device ?: "some device", work->not_done,
		 answer->message ?: answer->name);
	if (work->hint && sd_bus_error_has_name(answer, DAXTIER_ERROR_DEADLINE))
		complain("%s", work->hint);
	if (sd_bus_error_has_name(answer, DAXTIER_ERROR_BUSY))
		complain("\"daxtierctl monitor\" shows how far the others are");
	return client_print_error(waiting->client, error, STATUS_NOT_DONE);
}

enum exit_status work_wait(struct client *client, sd_bus_message *call, const struct work *work,
			   struct json_object *status)
{
	_cleanup_(waiting_done) struct waiting waiting = {
		.client = client,
		.work = work,
		.known = json_object_new_object(),
	};
	int r;

	style_detect(&waiting.style, stderr);
	waiting.view = (struct progress_view){
		.f = client->format == JSON_OFF ? stderr : NULL,
		.style = &waiting.style,
	};
	if (!waiting.known || learn_all(&waiting, status) < 0)
		return complain_oom();
	r = run(&waiting, call);
	progress_end(&waiting.view);
	if (waiting.signal)
		return end_by_signal(client, work, waiting.signal);
	return r < 0 ? failed(&waiting, r) : STATUS_OK;
}

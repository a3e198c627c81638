/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's bus without the daemon: publishes what it is told to, and answers calls as it is
 * told to.
 *
 *	bus-driver FILE    a document as "daxtierctl status --json=short" prints it
 *
 * Prints "ready" when it has the name, and "lost: why" when it has it no longer. Then commands on
 *standard input, one JSON object a line, each answered on standard output by a line "done N" once
 *it is carried out, N being what the bus server returned, or the number that was asked for:
 *
 *	{"Device": {…}}           publish this
 *	{"Remove": "dax0.0"}
 *	{"Host": {…}}
 *	{"Reload": N}             let Reload return N from now on …
 *	{"ReloadErrors": [ … ]}   … with this list
 *	{"Plan": N}               let Plan return N from now on …
 *	{"Plans": [ … ]}          … with these
 *	{"Reloads": true}         how often was Reload asked for?
 *	{"Rehearsal": {…}}        let Rehearse return this from now on; without any, there is no
 *device
 *	{"Apply": N}              let Apply return N from now on: 0 answers at once …
 *	{"Release": N}            … and likewise Release …
 *	{"Error": "…"}            … or both answer this of org.daxtier1.Error, with
 *				  EBUSY of offline-blocks at the path "a/b" …
 *	{"Message": "…"}          … with these words; "" is no error
 *	{"Hold": true}            from now on, keep them waiting …
 *	{"Hold": false}           … until now
 *	{"Freeze": true}          stop, as by SIGSTOP, behind the next answer to either
 *	{"Tell": true}            from now on, print "kept" when a call has to wait, and "left" when
 *its client has gone
 *	{"Haste": N}              wait only the N-th part for what others have to answer
 *	{"Fail": N}               let the N-th allocation from now on fail
 *	{"Failed": true}          "done 1" when it came to that; no other fails
 *	{"Calls": true}           Prints "call MEMBER ARGUMENTS" for each Apply and Release since
 *the last time, before "done N", N being how many there were
 *	{"Quit": true}
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "bus/bus-call.h"
#include "bus/bus-properties.h"
#include "bus/bus-server.h"
#include "failing-alloc.h"
#include "short-waits.h"
#include "status-fill.h"

struct driver {
	sd_event *event;
	struct bus_server *server;
	int reload_result, plan_result, reloads;
	struct json_object *reload_errors, *plans;
	struct json_object *rehearsal;
	int apply_result, release_result;
	char *error, *message; /* what calls are answered with; NULL: success */
	struct strv calls;
	struct bus_call **waiting;
	size_t n_waiting;
	bool hold, tells, freeze;
};

static int on_reload(void *userdata, struct strv *ret_errors)
{
	struct driver *driver = userdata;
	struct json_object *errors = driver->reload_errors;

	driver->reloads++;
	for (size_t i = 0; errors && i < json_object_array_length(errors); i++)
		if (strv_add(ret_errors,
			     json_object_get_string(json_object_array_get_idx(errors, i))) < 0)
			abort();
	return driver->reload_result;
}

/* All plans that it was given, or the one of this device. */
static int on_plan(void *userdata, const char *device, struct json_object **ret)
{
	struct driver *driver = userdata;
	size_t n = driver->plans ? json_object_array_length(driver->plans) : 0;
	struct json_object *found = json_object_new_array();

	for (size_t i = 0; i < n; i++) {
		struct json_object *plan = json_object_array_get_idx(driver->plans, i);
		const char *name = json_object_get_string(json_object_object_get(plan, "Device"));

		if (!device[0] || strcmp(device, name) == 0)
			json_object_array_add(found, json_object_get(plan));
	}
	if (driver->plan_result >= 0 && (!device[0] || json_object_array_length(found) > 0)) {
		*ret = found;
		return 0;
	}
	json_object_put(found);
	return driver->plan_result < 0 ? driver->plan_result : -ENODEV;
}

static int on_rehearse(void *userdata, const char *device, bool eject, struct json_object **ret)
{
	struct driver *driver = userdata;

	(void)device;
	(void)eject;
	if (!driver->rehearsal)
		return -ENODEV;
	*ret = json_object_get(driver->rehearsal);
	return 0;
}

static void answer(struct driver *driver, struct bus_call *call)
{
	struct bus_failure failure = {.error = -EBUSY, .step = "offline-blocks", .path = "a/b\n"};
	_cleanup_free_ char *name = NULL;

	if (asprintf(&name, "org.daxtier1.Error.%s", driver->error ?: "") < 0)
		abort();
	failure.name = name;
	if (driver->error ? bus_call_fail(call, &failure, driver->message ?: "")
			  : bus_call_answer(call))
		abort();
	bus_call_free(call);
	if (driver->freeze)
		raise(SIGSTOP);
	driver->freeze = false;
}

static void on_left(struct bus_call *call, void *userdata)
{
	struct driver *driver = userdata;

	for (size_t i = 0; i < driver->n_waiting; i++)
		if (driver->waiting[i] == call)
			driver->waiting[i] = driver->waiting[--driver->n_waiting];
	bus_call_free(call);
	if (driver->tells)
		printf("left\n");
}

static int take_call(struct driver *driver, struct bus_call *call)
{
	if (!driver->hold) {
		answer(driver, call);
		return 0;
	}
	driver->waiting =
		reallocarray(driver->waiting, driver->n_waiting + 1, sizeof(struct bus_call *));
	if (!driver->waiting)
		abort();
	driver->waiting[driver->n_waiting++] = call;
	bus_call_set_left(call, on_left, driver);
	if (driver->tells)
		printf("kept\n");
	return 0;
}

static int on_apply(void *userdata, struct bus_call *call, const char *device, bool force)
{
	struct driver *driver = userdata;

	if (strv_addf(&driver->calls, "Apply %s %s", device[0] ? device : "-",
		      force ? "force" : "-") < 0)
		abort();
	return driver->apply_result < 0 ? driver->apply_result : take_call(driver, call);
}

static int on_release(void *userdata, struct bus_call *call, const char *device, bool eject,
		      uint64_t deadline_usec)
{
	struct driver *driver = userdata;

	if (strv_addf(&driver->calls, "Release %s %s %llu", device, eject ? "eject" : "-",
		      (unsigned long long)deadline_usec) < 0)
		abort();
	return driver->release_result < 0 ? driver->release_result : take_call(driver, call);
}

static void set_hold(struct driver *driver, bool hold)
{
	driver->hold = hold;
	for (size_t i = 0; !hold && i < driver->n_waiting; i++)
		answer(driver, driver->waiting[i]);
	if (!hold)
		driver->n_waiting = 0;
}

static int tell_calls(struct driver *driver)
{
	int n = (int)driver->calls.n;

	for (size_t i = 0; i < driver->calls.n; i++)
		printf("call %s\n", driver->calls.items[i]);
	strv_done(&driver->calls);
	return n;
}

/* "" is none. */
static void keep_text(char **place, struct json_object *value)
{
	free(*place);
	*place = json_object_get_string_len(value) > 0 ? strdup(json_object_get_string(value))
						       : NULL;
}

static void on_lost(void *userdata, int error, const char *why)
{
	(void)userdata;
	printf("lost: %s (%s)\n", why, strerrorname_np(-error));
}

static const struct bus_handlers handlers = {
	.reload = on_reload,
	.plan = on_plan,
	.rehearse = on_rehearse,
	.apply = on_apply,
	.release = on_release,
	.lost = on_lost,
};

static int publish_device(struct driver *driver, struct json_object *object)
{
	struct device_status status = {};

	status_fill(bus_device_vtable, object, &status);
	return bus_server_set_device(driver->server, &status);
}

static int publish_host(struct driver *driver, struct json_object *object)
{
	struct host_status status = {};

	status_fill(bus_manager_vtable, object, &status);
	return bus_server_set_host(driver->server, &status);
}

static void keep(struct json_object **place, struct json_object *value)
{
	json_object_put(*place);
	*place = json_object_get(value);
}

/* What of a command is about Rehearse, Apply and Release. */
static int prepare_requests(struct driver *driver, struct json_object *command)
{
	struct json_object *value;

	if (json_object_object_get_ex(command, "Rehearsal", &value))
		keep(&driver->rehearsal, value);
	if (json_object_object_get_ex(command, "Apply", &value))
		driver->apply_result = json_object_get_int(value);
	if (json_object_object_get_ex(command, "Release", &value))
		driver->release_result = json_object_get_int(value);
	if (json_object_object_get_ex(command, "Error", &value))
		keep_text(&driver->error, value);
	if (json_object_object_get_ex(command, "Message", &value))
		keep_text(&driver->message, value);
	if (json_object_object_get_ex(command, "Hold", &value))
		set_hold(driver, json_object_get_boolean(value));
	if (json_object_object_get_ex(command, "Freeze", &value))
		driver->freeze = json_object_get_boolean(value);
	if (json_object_object_get_ex(command, "Haste", &value))
		short_waits_divide((uint64_t)json_object_get_int64(value));
	if (json_object_object_get_ex(command, "Tell", &value))
		driver->tells = json_object_get_boolean(value);
	if (json_object_object_get_ex(command, "Calls", &value))
		return tell_calls(driver);
	return 0;
}

static int carry_out(struct driver *driver, struct json_object *command)
{
	struct json_object *value;

	if (json_object_object_get_ex(command, "Device", &value))
		return publish_device(driver, value);
	if (json_object_object_get_ex(command, "Remove", &value))
		return bus_server_remove_device(driver->server, json_object_get_string(value));
	if (json_object_object_get_ex(command, "Host", &value))
		return publish_host(driver, value);
	if (json_object_object_get_ex(command, "Reloads", &value))
		return driver->reloads;
	if (json_object_object_get_ex(command, "Failed", &value))
		return failing_alloc_disarm();
	if (json_object_object_get_ex(command, "Quit", &value))
		return sd_event_exit(driver->event, 0);
	if (json_object_object_get_ex(command, "Reload", &value))
		driver->reload_result = json_object_get_int(value);
	if (json_object_object_get_ex(command, "ReloadErrors", &value))
		keep(&driver->reload_errors, value);
	if (json_object_object_get_ex(command, "Plan", &value))
		driver->plan_result = json_object_get_int(value);
	if (json_object_object_get_ex(command, "Plans", &value))
		keep(&driver->plans, value);
	return prepare_requests(driver, command);
}

/* Without a buffer behind it: what has been read is what the loop was woken for. */
static int on_input(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	_cleanup_free_ char *line = NULL;
	struct driver *driver = userdata;
	struct json_object *command, *value;
	size_t room = 0;

	(void)source;
	(void)fd;
	(void)revents;
	if (getline(&line, &room, stdin) < 0)
		return sd_event_exit(driver->event, 0);
	command = json_tokener_parse(line);
	if (!command)
		abort();
	printf("done %d\n", carry_out(driver, command));
	if (json_object_object_get_ex(command, "Fail", &value))
		failing_alloc_arm((unsigned)json_object_get_int(value));
	json_object_put(command);
	return 0;
}

static int on_name_acquired(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	const char *name;

	(void)userdata;
	(void)ret_error;
	if (sd_bus_message_read(m, "s", &name) < 0)
		abort();
	if (strcmp(name, DAXTIER_BUS_NAME) == 0)
		printf("ready\n");
	return 0;
}

static void publish_document(struct driver *driver, const char *file)
{
	struct json_object *document = json_object_from_file(file), *devices;

	if (!document || publish_host(driver, json_object_object_get(document, "Host")) < 0)
		abort();
	devices = json_object_object_get(document, "Devices");
	for (size_t i = 0; devices && i < json_object_array_length(devices); i++)
		if (publish_device(driver, json_object_array_get_idx(devices, i)) < 0)
			abort();
	json_object_put(document);
}

/* As the daemon does it: a bus that is not there yet is waited for. */
static int open_bus(sd_event *event, sd_bus **ret)
{
	const char *address = getenv("DBUS_SYSTEM_BUS_ADDRESS");
	sd_bus *bus;
	int r;

	if (!address || sd_bus_new(&bus) < 0)
		return -ENOENT;
	*ret = bus;
	r = sd_bus_set_address(bus, address);
	if (r >= 0)
		r = sd_bus_set_bus_client(bus, true);
	if (r >= 0)
		r = sd_bus_set_watch_bind(bus, true);
	if (r >= 0)
		r = sd_bus_start(bus);
	if (r >= 0)
		r = sd_bus_attach_event(bus, event, SD_EVENT_PRIORITY_NORMAL);
	return r;
}

int main(int argc, char *argv[])
{
	struct driver driver = {};
	sd_bus *bus = NULL;
	int r;

	setvbuf(stdin, NULL, _IONBF, 0);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc != 2 || sd_event_new(&driver.event) < 0 || open_bus(driver.event, &bus) < 0 ||
	    sd_bus_match_signal_async(bus, NULL, "org.freedesktop.DBus", NULL,
				      "org.freedesktop.DBus", "NameAcquired", on_name_acquired,
				      NULL, NULL) < 0 ||
	    sd_event_add_io(driver.event, NULL, STDIN_FILENO, EPOLLIN, on_input, &driver) < 0 ||
	    bus_server_new(bus, driver.event, &handlers, &driver, &driver.server) < 0)
		return EXIT_FAILURE;
	publish_document(&driver, argv[1]);

	r = sd_event_loop(driver.event);
	for (size_t i = 0; i < driver.n_waiting; i++)
		bus_call_free(driver.waiting[i]);
	bus_server_free(driver.server);
	sd_bus_flush_close_unref(bus);
	sd_event_unref(driver.event);
	json_object_put(driver.reload_errors);
	json_object_put(driver.plans);
	json_object_put(driver.rehearsal);
	strv_done(&driver.calls);
	free(driver.waiting);
	free(driver.error);
	free(driver.message);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

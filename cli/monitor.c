/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "cli/client.h"
#include "cli/device-name.h"
#include "cli/monitor-event.h"
#include "cli/signals.h"
#include "cli/view.h"
#include "variant/bus-name.h"
#include "variant/json-clean.h"

/* How much of the daemon's state has been asked; what came before that is in the answer. */
enum sync {
	SYNC_NOTHING,
	SYNC_HOST,    /* that of the host */
	SYNC_DEVICES, /* and of the devices: all that comes now is news */
};

struct monitor {
	struct client client;
	const struct request *request;
	const char *device; /* the only one to tell of; NULL: all, and the host */
	sd_event *event;
	sd_event_source *ask; /* asks once the bus has been dealt with */
	struct known known;
	enum sync sync;
	sd_bus_message **early; /* about the host, between the two answers */
	size_t n_early;
	bool absent;	  /* was told */
	unsigned owners;  /* how often the daemon's name has changed hands */
	sigset_t signals; /* that waited before it watched them */
	int signal;	  /* that ended it, 0: none */
	bool reader_left; /* of what is printed */
	enum exit_status status;
};

static void forget_early(struct monitor *monitor)
{
	for (size_t i = 0; i < monitor->n_early; i++)
		sd_bus_message_unref(monitor->early[i]);
	free(monitor->early);
	monitor->early = NULL;
	monitor->n_early = 0;
}

static void monitor_done(struct monitor *monitor)
{
	forget_early(monitor);
	sd_event_source_unref(monitor->ask);
	known_done(&monitor->known);
	client_done(&monitor->client);
	sd_event_unref(monitor->event);
}

static int end(struct monitor *monitor, enum exit_status status)
{
	monitor->status = status;
	return sd_event_exit(monitor->event, 0);
}

static bool is_wanted(const struct monitor *monitor, struct json_object *event)
{
	const char *device = get_text(event, "Device"), *what = get_text(event, "Event");

	if (!monitor->device || strncmp(what, "daemon-", strlen("daemon-")) == 0)
		return true;
	return strcmp(device, monitor->device) == 0;
}

/* r as the functions of monitor-event.h return it; takes over event. */
static int tell(struct monitor *monitor, int r, struct json_object *event)
{
	_cleanup_json_ struct json_object *ours = r > 0 ? event : NULL;

	if (r < 0)
		return end(monitor, complain_oom());
	if (!ours || !is_wanted(monitor, ours))
		return 0;
	if (monitor->request->format != JSON_OFF)
		json_print(ours, monitor->request->format);
	else if (json_clean(ours) < 0)
		return end(monitor, complain_oom());
	else
		view_event(stdout, &monitor->request->style, ours);
	/* Whoever reads them waits for each; main() says why one cannot be written. */
	return fflush(stdout) == 0 ? 0 : end(monitor, STATUS_FAILURE);
}

static int tell_signal(struct monitor *monitor, sd_bus_message *m)
{
	struct json_object *event;
	int r = event_of_signal(&monitor->known, m, &event);

	return tell(monitor, r, event);
}

static int keep_early(struct monitor *monitor, sd_bus_message *m)
{
	sd_bus_message **early;

	early = reallocarray(monitor->early, monitor->n_early + 1, sizeof(sd_bus_message *));
	if (!early)
		return end(monitor, complain_oom());
	monitor->early = early;
	early[monitor->n_early++] = sd_bus_message_ref(m);
	return 0;
}

static int on_signal(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	struct monitor *monitor = userdata;

	(void)ret_error;
	switch (monitor->sync) {
	case SYNC_NOTHING:
		return 0;
	case SYNC_HOST:
		return signal_is_of_host(m) ? keep_early(monitor, m) : 0;
	case SYNC_DEVICES:
		return tell_signal(monitor, m);
	}
	return 0;
}

static int tell_absence(struct monitor *monitor)
{
	struct json_object *event;
	int r;

	if (monitor->absent)
		return 0;
	monitor->absent = true;
	r = event_of_absence(&monitor->known, &event);
	return tell(monitor, r, event);
}

static int tell_presence(struct monitor *monitor, struct json_object *host,
			 struct json_object *devices)
{
	struct json_object *event;
	int r;

	monitor->absent = false;
	r = event_of_presence(&monitor->known, host, devices, &event);
	r = tell(monitor, r, event);
	for (size_t i = 0; r >= 0 && i < monitor->n_early; i++)
		r = tell_signal(monitor, monitor->early[i]);
	forget_early(monitor);
	return r;
}

/* Asks the daemon that owns the name now, if there is one; signals come in between. */
static int ask(struct monitor *monitor, struct json_object **ret_host,
	       struct json_object **ret_devices)
{
	_cleanup_json_ struct json_object *host = NULL;
	int r;

	monitor->sync = SYNC_NOTHING;
	forget_early(monitor);
	r = client_get_host(&monitor->client, &host);
	if (r < 0)
		return r;
	monitor->sync = SYNC_HOST;
	r = client_get_devices(&monitor->client, ret_devices);
	if (r < 0)
		return r;
	monitor->sync = SYNC_DEVICES;
	*ret_host = TAKE_PTR(host);
	return 0;
}

/* The loop hears of no signal meanwhile, and a daemon that hangs takes its time. */
static int ask_interruptibly(struct monitor *monitor, struct json_object **ret_host,
			     struct json_object **ret_devices)
{
	sigset_t watched;
	int r;

	if (sigprocmask(SIG_SETMASK, &monitor->signals, &watched) < 0)
		return -errno;
	r = ask(monitor, ret_host, ret_devices);
	signals_release(&watched);
	return r;
}

static int on_ask(sd_event_source *source, void *userdata)
{
	struct json_object *host = NULL, *devices = NULL;
	struct monitor *monitor = userdata;
	unsigned owners = monitor->owners;
	int r;

	(void)source;
	r = ask_interruptibly(monitor, &host, &devices);
	if (r >= 0)
		return tell_presence(monitor, host, devices);
	monitor->sync = SYNC_NOTHING;
	/* One that has left in the middle has said so, and whoever follows it is asked again. */
	if (client_is_absent(&monitor->client))
		return tell_absence(monitor);
	if (owners != monitor->owners)
		return 0;
	return end(monitor, client_failed(&monitor->client, r));
}

static int on_owner(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	struct monitor *monitor = userdata;
	const char *name, *old, *new;

	(void)ret_error;
	if (sd_bus_message_read(m, "sss", &name, &old, &new) < 0)
		return 0;
	monitor->owners++;
	monitor->sync = SYNC_NOTHING;
	if (old[0])
		tell_absence(monitor);
	return new[0] ? sd_event_source_set_enabled(monitor->ask, SD_EVENT_ONESHOT) : 0;
}

/* A pipe or terminal whose other end is gone: nobody would see when the next write fails. */
static int on_output_gone(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct monitor *monitor = userdata;

	(void)source;
	(void)fd;
	(void)revents;
	monitor->reader_left = true;
	return sd_event_exit(monitor->event, 0);
}

static int watch_output(struct monitor *monitor)
{
	int r = sd_event_add_io(monitor->event, NULL, STDOUT_FILENO, 0, on_output_gone, monitor);

	return r == -EPERM ? 0 : r; /* a file, which is always there */
}

static int start(struct monitor *monitor)
{
	sd_bus *bus = monitor->client.bus;
	int r;

	r = sd_event_new(&monitor->event);
	if (r >= 0)
		r = sd_bus_set_exit_on_disconnect(bus, true);
	if (r >= 0)
		r = sd_bus_attach_event(bus, monitor->event, SD_EVENT_PRIORITY_NORMAL);
	if (r >= 0)
		r = signals_watch(monitor->event, &monitor->signal, &monitor->signals);
	if (r >= 0)
		r = watch_output(monitor);
	/* First of all that is asked, so that nothing is missed. */
	if (r >= 0)
		r = sd_event_add_defer(monitor->event, &monitor->ask, on_ask, monitor);
	if (r >= 0)
		r = sd_bus_add_match(bus, NULL, "type='signal',sender='" DAXTIER_BUS_NAME "'",
				     on_signal, monitor);
	if (r >= 0)
		r = sd_bus_add_match(bus, NULL,
				     "type='signal',sender='org.freedesktop.DBus',"
				     "member='NameOwnerChanged',arg0='" DAXTIER_BUS_NAME "'",
				     on_owner, monitor);
	return r < 0 ? r : known_init(&monitor->known);
}

/* Ended by something that is none of its own decisions. */
static enum exit_status tell_end(struct monitor *monitor)
{
	if (monitor->signal) {
		signals_end(monitor->signal);
		return STATUS_FAILURE;
	}
	if (monitor->reader_left) {
		/* What the next line would have brought about. */
		raise(SIGPIPE);
		return STATUS_FAILURE;
	}
	if (monitor->status == STATUS_OK && sd_bus_is_open(monitor->client.bus) <= 0) {
		complain("the system bus has gone");
		return STATUS_UNREACHABLE;
	}
	return monitor->status;
}

enum exit_status verb_monitor(const struct request *request)
{
	_cleanup_(monitor_done) struct monitor monitor = {
		.request = request,
		.device = device_name(request->argument),
	};
	int r;

	r = client_open(&monitor.client, request);
	if (r >= 0)
		r = start(&monitor);
	if (r >= 0)
		r = sd_event_loop(monitor.event);
	if (r < 0)
		return client_failed(&monitor.client, r);
	return tell_end(&monitor);
}

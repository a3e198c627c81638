/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "memory-watch.h"

#include <libudev.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/cleanup.h"
#include "log.h"

/* With the settle time and a look, a change is known within a second. */
#define DEAF_USEC UINT64_C(500000)

/* So that a storm of events cannot keep the loop from its other work; more than a socket holds. */
#define EVENTS_MAX 4096

/* Of the events of some thousand blocks, which come within DEAF_USEC; asked for as udevd does. */
#define BUFFER_BYTES (4 << 20)

struct memory_watch {
	struct udev *udev;
	struct udev_monitor *socket;
	sd_event_source *io, *resume;
	const struct memory_watch_events *events;
	void *userdata;
};

static int on_resume(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct memory_watch *watch = userdata;

	/* On a source that exists this cannot fail. */
	return sd_event_source_set_enabled(watch->io, SD_EVENT_ON);
}

/* "memory32" */
static bool concerns(const struct memory_watch *watch, struct udev_device *device)
{
	const char *name = udev_device_get_sysname(device);
	unsigned long long number;
	char end;

	if (!name || sscanf(name, "memory%llu%c", &number, &end) != 1)
		return false;
	return watch->events->concerns(number, watch->userdata);
}

/* Up to the first event that matters: 1; 0: none did. */
static bool read_events(struct memory_watch *watch)
{
	for (int i = 0; i < EVENTS_MAX; i++) {
		struct udev_device *device;
		bool found;

		errno = 0;
		device = udev_monitor_receive_device(watch->socket);
		if (!device)
			return errno == ENOBUFS; /* some were lost: which, nobody knows */
		found = concerns(watch, device);
		udev_device_unref(device);
		if (found)
			return true;
	}
	return false;
}

/* Where it fails, it is better to hear too much than nothing any more. */
static void be_deaf(struct memory_watch *watch)
{
	uint64_t now;
	int r;

	r = sd_event_now(sd_event_source_get_event(watch->io), CLOCK_MONOTONIC, &now);
	if (r >= 0)
		r = sd_event_source_set_time(watch->resume, now + DEAF_USEC);
	if (r >= 0)
		r = sd_event_source_set_enabled(watch->resume, SD_EVENT_ONESHOT);
	if (r >= 0)
		sd_event_source_set_enabled(watch->io, SD_EVENT_OFF);
}

static int on_readable(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct memory_watch *watch = userdata;
	bool changed = read_events(watch);

	be_deaf(watch);
	if (changed)
		watch->events->changed(watch->userdata);
	return 0;
}

static int open_socket(struct memory_watch *watch)
{
	int r;

	watch->udev = udev_new();
	if (!watch->udev)
		return -ENOMEM;
	watch->socket = udev_monitor_new_from_netlink(watch->udev, "udev");
	if (!watch->socket)
		return -errno;
	r = udev_monitor_filter_add_match_subsystem_devtype(watch->socket, "memory", NULL);
	if (r < 0)
		return r;
	/* With less, what is lost while a worker changes blocks makes a look each time. */
	r = udev_monitor_set_receive_buffer_size(watch->socket, BUFFER_BYTES);
	if (r < 0)
		log_debug("The buffer of events of memory blocks stays as small as it is");
	return udev_monitor_enable_receiving(watch->socket);
}

static void memory_watch_freep(struct memory_watch **watch)
{
	*watch = memory_watch_free(*watch);
}

int memory_watch_new(sd_event *event, const struct memory_watch_events *events, void *userdata,
		     struct memory_watch **ret)
{
	_cleanup_(memory_watch_freep) struct memory_watch *watch = calloc(1, sizeof(*watch));
	int r;

	if (!watch)
		return -ENOMEM;
	watch->events = events;
	watch->userdata = userdata;
	r = open_socket(watch);
	if (r < 0)
		return r;
	r = sd_event_add_time(event, &watch->resume, CLOCK_MONOTONIC, 0, 0, on_resume, watch);
	if (r < 0)
		return r;
	r = sd_event_source_set_enabled(watch->resume, SD_EVENT_OFF);
	if (r < 0)
		return r;
	r = sd_event_add_io(event, &watch->io, udev_monitor_get_fd(watch->socket), EPOLLIN,
			    on_readable, watch);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(watch);
	return 0;
}

struct memory_watch *memory_watch_free(struct memory_watch *watch)
{
	if (!watch)
		return NULL;
	sd_event_source_disable_unref(watch->io);
	sd_event_source_disable_unref(watch->resume);
	udev_monitor_unref(watch->socket);
	udev_unref(watch->udev);
	free(watch);
	return NULL;
}

void memory_watch_drain(struct memory_watch *watch)
{
	for (int i = 0; i < EVENTS_MAX; i++) {
		struct udev_device *device;

		errno = 0;
		device = udev_monitor_receive_device(watch->socket);
		if (!device && errno != ENOBUFS)
			return;
		udev_device_unref(device);
	}
}

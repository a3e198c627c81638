/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "uevent.h"

#include <libudev.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/cleanup.h"

struct uevent_monitor {
	struct udev *udev;
	struct udev_monitor *socket;
	sd_event_source *source;
	uevent_fn fn;
	void *userdata;
};

/* "udevadm trigger" repeats the add of what has long been there; the kernel marks such an event. */
static bool is_repeated(struct udev_device *device)
{
	return udev_device_get_property_value(device, "SYNTH_UUID") != NULL;
}

static void dispatch(struct uevent_monitor *monitor, struct udev_device *device)
{
	const char *subsystem = udev_device_get_subsystem(device);
	const char *name = udev_device_get_sysname(device);

	if (!subsystem || !name)
		return;
	if (strcmp(subsystem, "bus") != 0)
		monitor->fn(UEVENT_CHANGE, monitor->userdata);
	else if (strcmp(name, "dax") == 0 && !is_repeated(device))
		monitor->fn(UEVENT_BUS, monitor->userdata);
}

static int on_readable(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct uevent_monitor *monitor = userdata;
	struct udev_device *device;

	/* Bounded, so that a storm of events cannot keep the loop from its other work. */
	for (int i = 0; i < 64; i++) {
		errno = 0;
		device = udev_monitor_receive_device(monitor->socket);
		if (!device) {
			if (errno == ENOBUFS) /* some were lost */
				monitor->fn(UEVENT_CHANGE, monitor->userdata);
			break;
		}
		dispatch(monitor, device);
		udev_device_unref(device);
	}
	return 0;
}

int uevent_monitor_new(sd_event *event, uevent_fn fn, void *userdata, struct uevent_monitor **ret)
{
	_cleanup_(uevent_monitor_freep) struct uevent_monitor *monitor = NULL;
	int r;

	monitor = calloc(1, sizeof(*monitor));
	if (!monitor)
		return -ENOMEM;
	monitor->fn = fn;
	monitor->userdata = userdata;
	monitor->udev = udev_new();
	if (!monitor->udev)
		return -ENOMEM;
	monitor->socket = udev_monitor_new_from_netlink(monitor->udev, "udev");
	if (!monitor->socket)
		return -errno;
	r = udev_monitor_filter_add_match_subsystem_devtype(monitor->socket, "dax", NULL);
	if (r < 0)
		return r;
	r = udev_monitor_filter_add_match_subsystem_devtype(monitor->socket, "cxl", NULL);
	if (r < 0)
		return r;
	/* A bus type announces itself under the subsystem "bus"; those events are rare. */
	r = udev_monitor_filter_add_match_subsystem_devtype(monitor->socket, "bus", NULL);
	if (r < 0)
		return r;
	r = udev_monitor_enable_receiving(monitor->socket);
	if (r < 0)
		return r;
	r = sd_event_add_io(event, &monitor->source, udev_monitor_get_fd(monitor->socket), EPOLLIN,
			    on_readable, monitor);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(monitor);
	return 0;
}

struct uevent_monitor *uevent_monitor_free(struct uevent_monitor *monitor)
{
	if (!monitor)
		return NULL;
	sd_event_source_disable_unref(monitor->source);
	udev_monitor_unref(monitor->socket);
	udev_unref(monitor->udev);
	free(monitor);
	return NULL;
}

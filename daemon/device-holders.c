/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting until somebody closes a device that policy wants. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>

#include "base/cleanup.h"
#include "log.h"
#include "manager.h"

static int on_close(sd_event_source *source, const struct inotify_event *event, void *userdata)
{
	struct device_run *run = userdata;

	manager_schedule(run->manager);
	return 0;
}

/* Below folder, which ends where the names of devices begin. */
static int watch_node(struct device_run *run, const char *folder)
{
	_cleanup_free_ char *path = NULL;

	if (asprintf(&path, "%s/%s", folder, run->name) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	return sd_event_add_inotify(run->manager->event, &run->released, path,
				    IN_CLOSE_WRITE | IN_CLOSE_NOWRITE, on_close, run);
}

/*
 * The node is one inode wherever it is seen, and nothing but its being closed is asked of it. The
 * unit gives the daemon a /dev of its own, without devices (PrivateDevices=); the host's is in the
 * root of its first process.
 */
static int watch_device(struct device_run *run)
{
	const char *root = run->manager->options.root;
	_cleanup_free_ char *dev = NULL;
	bool live = strcmp(root, "/") == 0;
	int r;

	if (asprintf(&dev, "%s/dev", live ? "" : root) < 0) {
		dev = NULL;
		return -ENOMEM;
	}
	r = watch_node(run, dev);
	return r == -ENOENT && live ? watch_node(run, "/proc/1/root/dev") : r;
}

/*
 * Closing the last descriptor and dropping the last mapping both end in an event on the device
 * node.
 */
void device_run_watch_holders(struct device_run *run)
{
	int r;

	if (run->released)
		return;
	r = watch_device(run);
	if (r >= 0)
		manager_schedule(run->manager); /* it may have been closed just before */
	else
		log_write(&(struct log_entry){.priority = LOG_WARNING,
					      .error = r,
					      .device = run->name},
			  "%s: cannot watch its node for being closed; \"daxtierctl reload\" looks "
			  "again",
			  run->name);
}

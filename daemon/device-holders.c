/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting until somebody closes a device that policy wants. */
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

/*
 * Closing the last descriptor and dropping the last mapping both end in an event on the device
 * node.
 */
void device_run_watch_holders(struct device_run *run)
{
	_cleanup_free_ char *path = NULL;
	const char *root = run->manager->options.root;
	int r;

	if (run->released)
		return;
	if (asprintf(&path, "%s/dev/%s", strcmp(root, "/") ? root : "", run->name) < 0) {
		path = NULL;
		log_oom();
		return;
	}
	r = sd_event_add_inotify(run->manager->event, &run->released, path,
				 IN_CLOSE_WRITE | IN_CLOSE_NOWRITE, on_close, run);
	if (r >= 0)
		manager_schedule(run->manager); /* it may have been closed just before */
	else
		log_write(&(struct log_entry){.priority = LOG_WARNING,
					      .error = r,
					      .device = run->name},
			  "%s: cannot watch %s for being closed; \"daxtierctl reload\" looks again",
			  run->name, path);
}

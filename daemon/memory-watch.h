/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_DAEMON_MEMORY_WATCH_H
#define DAXTIER_DAEMON_MEMORY_WATCH_H

/*
 * Sees that somebody else takes memory blocks online or offline. A device has thousands of them,
 * each with an event of its own, and one of them says it all: after it nothing is heard for a
 * while, so that any number of events costs a few wakeups a second at most.
 */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

struct memory_watch_events {
	/* Whether a block of this number is one to care about. */
	bool (*concerns)(uint64_t block, void *userdata);
	/* One of those has changed, or may have. */
	void (*changed)(void *userdata);
};

struct memory_watch;

/* Listens at once. events must outlive the watch. */
int memory_watch_new(sd_event *event, const struct memory_watch_events *events, void *userdata,
		     struct memory_watch **ret);
struct memory_watch *memory_watch_free(struct memory_watch *watch);

/* Forgets what was said so far, as a look at the host that follows will see it. */
void memory_watch_drain(struct memory_watch *watch);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_DAEMON_LEFTOVERS_H
#define DAXTIER_DAEMON_LEFTOVERS_H

/*
 * Memory that was taken offline, and regions that were left half-way, by workers or daemons that
 * were killed. To put them back may take minutes, so a worker does it, which goes before every
 * plan; what does not succeed keeps neither the daemon nor other devices from anything, and is
 * tried again.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct device_status;
struct host_status;
struct manager;
struct worker;

struct leftovers {
	bool expected; /* something may be recorded */
	struct worker *worker;
	uint64_t started_usec;
	unsigned failures; /* in a row */
	uint64_t retry_at_usec;
	struct leftover *items; /* what could not be put back, the last time */
	size_t n;
};

/* There may be some; also what was given up is tried again. */
void leftovers_expect(struct manager *manager);
/* There may still be some: what failed is tried again now. */
void leftovers_forgive(struct manager *manager);

/* Starts the worker where it has the turn; no other may be running. */
bool leftovers_start(struct manager *manager);

/* CLOCK_MONOTONIC; UINT64_MAX: there is no next try. */
uint64_t leftovers_next_usec(const struct manager *manager);

/* What a person is told of the device, or of the memdevs, that they are of. 0 or -ENOMEM. */
int leftovers_say_of_device(const struct manager *manager, struct device_status *status);
int leftovers_say_of_memdevs(const struct manager *manager, struct host_status *status);

/* Kills the worker; what it has not put back stays recorded. */
void leftovers_done(struct leftovers *leftovers);

#endif

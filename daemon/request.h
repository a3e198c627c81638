/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_DAEMON_REQUEST_H
#define DAXTIER_DAEMON_REQUEST_H

/*
 * What an operator asked for, beyond what the policy does of itself. The device's history tells the
 * policy of it; the call behind it waits here until the work has ended. At most one of a kind for a
 * device, and a release is ended by an Apply. Who called may leave: what he asked for goes on.
 */

#include <stdbool.h>
#include <stdint.h>

struct bus_call;
struct device_plan;
struct device_run;
struct manager;
struct worker_result;

/* For struct bus_handlers. */
int request_apply(void *userdata, struct bus_call *call, const char *device, bool force);
int request_release(void *userdata, struct bus_call *call, const char *device, bool eject,
		    uint64_t deadline_usec);

/*
 * How long a plan that is about to start may take, from now on: what is left of the time that its
 * request was given, as it may have waited for another plan. 0: as long as it takes.
 */
uint64_t requests_deadline(struct manager *manager, const struct device_plan *plan);

/* A worker has ended, or could not be started; plan is what it was, or would have been, given. */
void requests_worker_ended(struct device_run *run, const struct device_plan *plan,
			   const struct worker_result *result);

/* Plan after plan was carried out, and there is always another one: plan is the one that is not. */
void requests_gave_up(struct manager *manager, const struct device_plan *plan, const char *why);

/* Before a look: answers the releases whose time has passed before they had their turn. */
void requests_expire(struct manager *manager);

/*
 * After a look, before anything is said of it: answers the releases that cannot be. Whether there
 * was any, so that the plan does not hold any more.
 */
bool requests_refuse(struct manager *manager);

/* After a look: answers what there is nothing left to do for. */
void requests_settle(struct manager *manager);

/* For the next that waits too long. */
void requests_set_timer(struct manager *manager);

/* The device has left. */
void requests_device_left(struct manager *manager, const char *device);

/* Answers those that nothing is being done for; the others end with their worker. */
void requests_stop(struct manager *manager);

/* Answers the rest. */
void requests_done(struct manager *manager);

#endif

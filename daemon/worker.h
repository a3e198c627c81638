/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_DAEMON_WORKER_H
#define DAXTIER_DAEMON_WORKER_H

/*
 * One plan in a process of its own: a bind of seconds, or an offline that never ends, stalls
 * neither the bus nor the watchdog, and libraries that cache what they saw start afresh. The plan
 * goes to its standard input as JSON; reports come back as lines of JSON.
 */

#include <systemd/sd-event.h>

#include "apply/apply.h"

/* What came of it. */
struct worker_result {
	int error;	     /* 0, or negative errno; -EPROTO: it ended without saying */
	enum step_kind step; /* where it failed */
	const char *path, *message;
	bool undone;
	uint64_t n_reads, n_writes; /* attributes the worker read and wrote */
};

struct worker_events {
	void (*report)(const struct apply_report *report, void *userdata);
	/* Called once, last. The worker may be freed inside. */
	void (*done)(const struct worker_result *result, void *userdata);
};

struct worker_paths {
	const char *root;
	const char *run_dir;
};

struct worker;

/*
 * Starts at once. events must outlive the worker. plan NULL: it puts back what is recorded of
 * workers that did not end by themselves (apply_restore_leftovers()); nothing stops that.
 */
int worker_start(sd_event *event, const struct worker_paths *paths, const struct device_plan *plan,
		 const struct worker_events *events, void *userdata, struct worker **ret);

/*
 * Asks it to end early and to put back what it did; it still ends through done, with -ECANCELED
 * where it was in time. What cannot last long is finished instead.
 */
void worker_stop(struct worker *worker);

/* Kills it if it still runs, and collects it. */
struct worker *worker_free(struct worker *worker);

/*
 * The other side: the main function of the process that worker_start() starts. Returns its exit
 * code.
 */
int worker_main(const struct worker_paths *paths);
int worker_restore_main(const struct worker_paths *paths); /* the same, without a plan */

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_DAEMON_MANAGER_H
#define DAXTIER_DAEMON_MANAGER_H

/*
 * The daemon: owns the loop and everything on it. Events, timers, signals and bus calls all end in
 * one place, manager_reconcile(), which looks at the host, plans, starts workers and publishes.
 */

#include <stdbool.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "bus/bus-server.h"
#include "leftovers.h"
#include "memory-watch.h"
#include "model/config.h"
#include "model/facts.h"
#include "model/history.h"
#include "model/plan.h"
#include "model/status.h"
#include "observe/observe.h"
#include "sysfs/sysfs.h"
#include "uevent.h"
#include "worker.h"

struct manager_options {
	const char *root;
	const char *run_dir;
	const char *config_file; /* NULL: the configured places */
};

struct manager;
struct request;

/*
 * What only a running daemon knows of a device, or of a memdev; lives as long as that is there, or
 * its worker runs.
 */
struct device_run {
	struct manager *manager;
	char *name;
	uint64_t instance; /* of the device that all of this is about; 0: not looked at yet */
	struct worker *worker;
	struct progress progress;
	struct device_plan running; /* what the worker was given */
	uint64_t started_usec;
	bool outdated;		   /* the configuration changed while the worker ran */
	bool stopped;		   /* the worker was asked for its end */
	bool unsaid;		   /* the plan changed while the worker ran, and was not logged */
	unsigned in_a_row;	   /* plans carried out since there was last nothing to do */
	sd_event_source *released; /* waits until somebody closes /dev/daxX.Y */
};

struct manager {
	struct manager_options options;
	int lock_fd; /* one daemon a run directory */

	sd_event *event;
	sd_bus *bus;
	struct bus_server *bus_server;
	struct uevent_monitor *monitor;
	struct memory_watch *memory_watch;
	sd_event_source *settle, *retry;

	struct sysfs sysfs;
	struct observer *observer;
	struct config *config;
	struct strv config_errors; /* of the last reload; empty when it was taken */
	struct history history;
	struct step_failures failures; /* since it started */
	struct facts *facts;
	struct plan *plan;
	bool looks_at_all_holders; /* this look */
	struct facts *answer_facts;
	struct plan *answer; /* to the last call of Plan; void once something happens */
	uint64_t answer_until_usec;
	bool answer_has_holders;	   /* of every device, as a rehearsal wants to know */
	struct request *requests;	   /* calls that wait for their end */
	sd_event_source *request_timer;	   /* for the next of them that waits too long */
	struct json_object *released_list; /* what the run directory says is released */
	struct json_object *in_use_list;   /* and whose memory is in use */
	struct facts *in_use;		   /* the devices that an earlier daemon wrote there */

	struct device_run **runs;
	size_t n_runs;

	bool claimed;
	bool claim_withholds; /* without the claim the kernel would give new devices a driver */
	bool claim_failed;    /* and that has been said */
	bool started; /* the first look has been taken: what appears from now on is hot-added */
	bool missed;  /* the last look did not get hold of something that is still there */
	unsigned n_vain_looks;	 /* in a row, for a device that waits for what sends no event */
	unsigned n_failed_looks; /* in a row */
	bool stopping;
	struct leftovers leftovers;
	bool restore_auto_online; /* a worker died and may have left auto_online_blocks held */
};

/* Then manager_load_config(), then manager_start(); both log why they fail. */
int manager_new(const struct manager_options *options, struct manager **ret);
int manager_start(struct manager *manager);
int manager_run(
	struct manager *manager); /* until stopped; returns the exit status or a negative errno */
/* Puts back what is held. */
struct manager *manager_free(struct manager *manager);

static inline void manager_freep(struct manager **manager)
{
	*manager = manager_free(*manager);
}

/* config-state.c: what is in force. -EINVAL: it has errors, which were logged. */
int manager_load_config(struct manager *manager);
/* On failure the old one stays, and *ret_errors says what is wrong. */
int manager_reload(struct manager *manager, struct strv *ret_errors);

/* claim.c */
int manager_note_present(struct manager *manager); /* once, before the first claim */
void manager_claim(struct manager *manager);
/* Ends the claim, and gives a driver to what the claim kept from it and no rule manages. */
void manager_unclaim(struct manager *manager);
/* The same, and puts back everything else that is held; no worker may be left. */
void manager_let_go(struct manager *manager);
void manager_restore_after_worker(struct manager *manager);

/* reconcile.c */
void manager_schedule(struct manager *manager); /* look after the settle time */
/* Observes and plans; enters what is new into the history, and changes nothing else. */
int manager_look(struct manager *manager, struct facts **ret_facts, struct plan **ret_plan);
void manager_reconcile(struct manager *manager);

/*
 * presence.c: enters what a look has seen into the history, before the plan is made that depends on
 * it; what is new since the first look was hot-added.
 */
int manager_enter(struct manager *manager, const struct facts *facts);
/* Forgets what has left for certain. */
void manager_drop_gone(struct manager *manager);
/* Whose memory is in use, across a restart. */
void manager_load_in_use(struct manager *manager);
void manager_save_in_use(struct manager *manager);
/* For struct observe_options: whatever of it has left leaves a ghost behind where blocks stay. */
const struct dax_device *manager_seen_before(size_t i, void *userdata);
/*
 * An operator wants a region of this memdev, or with NULL of all that have none: those that go into
 * it together are gathered anew, and what failed for them before is forgiven.
 */
void manager_gather_again(struct manager *manager, const char *memdev);

/* answer.c: for struct bus_handlers */
int answer_plan(void *userdata, const char *device, struct json_object **ret);
int answer_rehearse(void *userdata, const char *device, bool eject, struct json_object **ret);
void answer_forget(struct manager *manager); /* something has happened */

/* decision-log.c: what differs from what was said last, before being the plan of that time */
void manager_log_changes(struct manager *manager, const struct plan *before);

/* device-run.c */
void device_history_forgive(struct device_history *history); /* its failures */
/* The same, and whatever somebody else has changed. */
void device_history_start_afresh(struct device_history *history);
struct device_run *manager_find_run(struct manager *manager, const char *name);
struct device_run *manager_get_run(struct manager *manager, const char *name);
void manager_drop_run(struct manager *manager, struct device_run *run);
size_t manager_count_workers(const struct manager *manager);
/* After the last word of a worker: what comes next. */
void manager_worker_ended(struct manager *manager);
void device_run_start(struct device_run *run, const struct device_plan *plan);
/* Asks a worker for its end that might go on for ever. */
void device_run_stop(struct device_run *run);
void device_run_watch_holders(struct device_run *run);

/* released-state.c: what was released, across a restart */
void manager_load_released(struct manager *manager);
void manager_save_released(struct manager *manager);
/* What a release that has been carried out has given up. */
void manager_set_released(struct manager *manager, const struct device_plan *plan);

/* killed-release.c: what came of a release whose worker did not live to say so */
void killed_release_look(struct device_run *run, struct worker_result *result);

/* turn.c: whose worker is running, and since when; NULL: none is. Owned by the caller. */
char *manager_whose_turn(struct manager *manager);

/* publish.c */
/* Those that have something to be done, and wait until another worker has ended. */
void manager_publish_waiting(struct manager *manager);
void manager_publish_device(struct manager *manager, const char *name);
void manager_publish(struct manager *manager);
void manager_summarize(struct manager *manager); /* to the service manager */

uint64_t manager_now(struct manager *manager); /* CLOCK_MONOTONIC, microseconds */

#endif

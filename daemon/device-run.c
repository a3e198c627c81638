/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One device's worker: start it, follow it, remember how it ended. */
#include <string.h>

#include "base/cleanup.h"
#include "device-outcome.h"
#include "log.h"
#include "manager.h"
#include "messages.h"
#include "policy/correction.h"
#include "request.h"

/* More plans than this without an end mean that somebody undoes what we do. */
#define IN_A_ROW_LIMIT 8

struct device_run *manager_find_run(struct manager *manager, const char *name)
{
	for (size_t i = 0; i < manager->n_runs; i++)
		if (!strcmp(manager->runs[i]->name, name))
			return manager->runs[i];
	return NULL;
}

struct device_run *manager_get_run(struct manager *manager, const char *name)
{
	struct device_run *run = manager_find_run(manager, name);
	struct device_run **runs;

	if (run)
		return run;
	runs = reallocarray(manager->runs, manager->n_runs + 1, sizeof(*runs));
	if (!runs)
		return NULL;
	manager->runs = runs;
	run = calloc(1, sizeof(*run));
	if (!run)
		return NULL;
	run->name = strdup(name);
	if (!run->name) {
		free(run);
		return NULL;
	}
	run->manager = manager;
	manager->runs[manager->n_runs++] = run;
	return run;
}

void manager_drop_run(struct manager *manager, struct device_run *run)
{
	for (size_t i = 0; i < manager->n_runs; i++)
		if (manager->runs[i] == run) {
			manager->runs[i] = manager->runs[--manager->n_runs];
			break;
		}
	sd_event_source_disable_unref(run->released);
	worker_free(run->worker);
	device_plan_done(&run->running);
	free(run->name);
	free(run);
}

size_t manager_count_workers(const struct manager *manager)
{
	size_t n = manager->leftovers.worker != NULL;

	for (size_t i = 0; i < manager->n_runs; i++)
		n += manager->runs[i]->worker != NULL;
	return n;
}

/* A message of the step's own says it all; without one there is what was written, and where. */
static void log_step(const struct device_run *run, const struct apply_report *report, int priority,
		     const char *verb)
{
	const char *step = step_kind_to_string(report->step);
	const struct log_entry entry = {
		.priority = priority,
		.error = report->error,
		.error_told = report->message != NULL,
		.message_id = MESSAGE_STEP,
		.device = run->name,
		.rule = run->running.rule,
		.step = step,
		.path = report->path,
		.value = report->value,
	};

	if (report->message)
		log_write(&entry, "%s: %s %s: %s", run->name, step, verb, report->message);
	else
		log_write(&entry, "%s: %s %s%s%s%s%s%s", run->name, step, verb,
			  report->path ? ": " : "", report->path ?: "",
			  report->value ? " = \"" : "", report->value ?: "",
			  report->value ? "\"" : "");
}

static void on_report(const struct apply_report *report, void *userdata)
{
	struct device_run *run = userdata;

	switch (report->event) {
	case APPLY_STEP_BEGIN:
		run->progress.step = report->step;
		run->progress.blocks_done = run->progress.blocks_total = 0;
		manager_publish_device(run->manager, run->name);
		break;
	case APPLY_BLOCKS:
		run->progress.blocks_done = report->blocks_done;
		run->progress.blocks_total = report->blocks_total;
		manager_publish_device(run->manager, run->name);
		break;
	case APPLY_STEP_DONE:
		log_step(run, report, LOG_INFO, "done");
		break;
	case APPLY_STEP_SKIPPED:
		log_step(run, report, LOG_DEBUG, "not needed");
		break;
	case APPLY_UNDO:
		log_step(run, report, LOG_NOTICE, "undone");
		break;
	case APPLY_UNDO_FAILED:
		log_step(run, report, LOG_ERR, "could not be undone");
		break;
	}
}

void manager_worker_ended(struct manager *manager)
{
	if (!manager->stopping) {
		manager_reconcile(manager);
		return;
	}
	requests_stop(manager);
	if (manager_count_workers(manager) == 0)
		sd_event_exit(manager->event, EXIT_SUCCESS);
}

static void on_done(const struct worker_result *said, void *userdata)
{
	struct device_run *run = userdata;
	struct manager *manager = run->manager;
	struct worker_result result = *said;
	struct device_history *history;

	if (said->error < 0 && !said->undone)
		manager->restore_auto_online = true;
	killed_release_look(run, &result);
	history = history_get(&manager->history, run->name);
	if (history)
		device_outcome_note(run, history, &result);
	else
		log_oom();
	requests_worker_ended(run, &run->running, &result);
	run->worker = worker_free(run->worker);
	run->outdated = run->stopped = false;
	run->progress = (struct progress){};
	device_plan_done(&run->running);
	manager_restore_after_worker(manager);
	manager_worker_ended(manager);
}

static const struct worker_events worker_events = {.report = on_report, .done = on_done};

/*
 * The run needs its own copy: the manager's plan is replaced by the next look while the worker
 * runs.
 */
static int copy_plan(const struct device_plan *plan, struct device_plan *ret)
{
	struct json_object *object = device_plan_to_json(plan);
	int r;

	if (!object)
		return -ENOMEM;
	r = device_plan_from_json(object, ret);
	json_object_put(object);
	return r;
}

static int start_worker(struct device_run *run, const struct device_plan *plan)
{
	const struct worker_paths paths = {
		.root = run->manager->options.root,
		.run_dir = run->manager->options.run_dir,
	};
	int r;

	r = copy_plan(plan, &run->running);
	if (r < 0)
		return r;
	run->running.deadline_usec = requests_deadline(run->manager, plan);
	r = worker_start(run->manager->event, &paths, &run->running, &worker_events, run,
			 &run->worker);
	if (r < 0)
		return r;
	run->started_usec = manager_now(run->manager);
	run->progress = (struct progress){
		.running = true,
		.purpose = plan->purpose,
		.step = plan->steps[0].kind,
	};
	return 0;
}

void device_run_start(struct device_run *run, const struct device_plan *plan)
{
	struct manager *manager = run->manager;
	struct device_history *history = history_get(&manager->history, run->name);
	struct worker_result result = {
		.step = plan->steps[0].kind,
		.message = "the worker could not be started",
		.undone = true, /* as nothing was done */
	};

	if (!history) {
		log_oom();
		return;
	}
	if (run->in_a_row >= IN_A_ROW_LIMIT && plan->purpose != PLAN_RELEASE) {
		run->in_a_row = 0;
		device_outcome_give_up(run);
		requests_gave_up(manager, plan, history->message ?: "does not converge");
		manager_publish_device(manager, run->name);
		manager_schedule(manager);
		return;
	}
	correction_note(plan, history, manager_now(manager));
	result.error = start_worker(run, plan);
	if (result.error < 0) {
		device_outcome_not_started(run, history, plan, &result);
		requests_worker_ended(run, plan, &result);
		device_plan_done(&run->running);
	}
	manager_publish_device(manager, run->name);
}

/* What may wait in the kernel without end, and can be put back: the rest is over soon. */
void device_run_stop(struct device_run *run)
{
	if (!plan_has_step(&run->running, STEP_OFFLINE_BLOCKS, NULL) &&
	    !plan_has_step(&run->running, STEP_UNPLUG, NULL))
		return;
	run->stopped = true;
	worker_stop(run->worker);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One device's worker: start it, follow it, remember how it ended. */
#include <string.h>
#include <sys/inotify.h>

#include "base/cleanup.h"
#include "base/errno-util.h"
#include "log.h"
#include "manager.h"
#include "messages.h"

#define RETRY_FIRST_USEC UINT64_C(1000000)
#define RETRY_LIMIT	 6 /* the last delay is 32 s */

/* More plans than this without an end mean that somebody undoes what we do. */
#define IN_A_ROW_LIMIT 8

void device_history_forgive(struct device_history *history)
{
	history->failures = 0;
	history->retry_at_usec = 0;
	history->rebinds = 0;
}

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
	size_t n = 0;

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

static bool plan_has(const struct device_plan *plan, enum step_kind kind, const char *value)
{
	for (size_t i = 0; i < plan->n_steps; i++)
		if (plan->steps[i].kind == kind &&
		    (!value || (plan->steps[i].value && !strcmp(plan->steps[i].value, value))))
			return true;
	return false;
}

static void remember_success(struct device_run *run, struct device_history *history)
{
	history->failures = 0;
	history->error = 0;
	history->retry_at_usec = 0;
	history->message = (free(history->message), NULL);
	if (plan_has(&run->running, STEP_PROBE_DEFAULT, NULL))
		history->handed_over = true;
	if (plan_has(&run->running, STEP_UNBIND_DRIVER, "kmem"))
		history->rebinds++;
	run->in_a_row++;
}

static void remember_failure(struct device_run *run, struct device_history *history, int error,
			     enum step_kind step, const char *message)
{
	free(history->message);
	history->message = message ? strdup(message) : NULL;
	history->error = error;
	history->step = step;
	history->failures++;
	history->retry_at_usec = UINT64_MAX;

	/*
	 * A worker that was killed, or a device that moved under it, is worth another look as well.
	 */
	if ((errno_classify(error) != ERRNO_CLASS_PERMANENT || error == -EPROTO) &&
	    history->failures <= RETRY_LIMIT)
		history->retry_at_usec =
			manager_now(run->manager) + (RETRY_FIRST_USEC << (history->failures - 1));
}

static void log_failure(const struct device_run *run, const struct device_history *history,
			const struct worker_result *result)
{
	char next[64] = "; not retried until the device or the configuration changes";

	if (run->outdated)
		snprintf(next, sizeof(next), "; trying again with the new configuration");
	else if (history->retry_at_usec != UINT64_MAX)
		snprintf(next, sizeof(next), "; retrying in %llu s",
			 (unsigned long long)(RETRY_FIRST_USEC << (history->failures - 1)) /
				 1000000);
	log_write(&(struct log_entry){.priority = LOG_ERR,
				      .error = result->error,
				      .error_told = result->message != NULL,
				      .message_id = MESSAGE_FAILED,
				      .device = run->name,
				      .rule = run->running.rule,
				      .state = device_state_to_string(DEVICE_FAILED),
				      .step = step_kind_to_string(result->step),
				      .path = result->path},
		  "%s: %s failed: %s%s%s", run->name, step_kind_to_string(result->step),
		  result->message ?: "no reason given",
		  result->undone ? " (what had been done was undone)" : "", next);
}

static void on_done(const struct worker_result *result, void *userdata)
{
	struct device_run *run = userdata;
	struct manager *manager = run->manager;
	struct device_history *history = history_get(&manager->history, run->name);
	uint64_t usec = manager_now(manager) - run->started_usec;

	if (!history) {
		log_oom();
	} else if (result->error < 0) {
		remember_failure(run, history, result->error, result->step, result->message);
		if (run->outdated)
			history->retry_at_usec = manager_now(manager);
		log_failure(run, history, result);
		if (!result->undone)
			manager->restore_auto_online = true;
	} else {
		remember_success(run, history);
		log_write(
			&(struct log_entry){.priority = LOG_INFO,
					    .device = run->name,
					    .rule = run->running.rule},
			"%s: plan of %zu steps carried out in %llu ms (%llu reads, %llu writes of "
			"attributes)",
			run->name, run->running.n_steps, (unsigned long long)usec / 1000,
			(unsigned long long)result->n_reads, (unsigned long long)result->n_writes);
	}
	run->worker = worker_free(run->worker);
	run->outdated = false;
	run->progress = (struct progress){};
	device_plan_done(&run->running);
	manager_restore_after_worker(manager);
	if (!manager->stopping)
		manager_reconcile(manager);
	else if (manager_count_workers(manager) == 0)
		sd_event_exit(manager->event, EXIT_SUCCESS);
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

static void give_up(struct device_run *run)
{
	struct device_history *history = history_get(&run->manager->history, run->name);

	if (!history) {
		log_oom();
		return;
	}
	remember_failure(run, history, -ELOOP, STEP_VERIFY,
			 "plan after plan was carried out, but the device does not stay as policy "
			 "says; another agent (daxctl, a udev rule) seems to change it");
	history->retry_at_usec = UINT64_MAX;
	log_write(&(struct log_entry){.priority = LOG_ERR,
				      .error = -ELOOP,
				      .message_id = MESSAGE_FAILED,
				      .device = run->name},
		  "%s: %s; leaving it alone until the device or the configuration changes",
		  run->name, history->message ?: "does not converge");
}

void device_run_start(struct device_run *run, const struct device_plan *plan)
{
	const struct worker_paths paths = {
		.root = run->manager->options.root,
		.run_dir = run->manager->options.run_dir,
	};
	struct device_history *history;
	int r;

	if (run->in_a_row >= IN_A_ROW_LIMIT) {
		run->in_a_row = 0;
		give_up(run);
		manager_publish_device(run->manager, run->name);
		return;
	}
	r = copy_plan(plan, &run->running);
	if (r >= 0)
		r = worker_start(run->manager->event, &paths, plan, &worker_events, run,
				 &run->worker);
	if (r >= 0) {
		run->started_usec = manager_now(run->manager);
		run->progress = (struct progress){.running = true, .step = plan->steps[0].kind};
		manager_publish_device(run->manager, run->name);
		return;
	}
	device_plan_done(&run->running);
	history = history_get(&run->manager->history, run->name);
	if (!history) {
		log_oom();
		return;
	}
	remember_failure(run, history, r, plan->steps[0].kind, "the worker could not be started");
	log_write(&(struct log_entry){.priority = LOG_ERR, .error = r, .device = run->name},
		  "%s: cannot start a worker", run->name);
	manager_publish_device(run->manager, run->name);
}

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

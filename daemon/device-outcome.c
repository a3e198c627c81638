/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "device-outcome.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/errno-util.h"
#include "log.h"
#include "messages.h"
#include "policy/correction.h"

#define RETRY_FIRST_USEC UINT64_C(1000000)
#define RETRY_LIMIT	 6 /* the last delay is 32 s */

void device_history_forgive(struct device_history *history)
{
	history->failures = 0;
	history->retry_at_usec = 0;
	history->rebinds = 0;
}

void device_history_start_afresh(struct device_history *history)
{
	device_history_forgive(history);
	history->settled = false;
	history->correcting = false;
	history->contested = false;
	memset(history->corrected_usec, 0, sizeof(history->corrected_usec));
}

bool plan_has_step(const struct device_plan *plan, enum step_kind kind, const char *value)
{
	for (size_t i = 0; i < plan->n_steps; i++)
		if (plan->steps[i].kind == kind &&
		    (!value || (plan->steps[i].value && !strcmp(plan->steps[i].value, value))))
			return true;
	return false;
}

static bool takes_offline(const struct device_plan *plan)
{
	return plan_has_step(plan, STEP_OFFLINE_BLOCKS, NULL) ||
	       plan_has_step(plan, STEP_UNPLUG, NULL);
}

static void count_failure(struct manager *manager, enum step_kind step, int error)
{
	if (step_failures_add(&manager->failures, step, error) < 0)
		log_oom();
}

static void remember_success(struct device_run *run, struct device_history *history)
{
	history->failures = 0;
	history->error = 0;
	history->retry_at_usec = 0;
	history->message = (free(history->message), NULL);
	if (plan_has_step(&run->running, STEP_PROBE_DEFAULT, NULL))
		history->handed_over = true;
	if (run->running.purpose == PLAN_RELEASE)
		return;
	if (history->online_usec == 0 && plan_has_step(&run->running, STEP_VERIFY, NULL))
		history->online_usec = manager_now(run->manager);
	if (plan_has_step(&run->running, STEP_UNBIND_DRIVER, "kmem"))
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
	 * Memory in use that did not go offline will not go a second later either, and each try is
	 * a burden to whoever uses it.
	 */
	if (takes_offline(&run->running) && error != -EPROTO && error != -EAGAIN)
		return;
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

/* A release that was not to be leaves nothing behind: what it had done was undone. */
static void log_release_failure(const struct device_run *run, const struct worker_result *result)
{
	log_write(&(struct log_entry){.priority = LOG_WARNING,
				      .error = result->error,
				      .error_told = result->message != NULL,
				      .message_id = MESSAGE_RELEASE_FAILED,
				      .device = run->name,
				      .rule = run->running.rule,
				      .step = step_kind_to_string(result->step),
				      .path = result->path},
		  "%s: not released: %s failed: %s%s", run->name, step_kind_to_string(result->step),
		  result->message ?: "no reason given",
		  result->undone	     ? " (what had been done was undone)"
		  : result->error == -EPROTO ? ""
					     : " (not all of what had been done could be undone)");
}

static void log_success(const struct device_run *run, const struct worker_result *result)
{
	uint64_t usec = manager_now(run->manager) - run->started_usec;
	const char *message_id = NULL;

	if (run->running.purpose == PLAN_CREATE_REGION)
		message_id = MESSAGE_REGION_MADE;
	else if (run->running.purpose == PLAN_RELEASE)
		message_id = plan_has_step(&run->running, STEP_DELETE_REGION, NULL)
				     ? MESSAGE_EJECTED
				     : MESSAGE_RELEASED;
	log_write(&(struct log_entry){.priority = LOG_INFO,
				      .message_id = message_id,
				      .device = run->name,
				      .rule = run->running.rule},
		  "%s: plan of %zu steps carried out in %llu ms (%llu reads, %llu writes of "
		  "attributes)",
		  run->name, run->running.n_steps, (unsigned long long)usec / 1000,
		  (unsigned long long)result->n_reads, (unsigned long long)result->n_writes);
}

/* What the device is put right for is undone as fast: that is no failure, but a contest. */
static void note_lost_correction(struct device_run *run, struct device_history *history,
				 const struct worker_result *result)
{
	correction_lost(history, manager_now(run->manager));
	log_write(&(struct log_entry){.priority = LOG_WARNING,
				      .error = result->error,
				      .error_told = result->message != NULL,
				      .device = run->name,
				      .rule = run->running.rule,
				      .step = step_kind_to_string(result->step),
				      .path = result->path},
		  "%s: not put right: %s failed: %s", run->name, step_kind_to_string(result->step),
		  result->message ?: "no reason given");
}

/* Of what the policy itself wants: whether, and when, it is tried again. */
static void note_failure(struct device_run *run, struct device_history *history,
			 const struct worker_result *result)
{
	remember_failure(run, history, result->error, result->step, result->message);
	if (run->outdated)
		history->retry_at_usec = manager_now(run->manager);
	log_failure(run, history, result);
}

void device_outcome_note(struct device_run *run, struct device_history *history,
			 const struct worker_result *result)
{
	if (result->error == 0) {
		remember_success(run, history);
		log_success(run, result);
		return;
	}
	/* To be stopped is no failure. */
	if (result->error != -ECANCELED)
		count_failure(run->manager, result->step, result->error);
	if (run->running.purpose == PLAN_RELEASE) {
		log_release_failure(run, result);
	} else if (result->error == -ECANCELED && run->stopped) {
		log_info("%s: interrupted at %s: %s", run->name, step_kind_to_string(result->step),
			 result->undone ? "what had been done was undone"
					: "not all of what had been done could be undone");
	} else if (result->error == -EAGAIN && result->undone && history->correcting) {
		note_lost_correction(run, history, result);
	} else {
		note_failure(run, history, result);
	}
}

void device_outcome_give_up(struct device_run *run)
{
	struct device_history *history = history_get(&run->manager->history, run->name);

	if (!history) {
		log_oom();
		return;
	}
	count_failure(run->manager, STEP_VERIFY, -ELOOP);
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

void device_outcome_not_started(struct device_run *run, struct device_history *history,
				const struct device_plan *plan, const struct worker_result *result)
{
	count_failure(run->manager, result->step, result->error);
	if (plan->purpose != PLAN_RELEASE)
		remember_failure(run, history, result->error, result->step, result->message);
	log_write(&(struct log_entry){.priority = LOG_ERR,
				      .error = result->error,
				      .device = run->name},
		  "%s: cannot start a worker", run->name);
}

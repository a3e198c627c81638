/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one straight line: look, plan, publish, start what has to be done. */
#include <string.h>

#include "base/cleanup.h"
#include "log.h"
#include "manager.h"
#include "policy/correction.h"
#include "policy/policy.h"
#include "policy/region.h"
#include "request.h"

#define LOOK_AGAIN_USEC UINT64_C(1000000)
#define LOOKS_AGAIN_MAX 5 /* from then on every 32 s */

int manager_look(struct manager *manager, struct facts **ret_facts, struct plan **ret_plan)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;
	_cleanup_(plan_freep) struct plan *plan = NULL;
	int r;

	r = observe(manager->observer, &facts);
	if (r < 0)
		return r;
	r = manager_enter(manager, facts);
	if (r < 0)
		return r;
	correction_see(manager->facts, facts, &manager->history, manager_now(manager));
	r = policy_plan(facts, manager->config, &manager->history, manager_now(manager), &plan);
	if (r < 0)
		return r;
	*ret_facts = TAKE_PTR(facts);
	*ret_plan = TAKE_PTR(plan);
	return 0;
}

static void log_new_problems(const struct facts *now, const struct facts *before)
{
	for (size_t i = 0; i < now->problems.n; i++)
		if (!before || !strv_contains(&before->problems, now->problems.items[i]))
			log_warning("%s", now->problems.items[i]);
}

/* What was asked for first; then by the place of the rule in the policy, then by name. */
static bool goes_before(const struct manager *manager, const struct device_plan *a,
			const struct device_plan *b)
{
	const struct device_history *of_a = history_find(&manager->history, a->device),
				    *of_b = history_find(&manager->history, b->device);
	bool a_asked = of_a && of_a->request != REQUEST_NONE,
	     b_asked = of_b && of_b->request != REQUEST_NONE;

	if (a_asked != b_asked)
		return a_asked;
	if (a->rank != b->rank)
		return a->rank < b->rank;
	return strverscmp(a->device, b->device) < 0;
}

static const struct device_plan *first_of(const struct manager *manager,
					  const struct device_plan *first,
					  const struct device_plan *plans, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (plans[i].n_steps > 0 && (!first || goes_before(manager, &plans[i], first)))
			first = &plans[i];
	return first;
}

/*
 * One at a time: all of them need auto_online_blocks, of which a host has one, and each plan is
 * made from the facts and the configuration that its predecessor left.
 */
static void start_worker(struct manager *manager)
{
	const struct plan *plan = manager->plan;
	const struct device_plan *first;
	struct device_run *run;

	if (manager->stopping || manager_count_workers(manager) > 0)
		return;
	if (leftovers_start(manager))
		return;
	first = first_of(manager, NULL, plan->devices, plan->n_devices);
	first = first_of(manager, first, plan->regions, plan->n_regions);
	run = first ? manager_find_run(manager, first->device) : NULL;
	if (run)
		device_run_start(run, first);
}

/* From now on, whatever makes it otherwise without our doing is somebody else's. */
static void note_settled(struct manager *manager)
{
	for (size_t i = 0; i < manager->plan->n_devices; i++) {
		const struct device_plan *plan = &manager->plan->devices[i];
		const struct device_run *run = manager_find_run(manager, plan->device);
		struct device_history *history = history_get(&manager->history, plan->device);

		if (history && !(run && run->worker))
			correction_look(plan, history);
	}
}

static void watch_holders(struct manager *manager)
{
	for (size_t i = 0; i < manager->plan->n_devices; i++) {
		const struct device_plan *plan = &manager->plan->devices[i];
		const struct dax_device *device = facts_find_device(manager->facts, plan->device);
		struct device_run *run = manager_find_run(manager, plan->device);

		if (!run || run->worker || plan->n_steps > 0)
			continue;
		run->in_a_row = 0;
		if (plan->managed && device && device->n_holders > 0)
			device_run_watch_holders(run);
		else
			run->released = sd_event_source_disable_unref(run->released);
	}
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	manager_reconcile(userdata);
	return 0;
}

static void arm(struct manager *manager, sd_event_source **timer, uint64_t at_usec)
{
	int r;

	if (*timer) {
		r = sd_event_source_set_time(*timer, at_usec);
		if (r >= 0)
			r = sd_event_source_set_enabled(*timer, SD_EVENT_ONESHOT);
	} else {
		r = sd_event_add_time(manager->event, timer, CLOCK_MONOTONIC, at_usec, 10000,
				      on_timer, manager);
	}
	if (r < 0)
		log_error_errno(r, "Cannot set a timer");
}

void manager_schedule(struct manager *manager)
{
	int enabled = SD_EVENT_OFF;

	if (manager->stopping)
		return;
	if (manager->settle)
		sd_event_source_get_enabled(manager->settle, &enabled);
	if (enabled == SD_EVENT_OFF)
		arm(manager, &manager->settle, manager_now(manager) + manager->config->settle_usec);
}

/* Each time twice as long. */
static uint64_t look_again_usec(unsigned *n_before)
{
	uint64_t usec = LOOK_AGAIN_USEC << *n_before;

	if (*n_before < LOOKS_AGAIN_MAX)
		(*n_before)++;
	return usec;
}

/*
 * What a device without steps waits for may send no event: a block that goes offline, an attribute.
 */
static bool waits_in_vain(const struct manager *manager)
{
	for (size_t i = 0; i < manager->plan->n_devices; i++)
		if (manager->plan->devices[i].state == DEVICE_PENDING &&
		    manager->plan->devices[i].n_steps == 0)
			return manager_count_workers(manager) == 0;
	return manager->missed && manager_count_workers(manager) == 0;
}

static void schedule_retry(struct manager *manager)
{
	uint64_t next = UINT64_MAX, now = manager_now(manager), gathered, touched;

	for (size_t i = 0; i < manager->history.n_devices; i++) {
		const struct device_history *history = &manager->history.devices[i];

		if (history->failures > 0 && history->retry_at_usec > now &&
		    history->retry_at_usec < next)
			next = history->retry_at_usec;
	}
	gathered = regions_next_usec(manager->facts, manager->config, &manager->history, now);
	if (gathered < next)
		next = gathered;
	touched = correction_next_usec(&manager->history, now);
	if (touched < next)
		next = touched;
	if (leftovers_next_usec(manager) < next)
		next = leftovers_next_usec(manager);
	if (waits_in_vain(manager)) {
		uint64_t again = now + look_again_usec(&manager->n_vain_looks);

		if (again < next)
			next = again;
	} else {
		manager->n_vain_looks = 0;
	}
	if (next != UINT64_MAX)
		arm(manager, &manager->retry, next);
	else if (manager->retry)
		sd_event_source_set_enabled(manager->retry, SD_EVENT_OFF);
}

static void look_failed(struct manager *manager, int error)
{
	uint64_t usec = look_again_usec(&manager->n_failed_looks);

	log_error_errno(error, "Cannot look at the host; looking again in %llu s",
			(unsigned long long)usec / 1000000);
	arm(manager, &manager->retry, manager_now(manager) + usec);
}

/* Where it cannot be done, the next look does it. */
static void plan_anew(struct manager *manager)
{
	struct plan *plan;
	int r = policy_plan(manager->facts, manager->config, &manager->history,
			    manager_now(manager), &plan);

	if (r < 0) {
		log_error_errno(r, "Cannot plan anew");
		return;
	}
	plan_free(manager->plan);
	manager->plan = plan;
}

void manager_reconcile(struct manager *manager)
{
	_cleanup_(facts_freep) struct facts *old_facts = NULL;
	_cleanup_(plan_freep) struct plan *old_plan = NULL;
	struct facts *facts;
	struct plan *plan;
	int r;

	if (manager->settle)
		sd_event_source_set_enabled(manager->settle, SD_EVENT_OFF);
	manager_claim(manager);
	requests_expire(manager);
	memory_watch_drain(manager->memory_watch);
	r = manager_look(manager, &facts, &plan);
	if (r < 0) {
		look_failed(manager, r);
		return;
	}
	manager->n_failed_looks = 0;
	old_facts = manager->facts;
	old_plan = manager->plan;
	manager->facts = facts;
	manager->plan = plan;
	answer_forget(manager);
	manager->started = true;
	manager_drop_gone(manager);
	if (requests_refuse(manager)) /* what was not to be is no state of the device */
		plan_anew(manager);
	log_new_problems(facts, old_facts);
	manager_log_changes(manager, old_plan);
	note_settled(manager);
	manager_save_released(manager);
	manager_save_in_use(manager);
	manager_publish(manager);
	start_worker(manager);
	requests_settle(manager);
	requests_set_timer(manager);
	manager_publish_waiting(manager);
	watch_holders(manager);
	schedule_retry(manager);
	manager_summarize(manager);
}

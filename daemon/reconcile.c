/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one straight line: look, plan, publish, start what has to be done. */
#include <string.h>

#include "base/cleanup.h"
#include "base/format.h"
#include "log.h"
#include "manager.h"
#include "messages.h"
#include "policy/policy.h"

#define LOOK_AGAIN_USEC UINT64_C(1000000)
#define VAIN_LOOKS_MAX	5 /* from then on every 32 s */

/*
 * Before the plan is made, as it depends on history: what is new since the first look was
 * hot-added.
 */
static int enter_devices(struct manager *manager, const struct facts *facts)
{
	for (size_t i = 0; i < facts->n_devices; i++) {
		const struct dax_device *device = &facts->devices[i];
		bool known = history_find(&manager->history, device->name) != NULL;
		struct device_history *history = history_get(&manager->history, device->name);

		if (!history || !manager_get_run(manager, device->name))
			return -ENOMEM;
		if (!known) {
			history->hot_added = manager->started;
			history->unprobed = manager->claimed && manager->claim_withholds;
		}
		if (device->driver) /* it has had one: who unbinds it now does so on purpose */
			history->unprobed = false;
	}
	return 0;
}

int manager_look(struct manager *manager, struct facts **ret_facts, struct plan **ret_plan)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;
	_cleanup_(plan_freep) struct plan *plan = NULL;
	int r;

	r = observe(manager->observer, &facts);
	if (r < 0)
		return r;
	r = enter_devices(manager, facts);
	if (r < 0)
		return r;
	r = policy_plan(facts, manager->config, &manager->history, manager_now(manager), &plan);
	if (r < 0)
		return r;
	*ret_facts = TAKE_PTR(facts);
	*ret_plan = TAKE_PTR(plan);
	return 0;
}

static void drop_gone_devices(struct manager *manager)
{
	for (size_t i = manager->n_runs; i-- > 0;) {
		struct device_run *run = manager->runs[i];

		if (facts_find_device(manager->facts, run->name) || run->worker)
			continue;
		log_write(&(struct log_entry){.priority = LOG_INFO, .device = run->name},
			  "%s: left", run->name);
		if (manager->bus_server)
			bus_server_remove_device(manager->bus_server, run->name);
		history_forget(&manager->history, run->name);
		manager_drop_run(manager, run);
	}
}

static char *steps_to_text(const struct device_plan *plan)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return NULL;
	for (size_t i = 0; i < plan->n_steps; i++)
		fprintf(stream, "%s%s%s%s", i ? ", " : "", step_kind_to_string(plan->steps[i].kind),
			plan->steps[i].value ? "=" : "", plan->steps[i].value ?: "");
	return fclose(stream) == 0 ? text : (free(text), NULL);
}

static void log_decision(const struct dax_device *device, const struct device_plan *plan)
{
	_cleanup_free_ char *steps = steps_to_text(plan);
	char size[FORMAT_SIZE_MAX];

	log_write(&(struct log_entry){.priority = LOG_INFO,
				      .message_id = MESSAGE_DECIDED,
				      .device = plan->device,
				      .rule = plan->rule,
				      .state = device_state_to_string(plan->state)},
		  "%s: %s device of %s at distance %u (%s); %s%s%s; steps: %s", plan->device,
		  dax_kind_to_string(device->kind), format_size(device->size, size),
		  device->distance.value, distance_source_to_string(device->distance.source),
		  plan->reason ?: "", plan->memmap.reason ? "; memmap " : "",
		  plan->memmap.reason ?: "", steps ?: "");
}

/* The outcome that a plan without steps states: message id and how loud it is. */
static void log_state(const struct device_plan *plan)
{
	static const struct {
		int priority;
		const char *message_id;
	} by_state[DEVICE_STATE_MAX] = {
		[DEVICE_UNMANAGED] = {LOG_INFO, NULL},
		[DEVICE_PENDING] = {LOG_INFO, NULL},
		[DEVICE_APPLYING] = {LOG_DEBUG, NULL},
		[DEVICE_ONLINE] = {LOG_INFO, MESSAGE_ONLINE},
		[DEVICE_PARTIAL] = {LOG_WARNING, NULL},
		[DEVICE_MISMATCH] = {LOG_WARNING, MESSAGE_MISMATCH},
		[DEVICE_DEVDAX] = {LOG_INFO, NULL},
		[DEVICE_HELD_BACK] = {LOG_WARNING, MESSAGE_HELD_BACK},
		[DEVICE_RELEASING] = {LOG_INFO, NULL},
		[DEVICE_RELEASED] = {LOG_INFO, NULL},
		[DEVICE_FAILED] = {LOG_ERR, MESSAGE_FAILED},
		[DEVICE_STUCK] = {LOG_ERR, MESSAGE_FAILED},
	};

	log_write(&(struct log_entry){.priority = by_state[plan->state].priority,
				      .message_id = by_state[plan->state].message_id,
				      .device = plan->device,
				      .rule = plan->rule,
				      .state = device_state_to_string(plan->state)},
		  "%s: %s: %s", plan->device, device_state_to_string(plan->state),
		  plan->reason ?: "");
}

static void log_inert(const struct device_plan *plan)
{
	if (plan->managed && plan->memmap.wanted && !plan->memmap.effective)
		log_write(&(struct log_entry){.priority = LOG_WARNING,
					      .message_id = MESSAGE_INERT,
					      .device = plan->device,
					      .rule = plan->rule},
			  "%s: memmap_on_memory is wanted but has no effect: the memmap is %s",
			  plan->device, plan->memmap.reason ?: "");
}

static void log_change(struct manager *manager, const struct device_plan *plan,
		       const struct device_plan *before)
{
	const struct dax_device *device = facts_find_device(manager->facts, plan->device);
	const struct device_history *history = history_find(&manager->history, plan->device);

	if (plan->n_steps > 0 && device)
		log_decision(device, plan);
	else if (!history || history->failures == 0) /* a failure was logged when it happened */
		log_state(plan);
	if (!before || before->memmap.wanted != plan->memmap.wanted ||
	    before->memmap.effective != plan->memmap.effective)
		log_inert(plan);
}

/* Only what differs from what was last said, and nothing while a worker is changing the device. */
static void log_changes(struct manager *manager, const struct plan *old)
{
	for (size_t i = 0; i < manager->plan->n_devices; i++) {
		const struct device_plan *plan = &manager->plan->devices[i];
		const struct device_plan *before = old ? plan_find(old, plan->device) : NULL;
		struct device_run *run = manager_find_run(manager, plan->device);

		if (!run)
			continue;
		if (run->worker) {
			run->unsaid = true;
			continue;
		}
		if (run->unsaid || !before || !device_plan_equal(before, plan))
			log_change(manager, plan, before);
		run->unsaid = false;
	}
}

static void log_new_problems(const struct facts *now, const struct facts *before)
{
	for (size_t i = 0; i < now->problems.n; i++)
		if (!before || !strv_contains(&before->problems, now->problems.items[i]))
			log_warning("%s", now->problems.items[i]);
}

/*
 * One at a time: all of them need auto_online_blocks, of which a host has one, and each plan is
 * made from the facts and the configuration that its predecessor left.
 */
static void start_worker(struct manager *manager)
{
	for (size_t i = 0; i < manager->plan->n_devices; i++) {
		const struct device_plan *plan = &manager->plan->devices[i];
		struct device_run *run = manager_find_run(manager, plan->device);

		if (manager->stopping || manager_count_workers(manager) > 0)
			return;
		if (run && plan->n_steps > 0)
			device_run_start(run, plan);
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

/*
 * What a device without steps waits for may send no event: a block that goes offline, an attribute.
 */
static bool waits_in_vain(const struct manager *manager)
{
	for (size_t i = 0; i < manager->plan->n_devices; i++)
		if (manager->plan->devices[i].state == DEVICE_PENDING &&
		    manager->plan->devices[i].n_steps == 0)
			return manager_count_workers(manager) == 0;
	return false;
}

static void schedule_retry(struct manager *manager)
{
	uint64_t next = UINT64_MAX, now = manager_now(manager);

	for (size_t i = 0; i < manager->history.n_devices; i++) {
		const struct device_history *history = &manager->history.devices[i];

		if (history->failures > 0 && history->retry_at_usec > now &&
		    history->retry_at_usec < next)
			next = history->retry_at_usec;
	}
	if (waits_in_vain(manager)) {
		uint64_t again = now + (LOOK_AGAIN_USEC << manager->n_vain_looks);

		if (manager->n_vain_looks < VAIN_LOOKS_MAX)
			manager->n_vain_looks++;
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
	r = manager_look(manager, &facts, &plan);
	if (r < 0) {
		log_error_errno(r, "Cannot look at the host; looking again in 1 s");
		arm(manager, &manager->retry, manager_now(manager) + LOOK_AGAIN_USEC);
		return;
	}
	old_facts = manager->facts;
	old_plan = manager->plan;
	manager->facts = facts;
	manager->plan = plan;
	manager->answer = plan_free(manager->answer);
	manager->started = true;
	drop_gone_devices(manager);
	log_new_problems(facts, old_facts);
	log_changes(manager, old_plan);
	manager_publish(manager);
	start_worker(manager);
	watch_holders(manager);
	schedule_retry(manager);
	manager_summarize(manager);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was decided, in words, where that differs from what was said last. */
#include <string.h>

#include "base/cleanup.h"
#include "base/format.h"
#include "log.h"
#include "manager.h"
#include "messages.h"

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

/* Left as it is, because somebody else changes it again and again. */
static bool is_contested(struct manager *manager, const struct device_plan *plan)
{
	const struct device_history *history = history_find(&manager->history, plan->device);

	return plan->state == DEVICE_MISMATCH && history && history->contested;
}

/* The outcome that a plan without steps states: message id and how loud it is. */
static void log_state(struct manager *manager, const struct device_plan *plan)
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
		[DEVICE_STUCK] = {LOG_ERR, MESSAGE_STUCK},
	};

	log_write(&(struct log_entry){.priority = by_state[plan->state].priority,
				      .message_id = is_contested(manager, plan)
							    ? MESSAGE_COMPETING
							    : by_state[plan->state].message_id,
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

/* Of a region that does not exist yet. */
static void log_proposal(const struct device_plan *plan)
{
	_cleanup_free_ char *steps = steps_to_text(plan);
	char size[FORMAT_SIZE_MAX];

	log_write(&(struct log_entry){.priority = LOG_INFO,
				      .message_id = MESSAGE_DECIDED,
				      .device = plan->device,
				      .state = device_state_to_string(plan->state)},
		  "%s: a region of %s in %s over %zu memory device(s); %s; steps: %s", plan->device,
		  format_size(plan->size, size), plan->region.window ?: "no window",
		  plan->region.n_targets, plan->reason ?: "", steps ?: "");
}

static void log_change(struct manager *manager, const struct device_plan *plan,
		       const struct device_plan *before)
{
	const struct dax_device *device = facts_find_device(manager->facts, plan->device);
	const struct device_history *history = history_find(&manager->history, plan->device);

	if (plan->n_steps > 0 && plan->purpose == PLAN_CREATE_REGION)
		log_proposal(plan);
	else if (plan->n_steps > 0 && device)
		log_decision(device, plan);
	else if (!history || history->failures == 0) /* a failure was logged when it happened */
		log_state(manager, plan);
	if (plan->purpose == PLAN_CONFIGURE &&
	    (!before || before->memmap.wanted != plan->memmap.wanted ||
	     before->memmap.effective != plan->memmap.effective))
		log_inert(plan);
}

static void print_change(FILE *f, const char *what, const char *before, const char *now)
{
	if (strcmp(before, now) != 0)
		fprintf(f, "%s%s %s before, %s now", ftell(f) > 0 ? "; " : "", what, before, now);
}

static const char *memmap_place(const struct device_plan *plan)
{
	return plan->memmap.wanted ? "on the device" : "in DRAM";
}

/* What a new policy makes of the device, where that is something else; "": nothing. */
static char *difference_to_text(const struct device_plan *before, const struct device_plan *now)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	print_change(f, "rule", before->rule ?: "none", now->rule ?: "none");
	if (before->managed && now->managed) {
		print_change(f, "zone", target_zone_to_string(before->zone),
			     target_zone_to_string(now->zone));
		print_change(f, "memmap", memmap_place(before), memmap_place(now));
	}
	return fclose(f) == 0 ? text : (free(text), NULL);
}

/* The next line says what follows from it: the steps, or why it is left alone. */
static void log_difference(const struct device_plan *before, const struct device_plan *now)
{
	_cleanup_free_ char *text = NULL;

	if (before->purpose != PLAN_CONFIGURE || now->purpose != PLAN_CONFIGURE)
		return;
	text = difference_to_text(before, now);
	if (text && *text)
		log_write(&(struct log_entry){.priority = LOG_INFO,
					      .device = now->device,
					      .rule = now->rule,
					      .state = device_state_to_string(now->state)},
			  "%s: decided anew: %s", now->device, text);
}

/*
 * What is stuck can still go offline, block by block, which changes how many it is, and nothing
 * about it: once is enough of an error.
 */
static bool says_the_same(const struct device_plan *before, const struct device_plan *now)
{
	return device_plan_equal(before, now) ||
	       (before->state == DEVICE_STUCK && now->state == DEVICE_STUCK);
}

static void log_plans(struct manager *manager, const struct device_plan *plans, size_t n,
		      const struct plan *old)
{
	for (size_t i = 0; i < n; i++) {
		const struct device_plan *plan = &plans[i];
		const struct device_plan *before = old ? plan_find(old, plan->device) : NULL;
		struct device_run *run = manager_find_run(manager, plan->device);

		if (!run)
			continue;
		if (run->worker) {
			run->unsaid = true;
			continue;
		}
		if (before)
			log_difference(before, plan);
		if (run->unsaid || !before || !says_the_same(before, plan))
			log_change(manager, plan, before);
		run->unsaid = false;
	}
}

/* Only what differs from what was last said, and nothing while a worker is changing the device. */
void manager_log_changes(struct manager *manager, const struct plan *old)
{
	log_plans(manager, manager->plan->devices, manager->plan->n_devices, old);
	log_plans(manager, manager->plan->regions, manager->plan->n_regions, old);
}

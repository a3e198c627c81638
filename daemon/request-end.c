/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How what was asked for ends. */
#include <string.h>

#include "base/cleanup.h"
#include "log.h"
#include "request-list.h"
#include "request.h"

/* An Apply of a device that waits for something; a block that goes offline takes no longer. */
#define APPLY_WAIT_USEC UINT64_C(60000000)

static const char *error_name(int error)
{
	switch (error) {
	case -ECANCELED:
		return DAXTIER_ERROR_CANCELED;
	case -ETIMEDOUT:
		return DAXTIER_ERROR_DEADLINE;
	}
	return DAXTIER_ERROR_STEP_FAILED;
}

/* The steps of a region's end make its dax device leave; before them it was pulled. */
static bool has_been_pulled(const struct device_run *run, const struct device_plan *plan,
			    const struct worker_result *result)
{
	const char *bus = plan->purpose == PLAN_CREATE_REGION ? "cxl" : "dax";
	uint64_t now = 0;
	int r;

	if (result->error == -EPROTO || result->step == STEP_DISABLE_REGION ||
	    result->step == STEP_DECOMMIT_REGION || result->step == STEP_DELETE_REGION ||
	    result->step == STEP_FREE_DPA)
		return false;
	r = sysfs_instance(&run->manager->sysfs, &now, "sys/bus/%s/devices/%s", bus, run->name);
	return r == -ENOENT || (r == 0 && run->instance != 0 && now != run->instance);
}

/* What a worker that was killed has left is not undone, but put back later. */
static const char *undone_words(const struct worker_result *result)
{
	return result->undone || result->error == -EPROTO
		       ? ""
		       : "; not all of what had been done could be undone";
}

/* Those that error_name() has a name for, and a worker without a last word, are not the kernel's.
 */
static int kernel_error(int error)
{
	return error == -ECANCELED || error == -ETIMEDOUT || error == -EPROTO ? 0 : error;
}

static struct bus_failure failure_of(const struct worker_result *result)
{
	return (struct bus_failure){
		.name = error_name(result->error),
		.error = kernel_error(result->error),
		.step = step_kind_to_string(result->step),
		.path = result->path,
	};
}

/* The step's own words name it, some at once. */
static void fail(const struct device_run *run, const struct device_plan *plan,
		 struct request *request, const struct worker_result *result)
{
	struct bus_failure failure = failure_of(result);
	const char *words = result->message ?: strerror(-result->error);
	bool named = strncmp(words, failure.step, strlen(failure.step)) == 0;

	if (has_been_pulled(run, plan, result)) {
		failure.name = DAXTIER_ERROR_NO_SUCH_DEVICE;
		request_endf(run->manager, request, &failure, "%s has left: %s", run->name, words);
	} else {
		request_endf(run->manager, request, &failure, "%s%s%s%s", named ? "" : failure.step,
			     named ? "" : ": ", words, undone_words(result));
	}
}

static void release_ended(struct device_run *run, const struct device_plan *plan,
			  const struct worker_result *result)
{
	struct manager *manager = run->manager;
	struct request *request = request_find(manager, run->name, true);

	if (result->error == 0) /* and before it is said: who hears it may rely on it */
		manager_set_released(manager, plan);
	if (!request)
		return;
	if (result->error == 0)
		request_end(manager, request, NULL, NULL);
	else
		fail(run, plan, request, result);
}

/* An Apply of the device, or of one of the memdevs that its region is made of. */
static bool is_about(const struct request *request, const struct device_plan *plan)
{
	if (request->release)
		return false;
	if (strcmp(request->device, plan->device) == 0)
		return true;
	for (size_t i = 0; i < plan->region.n_targets; i++)
		if (strcmp(request->device, plan->region.targets[i].memdev) == 0)
			return true;
	return false;
}

/* Whoever asked for all is told of the first failure, once there is nothing left to do. */
static void fail_all(struct manager *manager, const char *device, const struct bus_failure *failure,
		     const char *words)
{
	struct request *all = request_find(manager, "", false);

	if (!all || all->failure)
		return;
	if (asprintf(&all->failure, "%s: %s", device, words) < 0) {
		all->failure = NULL;
		return;
	}
	all->failed = *failure;
	all->failed.name = DAXTIER_ERROR_STEP_FAILED;
	all->failed.path = all->failed_path = failure->path ? strdup(failure->path) : NULL;
}

/* The policy tries again by itself what may pass; who asked is told of the first failure. */
static void apply_failed(struct device_run *run, const struct device_plan *plan,
			 const struct worker_result *result)
{
	struct bus_failure failure = failure_of(result);
	_cleanup_free_ char *words = NULL;
	struct request *next;

	if (asprintf(&words, "%s: %s", step_kind_to_string(result->step),
		     result->message ?: strerror(-result->error)) < 0)
		words = NULL;
	if (words && result->error != -ECANCELED) /* that is what makes way for a release */
		fail_all(run->manager, run->name, &failure, words);
	for (struct request *request = run->manager->requests; request; request = next) {
		next = request->next;
		if (is_about(request, plan))
			fail(run, plan, request, result);
	}
}

/*
 * What was asked for has been carried out, once. The answer is what the next look finds; if that is
 * something else again, the policy decides by itself, without the leave that the request was.
 */
static void apply_done(struct manager *manager, const struct device_plan *plan)
{
	for (struct request *request = manager->requests; request; request = request->next)
		if (is_about(request, plan) && history_find(&manager->history, request->device))
			history_get(&manager->history, request->device)->request = REQUEST_NONE;
}

void requests_worker_ended(struct device_run *run, const struct device_plan *plan,
			   const struct worker_result *result)
{
	if (plan->purpose == PLAN_RELEASE)
		release_ended(run, plan, result);
	else if (result->error < 0)
		apply_failed(run, plan, result);
	else
		apply_done(run->manager, plan);
}

void requests_gave_up(struct manager *manager, const struct device_plan *plan, const char *why)
{
	const struct bus_failure failure = {
		.name = DAXTIER_ERROR_STEP_FAILED,
		.step = step_kind_to_string(STEP_VERIFY), /* as the device's LastErrorStep */
	};
	struct request *next;

	fail_all(manager, plan->device, &failure, why);
	for (struct request *request = manager->requests; request; request = next) {
		next = request->next;
		if (is_about(request, plan))
			request_end(manager, request, &failure, why);
	}
}

static bool is_applied(enum device_state state)
{
	return state == DEVICE_ONLINE || state == DEVICE_DEVDAX;
}

/* Its memory is still to be seen, where that was in use. */
static bool has_left(struct manager *manager, const struct request *request)
{
	const struct dax_device *device = facts_find_device(manager->facts, request->device);

	return device && device->gone;
}

/* What it waits for may pass soon, and without an event. */
static bool goes_on_waiting(struct manager *manager, struct request *request,
			    const struct device_plan *plan)
{
	uint64_t now = manager_now(manager);

	if (request->release || plan->state != DEVICE_PENDING)
		return false;
	if (request->until_usec == 0)
		request->until_usec = now + APPLY_WAIT_USEC;
	return now < request->until_usec;
}

/* There is nothing (more) to do: it is as it was asked for, or the plan says why not. */
static void judge(struct manager *manager, struct request *request, const struct device_plan *plan)
{
	bool done;

	if (goes_on_waiting(manager, request, plan))
		return;
	if (request->release)
		done = plan->state == DEVICE_RELEASED;
	else if (plan->purpose == PLAN_CREATE_REGION)
		done = false; /* made of it there would be no plan for it any more */
	else
		done = is_applied(plan->state) || plan->state == DEVICE_UNMANAGED;
	if (done)
		request_end(manager, request, NULL, NULL);
	else
		request_refuse(manager, request,
			       has_left(manager, request) ? DAXTIER_ERROR_NO_SUCH_DEVICE
							  : DAXTIER_ERROR_REFUSED,
			       "%s", plan->reason ?: device_state_to_string(plan->state));
}

/* A release that there are no steps for. */
static bool is_in_vain(struct manager *manager, const struct request *request,
		       const struct device_plan *plan)
{
	const struct device_run *run = manager_find_run(manager, request->device);

	return request->release && plan && plan->purpose == PLAN_RELEASE && plan->n_steps == 0 &&
	       !(run && run->worker);
}

bool requests_refuse(struct manager *manager)
{
	struct request *next;
	bool found = false;

	for (struct request *request = manager->requests; request; request = next) {
		const struct device_plan *plan = plan_find(manager->plan, request->device);

		next = request->next;
		if (!is_in_vain(manager, request, plan))
			continue;
		log_write(&(struct log_entry){.priority = LOG_NOTICE, .device = request->device},
			  "Not carried out: %s", plan->reason ?: "");
		judge(manager, request, plan);
		found = true;
	}
	return found;
}

static void settle_one(struct manager *manager, struct request *request)
{
	const struct device_plan *plan = request_find_plan(manager, request->device);
	const struct device_run *run =
		manager_find_run(manager, plan ? plan->device : request->device);

	if (run && run->worker)
		return;
	if (plan && plan->n_steps == 0)
		judge(manager, request, plan);
	else if (!plan && cxl_find_memdev(&manager->facts->cxl, request->device))
		request_end(manager, request, NULL, NULL); /* it is in a region now */
	else if (!plan && !run) /* with one it is there, and the look missed it */
		request_refuse(manager, request, DAXTIER_ERROR_NO_SUCH_DEVICE, "%s has left",
			       request->device);
	else if (!request->release)
		request->until_usec = 0; /* it has its turn, or waits for it */
}

static bool is_left_to_do(struct manager *manager, const struct device_plan *plan)
{
	const struct device_run *run = manager_find_run(manager, plan->device);

	if (run && run->worker)
		return run->running.purpose != PLAN_RELEASE;
	return plan->n_steps > 0 && plan->purpose != PLAN_RELEASE;
}

static void settle_all(struct manager *manager, struct request *request)
{
	for (size_t i = 0; i < manager->plan->n_devices; i++)
		if (is_left_to_do(manager, &manager->plan->devices[i]))
			return;
	for (size_t i = 0; i < manager->plan->n_regions; i++)
		if (is_left_to_do(manager, &manager->plan->regions[i]))
			return;
	request_end(manager, request, request->failure ? &request->failed : NULL, request->failure);
}

void requests_settle(struct manager *manager)
{
	struct request *next;

	for (struct request *request = manager->requests; request; request = next) {
		next = request->next;
		if (request->device[0])
			settle_one(manager, request);
		else
			settle_all(manager, request);
	}
}

void requests_device_left(struct manager *manager, const char *device)
{
	struct request *next;

	for (struct request *request = manager->requests; request; request = next) {
		next = request->next;
		if (strcmp(request->device, device) == 0)
			request_refuse(manager, request, DAXTIER_ERROR_NO_SUCH_DEVICE,
				       "%s has left", device);
	}
}

void requests_stop(struct manager *manager)
{
	struct request *next;

	for (struct request *request = manager->requests; request; request = next) {
		const struct device_run *run = manager_find_run(manager, request->device);

		next = request->next;
		if (!run || !run->worker)
			request_refuse(manager, request, DAXTIER_ERROR_CANCELED,
				       "the daemon is stopping");
	}
}

void requests_done(struct manager *manager)
{
	while (manager->requests)
		request_refuse(manager, manager->requests, DAXTIER_ERROR_CANCELED,
			       "the daemon is stopping");
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How what was asked for ends. */
#include <string.h>

#include "base/cleanup.h"
#include "log.h"
#include "request-list.h"
#include "request.h"

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

/* The step's own words name it, some at once. */
static void fail(struct manager *manager, struct request *request,
		 const struct worker_result *result)
{
	const char *step = step_kind_to_string(result->step);
	const char *words = result->message ?: strerror(-result->error);
	bool named = strncmp(words, step, strlen(step)) == 0;

	request_answerf(manager, request, error_name(result->error), "%s%s%s%s", named ? "" : step,
			named ? "" : ": ", words,
			result->undone ? "" : "; not all of what had been done could be undone");
}

static void release_ended(struct device_run *run, struct device_history *history,
			  const struct worker_result *result)
{
	struct manager *manager = run->manager;
	struct request *request = request_find(manager, run->name, true);

	if (history && request_is_release(history->request)) {
		history->request = REQUEST_NONE;
		if (result->error == 0) /* and before it is said: who hears it may rely on it */
			manager_set_released(manager, &run->running);
	}
	if (!request)
		return;
	if (result->error == 0)
		request_answer(manager, request, NULL, NULL);
	else
		fail(manager, request, result);
}

/* The policy tries again by itself what may pass; who asked is told of the first failure. */
static void apply_failed(struct device_run *run, struct device_history *history,
			 const struct worker_result *result)
{
	struct manager *manager = run->manager;
	struct request *request = request_find(manager, run->name, false),
		       *all = request_find(manager, "", false);

	/* Interrupted is what makes way for a release. */
	if (all && !all->failure && result->error != -ECANCELED &&
	    asprintf(&all->failure, "%s: %s: %s", run->name, step_kind_to_string(result->step),
		     result->message ?: strerror(-result->error)) < 0)
		all->failure = NULL;
	/* For the region that is made of several memdevs. */
	for (size_t i = 0; !request && i < run->running.region.n_targets; i++)
		request = request_find(manager, run->running.region.targets[i].memdev, false);
	if (!request)
		return;
	if (history && !request_is_release(history->request))
		history->request = REQUEST_NONE;
	fail(manager, request, result);
}

void requests_worker_ended(struct device_run *run, const struct worker_result *result)
{
	struct device_history *history = history_get(&run->manager->history, run->name);

	if (run->running.purpose == PLAN_RELEASE)
		release_ended(run, history, result);
	else if (result->error < 0)
		apply_failed(run, history, result);
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

/* There is nothing (more) to do: it is as it was asked for, or the plan says why not. */
static void judge(struct manager *manager, struct request *request, const struct device_plan *plan)
{
	struct device_history *history = history_get(&manager->history, request->device);
	bool done;

	if (request->release)
		done = plan->state == DEVICE_RELEASED;
	else if (plan->purpose == PLAN_CREATE_REGION)
		done = false; /* made of it there would be no plan for it any more */
	else
		done = is_applied(plan->state) || plan->state == DEVICE_UNMANAGED;

	if (history && request_is_release(history->request) == request->release) {
		history->request = REQUEST_NONE;
		manager_schedule(manager); /* what is said of it now is said of the request */
	}
	if (done)
		request_answer(manager, request, NULL, NULL);
	else
		request_answer(manager, request,
			       has_left(manager, request) ? DAXTIER_ERROR_NO_SUCH_DEVICE
							  : DAXTIER_ERROR_REFUSED,
			       plan->reason ?: device_state_to_string(plan->state));
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
		request_answer(manager, request, NULL, NULL); /* it is in a region now */
	else if (!plan && !run) /* with one it is there, and the look missed it */
		request_answerf(manager, request, DAXTIER_ERROR_NO_SUCH_DEVICE, "%s has left",
				request->device);
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
	request_answer(manager, request, request->failure ? DAXTIER_ERROR_STEP_FAILED : NULL,
		       request->failure);
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
			request_answerf(manager, request, DAXTIER_ERROR_NO_SUCH_DEVICE,
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
			request_answer(manager, request, DAXTIER_ERROR_CANCELED,
				       "the daemon is stopping");
	}
}

void requests_done(struct manager *manager)
{
	while (manager->requests) {
		struct request *request = manager->requests;

		manager->requests = request->next;
		request_free(request);
	}
}

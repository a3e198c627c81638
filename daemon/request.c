/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "request.h"

#include <stdarg.h>
#include <string.h>

#include "base/cleanup.h"
#include "bus/bus-call.h"
#include "log.h"
#include "manager.h"
#include "request-list.h"

/* Also of those whose callers have left; bus-call.c limits what one client may have waiting. */
#define REQUESTS_MAX 32

struct request *request_free(struct request *request)
{
	bus_call_free(request->call);
	free(request->failure);
	free(request->failed_path);
	free(request->device);
	free(request);
	return NULL;
}

static void unlink_request(struct manager *manager, struct request *request)
{
	struct request **p = &manager->requests;

	while (*p != request)
		p = &(*p)->next;
	*p = request->next;
}

/* What is said of the device from the next look on is not said of the request any more. */
static void forget(struct manager *manager, const struct request *request)
{
	struct device_history *history;

	if (!history_find(&manager->history, request->device))
		return;
	history = history_get(&manager->history, request->device);
	if (history->request == REQUEST_NONE ||
	    request_is_release(history->request) != request->release)
		return;
	history->request = REQUEST_NONE;
	history->deadline_usec = 0;
	manager_schedule(manager);
}

static int answer(struct request *request, const struct bus_failure *failure, const char *message)
{
	if (!request->call)
		return 0;
	return failure ? bus_call_fail(request->call, failure, message)
		       : bus_call_answer(request->call);
}

void request_end(struct manager *manager, struct request *request,
		 const struct bus_failure *failure, const char *message)
{
	int r = answer(request, failure, message);

	forget(manager, request);
	if (r < 0)
		log_warning_errno(r, "Cannot answer a call of %s",
				  request->release ? "Release" : "Apply");
	unlink_request(manager, request);
	request_free(request);
}

static void __attribute__((format(printf, 4, 0)))
end_with(struct manager *manager, struct request *request, const struct bus_failure *failure,
	 const char *format, va_list ap)
{
	_cleanup_free_ char *text = NULL;

	if (vasprintf(&text, format, ap) < 0)
		text = NULL;
	request_end(manager, request, failure, text ?: "out of memory");
}

void request_endf(struct manager *manager, struct request *request,
		  const struct bus_failure *failure, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	end_with(manager, request, failure, format, ap);
	va_end(ap);
}

void request_refuse(struct manager *manager, struct request *request, const char *error,
		    const char *format, ...)
{
	const struct bus_failure failure = {.name = error};
	va_list ap;

	va_start(ap, format);
	end_with(manager, request, &failure, format, ap);
	va_end(ap);
}

struct request *request_find(struct manager *manager, const char *device, bool release)
{
	for (struct request *request = manager->requests; request; request = request->next)
		if (request->release == release && strcmp(request->device, device) == 0)
			return request;
	return NULL;
}

/* His wait ends, and nothing else: what was begun for him may be what others wait for. */
static void on_left(struct bus_call *call, void *userdata)
{
	struct request *request = userdata;

	request->call = bus_call_free(call);
}

/* Takes the call over, unless it returns NULL. */
static struct request *add(struct manager *manager, struct bus_call *call, const char *device)
{
	struct request *request = calloc(1, sizeof(*request)), **end = &manager->requests;

	if (!request)
		return NULL;
	request->device = strdup(device);
	if (!request->device) {
		free(request);
		return NULL;
	}
	request->call = call;
	bus_call_set_left(call, on_left, request);
	while (*end)
		end = &(*end)->next;
	return *end = request;
}

static int refuse(struct bus_call *call, const char *error, const char *message)
{
	const struct bus_failure failure = {.name = error};
	int r = bus_call_fail(call, &failure, message);

	if (r < 0)
		log_warning_errno(r, "Cannot refuse a call");
	bus_call_free(call);
	return -EBUSY;
}

/* 0: there is room; else it was answered, and is gone. */
static int refuse_busy(struct manager *manager, struct bus_call *call, const char *device,
		       bool release)
{
	_cleanup_free_ char *text = NULL;
	size_t n = 0;

	if (manager->stopping)
		return refuse(call, DAXTIER_ERROR_CANCELED, "the daemon is stopping");
	for (struct request *request = manager->requests; request; request = request->next)
		n++;
	if (n >= REQUESTS_MAX)
		return refuse(call, DAXTIER_ERROR_BUSY,
			      "too many calls wait for their end; try again later");
	if (!request_find(manager, device, false) &&
	    !(release && request_find(manager, device, true)))
		return 0;
	if (asprintf(&text, "another call about %s is being carried out",
		     device[0] ? device : "all devices") < 0)
		text = NULL;
	return refuse(call, DAXTIER_ERROR_BUSY, text ?: "another call is being carried out");
}

const struct device_plan *request_find_plan(const struct manager *manager, const char *name)
{
	const struct device_plan *plan = plan_find(manager->plan, name);

	for (size_t i = 0; !plan && i < manager->plan->n_regions; i++) {
		const struct region_plan *region = &manager->plan->regions[i].region;

		for (size_t k = 0; k < region->n_targets; k++)
			if (strcmp(region->targets[k].memdev, name) == 0)
				plan = &manager->plan->regions[i];
	}
	return plan;
}

/* One that came within the settle time is not known yet. */
static const struct device_plan *find_plan_or_look(struct manager *manager, const char *name)
{
	const struct device_plan *plan = request_find_plan(manager, name);

	if (!plan) {
		manager_reconcile(manager);
		plan = request_find_plan(manager, name);
	}
	return plan;
}

/* A release that is being carried out ends first, and puts back what it did. */
static void cancel_release(struct manager *manager, const char *device)
{
	struct request *release = request_find(manager, device, true);
	struct device_run *run = manager_find_run(manager, device);

	if (run && run->worker && run->running.purpose == PLAN_RELEASE)
		device_run_stop(run);
	else if (release)
		request_refuse(manager, release, DAXTIER_ERROR_CANCELED,
			       "another call asked for the device to be applied, before anything "
			       "was done");
}

static void apply_one(struct manager *manager, struct device_history *history,
		      enum device_request request)
{
	device_history_start_afresh(history);
	history->request = request;
	history->deadline_usec = 0;
	history->released = false;
}

static void apply_all(struct manager *manager)
{
	for (size_t i = 0; i < manager->history.n_devices; i++) {
		struct device_history *history = &manager->history.devices[i];

		if (history->request == REQUEST_NONE)
			apply_one(manager, history, REQUEST_NONE);
	}
}

int request_apply(void *userdata, struct bus_call *call, const char *device, bool force)
{
	struct manager *manager = userdata;
	struct device_history *history = NULL;

	if (device[0] && !find_plan_or_look(manager, device))
		return -ENODEV;
	if (refuse_busy(manager, call, device, false) < 0)
		return 0;
	if (device[0]) {
		history = history_get(&manager->history, device);
		if (!history)
			return -ENOMEM;
	}
	if (!add(manager, call, device))
		return -ENOMEM;
	if (history) {
		cancel_release(manager, device);
		if (cxl_find_memdev(&manager->facts->cxl, device))
			manager_gather_again(manager, device);
		apply_one(manager, history, force ? REQUEST_FORCE : REQUEST_APPLY);
	} else {
		manager_gather_again(manager, NULL);
		apply_all(manager);
	}
	leftovers_forgive(manager);
	manager_save_released(manager);
	manager_reconcile(manager);
	return 0;
}

int request_release(void *userdata, struct bus_call *call, const char *device, bool eject,
		    uint64_t deadline_usec)
{
	struct manager *manager = userdata;
	const struct device_plan *plan;
	struct device_history *history;
	struct device_run *run;
	struct request *request;

	plan = find_plan_or_look(manager, device);
	if (!plan)
		return -ENODEV;
	if (refuse_busy(manager, call, device, true) < 0)
		return 0;
	if (plan->state == DEVICE_RELEASED && !eject) {
		bus_call_answer(call);
		bus_call_free(call);
		return 0;
	}
	history = history_get(&manager->history, device);
	if (!history)
		return -ENOMEM;
	request = add(manager, call, device);
	if (!request)
		return -ENOMEM;
	request->release = true;
	if (deadline_usec > 0) /* one that is too far away to be told is none */
		request->until_usec = manager_now(manager) + deadline_usec < deadline_usec
					      ? 0
					      : manager_now(manager) + deadline_usec;
	history->settled = false; /* what is changed from now on is our doing */
	history->request = eject ? REQUEST_EJECT : REQUEST_RELEASE;
	history->deadline_usec = deadline_usec;
	run = manager_find_run(manager, device);
	if (run && run->worker)
		device_run_stop(run);
	manager_reconcile(manager);
	return 0;
}

uint64_t requests_deadline(struct manager *manager, const struct device_plan *plan)
{
	const struct request *request = request_find(manager, plan->device, true);
	uint64_t now = manager_now(manager);

	if (plan->purpose != PLAN_RELEASE || !request || request->until_usec == 0)
		return plan->deadline_usec;
	return request->until_usec > now ? request->until_usec - now : 1;
}

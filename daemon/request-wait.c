/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was asked for and has to wait: no longer than it was given. */
#include "base/cleanup.h"
#include "log.h"
#include "request-list.h"
#include "request.h"

/* A worker that carries out a release knows its deadline itself. */
static bool is_carried_out(struct manager *manager, const struct request *request)
{
	const struct device_run *run = manager_find_run(manager, request->device);

	return run && run->worker && run->running.purpose == PLAN_RELEASE;
}

static bool waits(struct manager *manager, const struct request *request)
{
	return request->until_usec > 0 && !(request->release && is_carried_out(manager, request));
}

static void end_late_release(struct manager *manager, struct request *request)
{
	_cleanup_free_ char *turn = manager_whose_turn(manager);

	request_refuse(manager, request, DAXTIER_ERROR_DEADLINE,
		       "the time that it was given passed before it began, so nothing was done%s%s",
		       turn ? "; it waited for " : "", turn ?: "");
}

void requests_expire(struct manager *manager)
{
	uint64_t now = manager_now(manager);
	struct request *next;

	for (struct request *request = manager->requests; request; request = next) {
		next = request->next;
		if (request->release && waits(manager, request) && request->until_usec <= now)
			end_late_release(manager, request);
	}
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
	manager_reconcile(userdata);
	return 0;
}

/* Of an Apply that has waited long enough, the look that follows decides. */
void requests_set_timer(struct manager *manager)
{
	uint64_t now = manager_now(manager), next = UINT64_MAX;
	int r;

	for (struct request *request = manager->requests; request; request = request->next)
		if (waits(manager, request) && request->until_usec > now &&
		    request->until_usec < next)
			next = request->until_usec;
	manager->request_timer = sd_event_source_disable_unref(manager->request_timer);
	if (next == UINT64_MAX)
		return;
	r = sd_event_add_time(manager->event, &manager->request_timer, CLOCK_MONOTONIC, next, 1,
			      on_time, manager);
	if (r < 0)
		log_error_errno(r, "Cannot set a timer");
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "leftovers.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/errno-util.h"
#include "held.h"
#include "log.h"
#include "manager.h"
#include "request.h"

#define RETRY_FIRST_USEC UINT64_C(1000000)
#define RETRY_LIMIT	 6 /* the last delay is 32 s */

struct leftover {
	char *device; /* or memdev */
	int error;
	char *message;
};

static void forget_items(struct leftovers *leftovers)
{
	for (size_t i = 0; i < leftovers->n; i++) {
		free(leftovers->items[i].device);
		free(leftovers->items[i].message);
	}
	free(leftovers->items);
	leftovers->items = NULL;
	leftovers->n = 0;
}

static int remember(struct leftovers *leftovers, const struct apply_report *report)
{
	struct leftover *items = reallocarray(leftovers->items, leftovers->n + 1, sizeof(*items));
	struct leftover item = {.error = report->error};

	if (!items)
		return -ENOMEM;
	leftovers->items = items;
	item.device = strdup(report->device);
	item.message = strdup(report->message ?: "what was left half-way cannot be put back");
	if (!item.device || !item.message) {
		free(item.device);
		free(item.message);
		return -ENOMEM;
	}
	items[leftovers->n++] = item;
	return 0;
}

static void on_report(const struct apply_report *report, void *userdata)
{
	struct manager *manager = userdata;

	held_log(report);
	if (report->event == APPLY_UNDO_FAILED && report->device &&
	    remember(&manager->leftovers, report) < 0)
		log_oom();
}

static void note_failure(struct manager *manager, int error)
{
	struct leftovers *leftovers = &manager->leftovers;
	unsigned delay = ++leftovers->failures;

	leftovers->retry_at_usec = UINT64_MAX;
	if (delay <= RETRY_LIMIT)
		leftovers->retry_at_usec = manager_now(manager) + (RETRY_FIRST_USEC << (delay - 1));
	if (delay <= RETRY_LIMIT)
		log_warning_errno(error,
				  "Not all that was left half-way could be put back; trying "
				  "again in %llu s",
				  (unsigned long long)(RETRY_FIRST_USEC << (delay - 1)) / 1000000);
	else
		log_error_errno(error,
				"Not all that was left half-way could be put back, as recorded in "
				"%s; not tried again until something is applied or the "
				"configuration is reloaded",
				manager->options.run_dir);
}

static void on_done(const struct worker_result *result, void *userdata)
{
	struct manager *manager = userdata;
	struct leftovers *leftovers = &manager->leftovers;

	if (result->error < 0) {
		note_failure(manager, result->error);
	} else {
		leftovers->expected = false;
		leftovers->failures = 0;
	}
	leftovers->worker = worker_free(leftovers->worker);
	manager_worker_ended(manager);
}

static const struct worker_events worker_events = {.report = on_report, .done = on_done};

void leftovers_expect(struct manager *manager)
{
	manager->leftovers.expected = true;
	leftovers_forgive(manager);
}

void leftovers_forgive(struct manager *manager)
{
	manager->leftovers.failures = 0;
	manager->leftovers.retry_at_usec = 0;
}

/* A record that cannot be read is something as well. */
static bool is_anything_recorded(const struct manager *manager)
{
	struct apply_leftovers recorded = {};
	int r = apply_leftovers_read(manager->options.run_dir, &recorded);

	if (r > 0)
		apply_leftovers_done(&recorded);
	return r != 0;
}

bool leftovers_start(struct manager *manager)
{
	const struct worker_paths paths = {
		.root = manager->options.root,
		.run_dir = manager->options.run_dir,
	};
	struct leftovers *leftovers = &manager->leftovers;
	int r;

	if (!leftovers->expected || manager_now(manager) < leftovers->retry_at_usec)
		return false;
	forget_items(leftovers);
	leftovers->expected = is_anything_recorded(manager);
	if (!leftovers->expected)
		return false;
	r = worker_start(manager->event, &paths, NULL, &worker_events, manager, &leftovers->worker);
	if (r < 0) {
		note_failure(manager, r);
		return false;
	}
	leftovers->started_usec = manager_now(manager);
	return true;
}

/* While any worker runs it waits for its turn: a timer would be over, and over again at once. */
uint64_t leftovers_next_usec(const struct manager *manager)
{
	const struct leftovers *leftovers = &manager->leftovers;

	return leftovers->expected && leftovers->failures > 0 && manager_count_workers(manager) == 0
		       ? leftovers->retry_at_usec
		       : UINT64_MAX;
}

static const struct leftover *find(const struct manager *manager, const char *device)
{
	for (size_t i = 0; i < manager->leftovers.n; i++)
		if (strcmp(manager->leftovers.items[i].device, device) == 0)
			return &manager->leftovers.items[i];
	return NULL;
}

static int replace(char **field, const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		return -ENOMEM;
	free(*field);
	*field = copy;
	return 0;
}

int leftovers_say_of_device(const struct manager *manager, struct device_status *status)
{
	const struct leftover *item = find(manager, status->name);
	const struct device_run *run = manager_find_run((struct manager *)manager, status->name);

	if (!item)
		return 0;
	if (!(run && run->worker) &&
	    replace(&status->state, device_state_to_string(DEVICE_FAILED)) < 0)
		return -ENOMEM;
	if (replace(&status->error, errno_name(item->error)) < 0 ||
	    replace(&status->error_step, step_kind_to_string(STEP_OFFLINE_BLOCKS)) < 0 ||
	    replace(&status->error_message, item->message) < 0)
		return -ENOMEM;
	return 0;
}

int leftovers_say_of_memdevs(const struct manager *manager, struct host_status *status)
{
	for (size_t i = 0; i < status->n_memdevs; i++) {
		struct memdev_status *memdev = &status->memdevs[i];
		const struct leftover *item = find(manager, memdev->name);

		if (!item)
			continue;
		if (replace(&memdev->state, device_state_to_string(DEVICE_FAILED)) < 0 ||
		    replace(&memdev->reason, item->message) < 0)
			return -ENOMEM;
	}
	return 0;
}

void leftovers_done(struct leftovers *leftovers)
{
	leftovers->worker = worker_free(leftovers->worker);
	forget_items(leftovers);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One worker at a time: whose turn it is. */
#include <stdio.h>
#include <time.h>

#include "base/cleanup.h"
#include "manager.h"

static const char *what_it_does(const struct device_plan *plan)
{
	switch (plan->purpose) {
	case PLAN_CONFIGURE:
		break;
	case PLAN_RELEASE:
		return "is being released";
	case PLAN_CREATE_REGION:
		return "is being made a region of";
	case PLAN_PURPOSE_MAX:
		break;
	}
	return "is being configured";
}

/* The time of day, as a person would read it off the journal. */
static void format_start(uint64_t usec_ago, char *text, size_t size)
{
	time_t start = time(NULL) - (time_t)(usec_ago / 1000000);
	struct tm local;

	if (!localtime_r(&start, &local) || strftime(text, size, "%H:%M:%S", &local) == 0)
		text[0] = '\0';
}

char *manager_whose_turn(struct manager *manager)
{
	char *text = NULL, start[16];

	if (manager->leftovers.worker) {
		format_start(manager_now(manager) - manager->leftovers.started_usec, start,
			     sizeof(start));
		return asprintf(&text,
				"what a killed process left half-way, which is being put back "
				"since %s",
				start) < 0
			       ? NULL
			       : text;
	}
	for (size_t i = 0; i < manager->n_runs && !text; i++) {
		const struct device_run *run = manager->runs[i];

		if (!run->worker)
			continue;
		format_start(manager_now(manager) - run->started_usec, start, sizeof(start));
		if (asprintf(&text, "%s, which %s since %s", run->name, what_it_does(&run->running),
			     start) < 0)
			return NULL;
	}
	return text;
}

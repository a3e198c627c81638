/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/step-failure.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool goes_before(const struct step_failure *failure, enum step_kind step, int error)
{
	/* EPERM, errno 1, comes first. */
	return failure->step != step ? failure->step < step : failure->error > error;
}

int step_failures_add(struct step_failures *failures, enum step_kind step, int error)
{
	struct step_failure *items;
	size_t i = 0;

	while (i < failures->n && goes_before(&failures->items[i], step, error))
		i++;
	if (i < failures->n && failures->items[i].step == step &&
	    failures->items[i].error == error) {
		failures->items[i].count++;
		return 0;
	}
	items = reallocarray(failures->items, failures->n + 1, sizeof(*items));
	if (!items)
		return -ENOMEM;
	memmove(&items[i + 1], &items[i], (failures->n - i) * sizeof(*items));
	items[i] = (struct step_failure){.step = step, .error = error, .count = 1};
	failures->items = items;
	failures->n++;
	return 0;
}

int step_failures_copy(struct step_failures *ret, const struct step_failures *failures)
{
	if (failures->n == 0)
		return 0;
	ret->items = calloc(failures->n, sizeof(*ret->items));
	if (!ret->items)
		return -ENOMEM;
	memcpy(ret->items, failures->items, failures->n * sizeof(*ret->items));
	ret->n = failures->n;
	return 0;
}

void step_failures_done(struct step_failures *failures)
{
	free(failures->items);
	*failures = (struct step_failures){};
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_DAEMON_DEVICE_OUTCOME_H
#define DAXTIER_DAEMON_DEVICE_OUTCOME_H

/* How a plan ended: what is said of it, and what the policy will know of it. */

#include "manager.h"

/* value NULL: with any. */
bool plan_has_step(const struct device_plan *plan, enum step_kind kind, const char *value);

/* run->running is the plan that has ended. */
void device_outcome_note(struct device_run *run, struct device_history *history,
			 const struct worker_result *result);
void device_outcome_not_started(struct device_run *run, struct device_history *history,
				const struct device_plan *plan, const struct worker_result *result);

/* Plan after plan was carried out, and there is always another one. */
void device_outcome_give_up(struct device_run *run);

#endif

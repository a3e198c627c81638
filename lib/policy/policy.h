/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_POLICY_POLICY_H
#define DAXTIER_POLICY_POLICY_H

/*
 * The decision. Pure: reads nothing but its arguments, has no clock, no log and no errno of its
 * own.
 */

#include "model/config.h"
#include "model/facts.h"
#include "model/history.h"
#include "model/plan.h"

/*
 * history may be NULL. now_usec is CLOCK_MONOTONIC, compared with history's retry times only. The
 * plan has one entry for each device of the facts, in their order. 0 or -ENOMEM.
 */
int policy_plan(const struct facts *facts, const struct config *config,
		const struct history *history, uint64_t now_usec, struct plan **ret);

/* The first rule that matches, or NULL. */
const struct rule *policy_match(const struct config *config, const struct dax_device *device);

#endif

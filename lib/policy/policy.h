/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_POLICY_POLICY_H
#define DAXTIER_POLICY_POLICY_H

/*
 * The decision. Pure: reads nothing but its arguments, has no clock, no log and no errno of its
 * own.
 *
 * A plan is made anew from fresh facts after each run and each event, and plans converge: what
 * takes two looks at the host is two plans in a row. A device whose distance is only a forecast
 * that could change the answer is bound with its memory offline, and the next plan, which sees its
 * node's own distance, brings it online or binds it anew. For that to come to rest, history has to
 * count in rebinds each plan that unbound the device from kmem, whatever it bound it to then.
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

/*
 * The first rule that matches, or NULL. One with mode = system-ram matches persistent memory only
 * if its match-kind names pmem, and a device of unknown kind never. NULL also when it cannot be
 * told which rule it is, because the device has facts that could not be read.
 */
const struct rule *policy_match(const struct config *config, const struct dax_device *device);

/*
 * The first rule that matches or would, did the facts that could not be read agree: *ret_needs has
 * their bits (1 << enum device_fact), 0 when it matches. NULL with *ret_needs as it was: no rule
 * can match.
 */
const struct rule *policy_match_or_doubt(const struct config *config,
					 const struct dax_device *device, unsigned *ret_needs);

/*
 * Whether the plan for a device may depend on who holds it: it is bound to device_dax, and a rule
 * makes it system RAM, or may, as far as can be told.
 */
bool policy_wants_holders(const struct config *config, const struct dax_device *device);

/* The first rule that does not match for no other reason than that, or NULL. */
const struct rule *policy_find_sparing(const struct config *config,
				       const struct dax_device *device);

#endif

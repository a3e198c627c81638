/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_POLICY_REGION_H
#define DAXTIER_POLICY_REGION_H

/*
 * Which regions are to be made of memdevs that have none. As pure as all of policy/: the same
 * facts, configuration, history and time give the same proposals with the same words.
 */

#include "model/config.h"
#include "model/facts.h"
#include "model/history.h"
#include "model/plan.h"

/*
 * Fills plan->regions: one entry for each memdev that is in no region and has volatile capacity, or
 * one for all that a region takes together; purpose create-region. State and reason say what is in
 * the way; with steps it is pending. 0 or -ENOMEM.
 */
int regions_plan(const struct facts *facts, const struct config *config,
		 const struct history *history, uint64_t now_usec, struct plan *plan);

/*
 * The earliest time at which the passing of time alone changes regions_plan(): memdevs that are
 * gathered for interleaving. UINT64_MAX: never.
 */
uint64_t regions_next_usec(const struct facts *facts, const struct config *config,
			   const struct history *history, uint64_t now_usec);

/*
 * An operator wants a region of this memdev (NULL: of all that have none), so the time begins anew
 * in which those that go into it together have to come, and what was given up together with it is
 * wanted as well.
 */
void regions_regather(const struct facts *facts, const char *memdev, uint64_t now_usec,
		      struct history *history);

/*
 * What it takes to give up the region that a device of the facts is made from: appends the steps
 * disable-region to free-dpa and fills plan->region. With a region that nobody could put back it
 * appends nothing and says why in *ret_obstacle, owned by the caller; else NULL. 0 or -ENOMEM.
 */
int region_teardown_steps(const struct facts *facts, const struct dax_device *device,
			  struct device_plan *plan, char **ret_obstacle);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CLI_CHANGES_H
#define DAXTIER_CLI_CHANGES_H

/* For which devices two sets of plans differ. */

#include "cli/json.h"

/*
 * [{"Device", "Before", "After": its two plans}] of those that same() does not hold for, in the
 * order of after, then those that only before has. One of the two is null where the other set alone
 * has a plan for the device. NULL on out of memory.
 */
struct json_object *changes_find(struct json_object *before, struct json_object *after,
				 bool (*same)(struct json_object *before,
					      struct json_object *after));

/* Whether two plans decide alike, whatever is done of them already: of two looks at a host at work.
 */
bool changes_same_decision(struct json_object *before, struct json_object *after);

/* Whether they come to the same: of one look, by two policies. */
bool changes_same_outcome(struct json_object *before, struct json_object *after);

#endif

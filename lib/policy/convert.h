/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_POLICY_CONVERT_H
#define DAXTIER_POLICY_CONVERT_H

/*
 * Memory that is online otherwise than its rule says. It is in use, so it is taken offline only
 * where the configuration or an operator allows it, once, and not where the outcome would be worse.
 */

#include "policy/candidate.h"

/* What has to change. */
enum convert_goal {
	CONVERT_ZONE,	/* bound as it is */
	CONVERT_MEMMAP, /* bound anew, in whichever zone */
	CONVERT_DEVDAX, /* out of use as memory */
};

/*
 * Whether it is where daxtierd has brought it, and only figures that the decision rests on have
 * moved since: a forecast, a budget, a distance that a rule matches. Nobody has asked for another
 * conversion then.
 */
bool convert_is_placed(const struct candidate *c, enum convert_goal goal);

/* "left alone, because …" into *ret, owned by the caller; NULL: it is to be converted. 0 or
 * -ENOMEM. */
int convert_obstacle(const struct candidate *c, enum convert_goal goal, char **ret);

/* By whose leave it is converted: "as convert = always says". */
const char *convert_leave(const struct candidate *c);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_OBSERVE_TIER_H
#define DAXTIER_OBSERVE_TIER_H

#include "model/facts.h"
#include "observe/look.h"

/* Puts the memory tier of each node into facts->nodes. 0 or -ENOMEM. */
int tiers_look(struct look *look, struct facts *facts);

#endif

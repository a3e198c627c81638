/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_OBSERVE_ZONEINFO_H
#define DAXTIER_OBSERVE_ZONEINFO_H

#include "model/facts.h"
#include "observe/look.h"

/* Managed bytes of each node of facts, in ZONE_MOVABLE and in the zones of the kernel. 0 or
 * -ENOMEM. */
int zoneinfo_look(struct look *look, struct facts *facts);

#endif

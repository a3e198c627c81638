/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_APPLY_BLOCK_ZONE_H
#define DAXTIER_APPLY_BLOCK_ZONE_H

#include <stdbool.h>
#include <string.h>

#include "model/names.h"

/* Whether a zone is the one that a verify step names: "Movable", "kernel" for those of the kernel,
 * NULL for any. */
static inline bool zone_is(enum zone zone, const char *wanted)
{
	if (!wanted)
		return true;
	if (strcmp(wanted, "kernel") == 0)
		return zone == ZONE_DMA || zone == ZONE_DMA32 || zone == ZONE_NORMAL;
	return strcmp(zone_to_string(zone), wanted) == 0;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_MODEL_MEMMAP_OBSTACLE_H
#define DAXTIER_MODEL_MEMMAP_OBSTACLE_H

/* Why the memmap of a device cannot be on the device, whatever is wanted. */

#include "model/facts.h"

enum memmap_obstacle {
	MEMMAP_POSSIBLE,
	MEMMAP_NO_KNOB,	     /* the device has no attribute memmap_on_memory */
	MEMMAP_NOT_BUILT_IN, /* there is no boot parameter: CONFIG_MHP_MEMMAP_ON_MEMORY is off */
	MEMMAP_NOT_ALIGNED,  /* memmap_fills_pmds() does not hold: no boot parameter would help */
	MEMMAP_SWITCHED_OFF, /* the boot parameter is off */
};

/* The first of them, in the order in which one would have to remove them. */
enum memmap_obstacle memmap_obstacle_of(const struct host *host, const struct dax_device *device);

/* A clause to follow "because"; static. */
const char *memmap_obstacle_words(enum memmap_obstacle obstacle);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_OBSERVE_CXL_H
#define DAXTIER_OBSERVE_CXL_H

#include "model/facts.h"
#include "observe/look.h"

/*
 * What stands behind a dax device of a CXL region: fills region and serials of the device, whose
 * kind and path must be set. *ret_numa_node, to be preset to -1, becomes the node of the first
 * memdev that has one. A region has its memdevs as long as it has a dax device, so what cannot be
 * followed to the end is unknown rather than absent. 0 or -ENOMEM.
 */
int cxl_look(struct look *look, struct dax_device *device, int *ret_numa_node);

/*
 * The path of the region that a device of kind cxl belongs to, "sys/devices/…/region0". Owned by
 * the caller; NULL on out of memory.
 */
char *cxl_region_path(const char *device_path);

#endif

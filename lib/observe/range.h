/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_OBSERVE_RANGE_H
#define DAXTIER_OBSERVE_RANGE_H

#include "model/facts.h"
#include "observe/look.h"

/*
 * Fills ranges, usable and lost of the device, whose path and size must be set. 0 or -ENOMEM.
 * block_size 0: nothing is usable.
 */
int ranges_look(struct look *look, uint64_t block_size, struct dax_device *device);

#endif

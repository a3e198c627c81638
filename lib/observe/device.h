/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_OBSERVE_DEVICE_H
#define DAXTIER_OBSERVE_DEVICE_H

#include "model/facts.h"
#include "observe/look.h"

/*
 * One dax device, all but its distance and its holders; initiator_node becomes the node that it is
 * attached to, with or without CPUs, or -1. facts gives host and nodes. 0, -ENOMEM, or -ENODEV when
 * the device is not there or left meanwhile.
 */
int device_look(struct look *look, const struct facts *facts, const char *name,
		struct dax_device *ret);

#endif

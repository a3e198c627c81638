/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_OBSERVE_PERFORMANCE_H
#define DAXTIER_OBSERVE_PERFORMANCE_H

#include "model/facts.h"
#include "observe/look.h"

/*
 * Latency and bandwidth of the device, from its node, or from its CXL region while the node does
 * not exist. What the platform does not describe stays 0. 0 or -ENOMEM.
 */
int performance_look(struct look *look, struct dax_device *device);

#endif

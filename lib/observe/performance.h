/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_OBSERVE_PERFORMANCE_H
#define DAXTIER_OBSERVE_PERFORMANCE_H

#include "model/facts.h"
#include "observe/look.h"

/* Latency and bandwidth of a node from the CPUs that are nearest to it; as below. */
int performance_look_node(struct look *look, int node, struct access_performance *ret);

/*
 * Latency and bandwidth of the device, from its node, or from its CXL region while the node does
 * not exist. What the platform does not describe stays 0. 0 or -ENOMEM.
 */
int performance_look(struct look *look, struct dax_device *device);

#endif

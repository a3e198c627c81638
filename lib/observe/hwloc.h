/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_OBSERVE_HWLOC_H
#define DAXTIER_OBSERVE_HWLOC_H

#include "observe/matrix.h"

/*
 * hwloc's distances (NUMALatency) of the host below the root path given as userdata; "/" is the
 * running one. To be run by node_matrix_probe() only, as it changes the environment. -ENODATA when
 * hwloc has no such distances, as on a host with one node.
 */
int hwloc_fill(const void *root, struct node_matrix *ret);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_OBSERVE_NUMA_H
#define DAXTIER_OBSERVE_NUMA_H

#include "observe/matrix.h"

/*
 * libnuma's distances between the nodes of the matrix given as userdata, on the running host. To be
 * run by node_matrix_probe() only. -ENOSYS: the kernel has no NUMA; -ENOENT: there is no libnuma.
 *
 * Its answers need checking against the kernel's own: 2.0.16 shifts rows where node numbers are
 * sparse.
 */
int numa_fill(const void *nodes, struct node_matrix *ret);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_OBSERVE_NODE_GAUGE_H
#define DAXTIER_OBSERVE_NODE_GAUGE_H

/*
 * How full a node is, and how quick. No part of the facts: it decides nothing, and how full it is
 * changes all the time.
 */

#include "model/facts.h"
#include "sysfs/sysfs.h"

struct node_gauge {
	int node;
	uint64_t total, used; /* bytes; without the cache, and total 0 where nothing is known */
	uint64_t cache;	      /* that goes away when the memory is wanted */
	/* From the nearest CPUs, which of a node with CPUs are its own. */
	struct access_performance performance;
};

/* Of all nodes that are online, by number; *ret is the caller's. What cannot be read stays 0. 0 or
 * -ENOMEM. */
int node_gauges_read(struct sysfs *sysfs, struct node_gauge **ret, size_t *ret_n);

#endif

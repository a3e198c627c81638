/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/node-gauge.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "observe/node.h"
#include "observe/performance.h"

static int gauge_make(struct look *look, const struct numa_node *node, struct node_gauge *ret)
{
	/* The counters are read one by one, so that they need not add up. */
	uint64_t unused = node->free + node->reclaimable;
	struct node_gauge gauge = {
		.node = node->id,
		.total = node->total,
		.used = unused < node->total ? node->total - unused : 0,
		.cache = node->reclaimable,
	};
	int r;

	r = performance_look_node(look, node->id, &gauge.performance);
	if (r < 0)
		return r;
	*ret = gauge;
	return 0;
}

/* facts are a place for the nodes and for problems, of which nobody hears. */
static int gauges_make(struct look *look, struct facts *facts, struct node_gauge **ret)
{
	_cleanup_free_ struct node_gauge *gauges = NULL;
	_cleanup_free_ char *generation = NULL;
	bool complete;
	int r;

	r = nodes_look(look, facts, &generation, &complete);
	if (r < 0)
		return r;
	gauges = calloc(facts->n_nodes + 1, sizeof(*gauges));
	if (!gauges)
		return -ENOMEM;
	for (size_t i = 0; i < facts->n_nodes; i++) {
		r = gauge_make(look, &facts->nodes[i], &gauges[i]);
		if (r < 0)
			return r;
	}
	*ret = TAKE_PTR(gauges);
	return 0;
}

int node_gauges_read(struct sysfs *sysfs, struct node_gauge **ret, size_t *ret_n)
{
	struct facts *facts = calloc(1, sizeof(*facts));
	struct look look = {.sysfs = sysfs};
	size_t n;
	int r;

	if (!facts)
		return -ENOMEM;
	look.problems = &facts->problems;
	r = gauges_make(&look, facts, ret);
	n = facts->n_nodes;
	facts_free(facts);
	if (r < 0)
		return r;
	*ret_n = n;
	return 0;
}

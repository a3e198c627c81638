/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_OBSERVE_DISTANCE_TABLE_H
#define DAXTIER_OBSERVE_DISTANCE_TABLE_H

/* Distances between nodes that exist, each from the best source that has it. */

#include "model/facts.h"
#include "observe/look.h"
#include "observe/matrix.h"

struct distance_table {
	char *generation; /* of the nodes, when this was filled; NULL: never */
	struct node_matrix hwloc;
	struct node_matrix libnuma;
	struct node_matrix kernel; /* nodeN/distance, rows of nodes with CPUs only */
	struct strv problems;
	bool incomplete; /* a row of the kernel's could not be read: worth another try */
};

/*
 * Asks all sources again if the generation (see nodes_look()) is another one, or if the last answer
 * was not whole: a row could not be read, or hwloc left out a node that has memory. 0 or -ENOMEM.
 */
int distance_table_refresh(struct distance_table *table, struct look *look,
			   const struct facts *facts, const char *generation);
void distance_table_done(struct distance_table *table);

/* From a node with CPUs to any. DISTANCE_UNKNOWN when no source lists both. */
struct node_distance distance_table_get(const struct distance_table *table, int from, int to);

#endif

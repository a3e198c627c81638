/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_OBSERVE_MATRIX_H
#define DAXTIER_OBSERVE_MATRIX_H

/* Distances between NUMA nodes as one source gives them. Node numbers may be sparse. */

#include <stdbool.h>
#include <stddef.h>

struct node_matrix {
	size_t n;
	int *ids;	  /* of the nodes, ascending */
	unsigned *values; /* [from * n + to], both positions in ids; 0: unknown */
};

/* A matrix of n nodes, all zero. 0 or -ENOMEM. */
int node_matrix_init(struct node_matrix *matrix, size_t n);
void node_matrix_done(struct node_matrix *matrix);

bool node_matrix_has(const struct node_matrix *matrix, int id);
/* 0 when either node is not listed. */
unsigned node_matrix_get(const struct node_matrix *matrix, int from, int to);

/*
 * Fills a matrix in a child process, for libraries that keep what they once read for the life of
 * the process or that change with its environment. fill returns 0 or a negative errno, which
 * becomes that of node_matrix_probe(); it may do what it likes to its own process. Besides that:
 * -ETIMEDOUT when it takes longer than it may (it is killed), -EPROTO when it dies or its answer
 * is cut short, and what pipe2(2) and fork(2) return.
 */
typedef int (*node_matrix_fill)(const void *userdata, struct node_matrix *ret);
int node_matrix_probe(node_matrix_fill fill, const void *userdata, int timeout_msec,
		      struct node_matrix *ret);

#endif

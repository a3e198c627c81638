/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/matrix.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

int node_matrix_init(struct node_matrix *matrix, size_t n)
{
	struct node_matrix m = {.n = n};

	/* n * n cannot wrap below this, and no kernel has as many nodes (MAX_NUMNODES is 1024). */
	if (n > UINT16_MAX)
		return -ENOMEM;
	m.ids = calloc(n ? n : 1, sizeof(*m.ids));
	m.values = calloc(n ? n * n : 1, sizeof(*m.values));
	if (!m.ids || !m.values) {
		node_matrix_done(&m);
		return -ENOMEM;
	}
	*matrix = m;
	return 0;
}

void node_matrix_done(struct node_matrix *matrix)
{
	free(matrix->ids);
	free(matrix->values);
	*matrix = (struct node_matrix){};
}

static bool find(const struct node_matrix *matrix, int id, size_t *ret)
{
	for (size_t i = 0; i < matrix->n; i++) {
		if (matrix->ids[i] != id)
			continue;
		*ret = i;
		return true;
	}
	return false;
}

bool node_matrix_has(const struct node_matrix *matrix, int id)
{
	size_t at;

	return find(matrix, id, &at);
}

unsigned node_matrix_get(const struct node_matrix *matrix, int from, int to)
{
	size_t i, j;

	if (!find(matrix, from, &i) || !find(matrix, to, &j))
		return 0;
	return matrix->values[i * matrix->n + j];
}

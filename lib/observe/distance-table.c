/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/distance-table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/errno-util.h"
#include "observe/hwloc.h"
#include "observe/numa.h"

/* For reading a few files of sysfs, ample; the daemon's loop waits for it. */
#define PROBE_TIMEOUT_MSEC 5000

void distance_table_done(struct distance_table *table)
{
	free(table->generation);
	node_matrix_done(&table->hwloc);
	node_matrix_done(&table->libnuma);
	node_matrix_done(&table->kernel);
	strv_done(&table->problems);
	*table = (struct distance_table){};
}

/*
 * The row of a node has one value for each node that is online, in ascending order of their
 * numbers, which may have gaps (node_read_distance() in drivers/base/node.c). A row of another
 * length was written while nodes came or left: nothing in it can be told apart.
 */
static void parse_row(const char *text, unsigned *row, size_t n)
{
	size_t found = 0;
	char *end;

	for (;; text = end) {
		unsigned long value = strtoul(text, &end, 10);

		if (end == text)
			break;
		if (found < n)
			row[found] = (unsigned)value;
		found++;
	}
	if (found != n || end[strspn(end, " \n")] != '\0')
		memset(row, 0, n * sizeof(*row));
}

static int fill_kernel(struct distance_table *table, struct look *look, const struct facts *facts)
{
	struct node_matrix *matrix = &table->kernel;
	int r;

	r = node_matrix_init(matrix, facts->n_nodes);
	if (r < 0)
		return r;
	for (size_t i = 0; i < matrix->n; i++)
		matrix->ids[i] = facts->nodes[i].id;
	for (size_t i = 0; i < matrix->n; i++) {
		_cleanup_free_ char *text = NULL;

		if (!facts->nodes[i].has_cpu)
			continue;
		r = look_string(look, &text, "sys/devices/system/node/node%d/distance",
				matrix->ids[i]);
		if (r < 0)
			return r;
		if (text)
			parse_row(text, matrix->values + i * matrix->n, matrix->n);
	}
	return 0;
}

/* Without one library the next source answers; an expected absence is not worth a line. */
static int library_failed(struct look *look, int error, const char *library)
{
	return look_problem(look,
			    "%s did not tell the distances between nodes (%s); the kernel's "
			    "own table is used instead",
			    library, errno_name(error));
}

static int fill_hwloc(struct distance_table *table, struct look *look)
{
	int r;

	r = node_matrix_probe(hwloc_fill, look->sysfs->root, PROBE_TIMEOUT_MSEC, &table->hwloc);
	if (r < 0 && r != -ENODATA) /* one node: no distances */
		return library_failed(look, r, "hwloc");
	return 0;
}

static bool hwloc_has_all(const struct distance_table *table)
{
	for (size_t i = 0; i < table->kernel.n; i++)
		if (!node_matrix_has(&table->hwloc, table->kernel.ids[i]))
			return false;
	return true;
}

/* libnuma knows the running host only. */
static int fill_libnuma(struct distance_table *table, struct look *look)
{
	int r;

	if (!sysfs_is_live(look->sysfs) || hwloc_has_all(table))
		return 0;
	r = node_matrix_probe(numa_fill, &table->kernel, PROBE_TIMEOUT_MSEC, &table->libnuma);
	if (r < 0 && r != -ENOENT && r != -ENOSYS)
		return library_failed(look, r, "libnuma");
	return 0;
}

static int fill(struct distance_table *table, struct look *look, const struct facts *facts,
		const char *generation)
{
	int r;

	table->generation = strdup(generation);
	if (!table->generation)
		return -ENOMEM;
	r = fill_kernel(table, look, facts);
	if (r == 0)
		r = fill_hwloc(table, look);
	return r == 0 ? fill_libnuma(table, look) : r;
}

/*
 * hwloc leaves out what the process may not use, and the kernel lets a cpuset have a new node only
 * a moment after its memory is online: an answer from in between is not kept.
 */
static bool hwloc_is_behind(const struct distance_table *table, const struct facts *facts)
{
	for (size_t i = 0; table->hwloc.n > 0 && i < facts->n_nodes; i++)
		if (facts->nodes[i].total > 0 &&
		    !node_matrix_has(&table->hwloc, facts->nodes[i].id))
			return true;
	return false;
}

static bool is_fresh(const struct distance_table *table, const struct facts *facts,
		     const char *generation)
{
	return table->generation && !table->incomplete &&
	       strcmp(table->generation, generation) == 0 && !hwloc_is_behind(table, facts);
}

int distance_table_refresh(struct distance_table *table, struct look *look,
			   const struct facts *facts, const char *generation)
{
	int r = 0;

	if (!is_fresh(table, facts, generation)) {
		_cleanup_(distance_table_done) struct distance_table fresh = {};
		struct look own = {.sysfs = look->sysfs, .problems = &fresh.problems};

		r = fill(&fresh, &own, facts, generation);
		if (r < 0)
			return r;
		fresh.incomplete = own.failures > 0;
		distance_table_done(table);
		*table = fresh;
		fresh = (struct distance_table){};
	}
	for (size_t i = 0; r == 0 && i < table->problems.n; i++)
		r = look_problem(look, "%s", table->problems.items[i]);
	return r;
}

/*
 * libnuma counts only where the kernel's row says the same: it shifts rows where node numbers have
 * gaps, and says 0 for what it does not know.
 */
struct node_distance distance_table_get(const struct distance_table *table, int from, int to)
{
	unsigned value, kernel;

	value = node_matrix_get(&table->hwloc, from, to);
	if (value > 0)
		return (struct node_distance){value, DISTANCE_HWLOC};
	kernel = node_matrix_get(&table->kernel, from, to);
	if (kernel == 0)
		return (struct node_distance){0, DISTANCE_UNKNOWN};
	value = node_matrix_get(&table->libnuma, from, to);
	return (struct node_distance){
		kernel,
		value == kernel ? DISTANCE_LIBNUMA : DISTANCE_KERNEL,
	};
}

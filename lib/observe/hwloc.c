/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/hwloc.h"

#include <errno.h>
#include <hwloc.h>
#include <hwloc/distances.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/*
 * hwloc takes the root of a captured host from the environment and nowhere else. Whatever the
 * administrator's environment says besides (another root, a synthetic or stored topology) must not
 * become a fact. Naming the components to use does not keep hwloc from loading those that it does
 * not use: it opens every plugin (of CUDA, OpenCL, X) in its folder before it looks at the list, so
 * that has to be a path that can never be a folder.
 */
static int set_environment(const char *root)
{
	static const char *const ignored[] = {
		"HWLOC_FSROOT", "HWLOC_XMLFILE",    "HWLOC_SYNTHETIC",		"HWLOC_CPUID_PATH",
		"HWLOC_ALLOW",	"HWLOC_THISSYSTEM", "HWLOC_USE_NUMA_DISTANCES",
	};

	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		unsetenv(ignored[i]);
	if (setenv("HWLOC_COMPONENTS", "linux,stop", 1) < 0 ||
	    setenv("HWLOC_PLUGINS_PATH", "/dev/null", 1) < 0 ||
	    setenv("HWLOC_HIDE_ERRORS", "2", 1) < 0)
		return -errno;
	if (strcmp(root, "/") != 0 && setenv("HWLOC_FSROOT", root, 1) < 0)
		return -errno;
	return 0;
}

static int load(hwloc_topology_t *ret)
{
	hwloc_topology_t topology = NULL;
	int r;

	if (hwloc_topology_init(&topology) < 0)
		return -errno;
	/* NUMA nodes cannot be filtered out, everything else is of no interest. */
	if (hwloc_topology_set_all_types_filter(topology, HWLOC_TYPE_FILTER_KEEP_NONE) < 0 ||
	    hwloc_topology_load(topology) < 0) {
		r = errno > 0 ? -errno : -EIO;
		hwloc_topology_destroy(topology);
		return r;
	}
	*ret = topology;
	return 0;
}

struct entry {
	int id;
	unsigned at; /* in hwloc's order, which is not that of the numbers */
};

static int compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static unsigned clamp(hwloc_uint64_t value)
{
	return value > UINT_MAX ? UINT_MAX : (unsigned)value;
}

static int convert(const struct hwloc_distances_s *distances, struct node_matrix *ret)
{
	_cleanup_free_ struct entry *entries = NULL;
	size_t n = 0;
	int r;

	entries = calloc(distances->nbobjs, sizeof(*entries));
	if (!entries)
		return -ENOMEM;
	for (unsigned i = 0; i < distances->nbobjs; i++)
		if (distances->objs[i])
			entries[n++] = (struct entry){(int)distances->objs[i]->os_index, i};
	qsort(entries, n, sizeof(*entries), compare_entries);
	r = node_matrix_init(ret, n);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		ret->ids[i] = entries[i].id;
		for (size_t j = 0; j < n; j++)
			ret->values[i * n + j] =
				clamp(distances->values[(size_t)entries[i].at * distances->nbobjs +
							entries[j].at]);
	}
	return 0;
}

int hwloc_fill(const void *root, struct node_matrix *ret)
{
	struct hwloc_distances_s *distances = NULL;
	hwloc_topology_t topology = NULL;
	unsigned n = 1;
	int r;

	r = set_environment(root);
	if (r < 0)
		return r;
	r = load(&topology);
	if (r < 0)
		return r;
	if (hwloc_distances_get_by_name(topology, "NUMALatency", &n, &distances, 0) < 0)
		r = -errno;
	else if (n == 0)
		r = -ENODATA;
	else
		r = convert(distances, ret);
	if (n > 0 && distances)
		hwloc_distances_release(topology, distances);
	hwloc_topology_destroy(topology);
	return r;
}

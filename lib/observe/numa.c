/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/numa.h"

#include <dlfcn.h>
#include <errno.h>
#include <numa.h>
#include <string.h>

/*
 * libnuma counts the nodes in its constructor and reads the table of distances once, so a process
 * that was started with it never learns of a node that memory hotplug brings, and numa_distance()
 * reads beyond its table when asked for one. Loading it here, in a child of its own, runs the
 * constructor now.
 */
struct libnuma {
	__typeof__(numa_available) *available;
	__typeof__(numa_max_node) *max_node;
	__typeof__(numa_distance) *distance;
};

static int load(struct libnuma *ret)
{
	void *handle;

	handle = dlopen("libnuma.so.1", RTLD_NOW | RTLD_LOCAL);
	if (!handle)
		return -ENOENT;
	*ret = (struct libnuma){
		.available = dlsym(handle, "numa_available"),
		.max_node = dlsym(handle, "numa_max_node"),
		.distance = dlsym(handle, "numa_distance"),
	};
	if (!ret->available || !ret->max_node || !ret->distance)
		return -ENOENT;
	return ret->available() < 0 ? -ENOSYS : 0;
}

int numa_fill(const void *nodes, struct node_matrix *ret)
{
	const struct node_matrix *like = nodes;
	struct libnuma numa;
	int max, r;

	r = load(&numa);
	if (r < 0)
		return r;
	max = numa.max_node();
	r = node_matrix_init(ret, like->n);
	if (r < 0)
		return r;
	memcpy(ret->ids, like->ids, like->n * sizeof(*like->ids));
	for (size_t i = 0; i < ret->n; i++) {
		for (size_t j = 0; j < ret->n; j++) {
			int value = 0;

			if (ret->ids[i] <= max && ret->ids[j] <= max)
				value = numa.distance(ret->ids[i], ret->ids[j]);
			ret->values[i * ret->n + j] = value > 0 ? (unsigned)value : 0;
		}
	}
	return 0;
}

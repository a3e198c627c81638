/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/memory.h"

#include <errno.h>
#include <string.h>

#include "cli/json.h"
#include "observe/node-gauge.h"

static bool is_same_kernel(struct sysfs *sysfs, struct json_object *host)
{
	_cleanup_free_ char *release = NULL;

	return sysfs_read_string(sysfs, &release, "proc/sys/kernel/osrelease") >= 0 &&
	       strcmp(release, get_text(host, "KernelRelease")) == 0;
}

/* What the kernel gives out of a node varies by a few pages; that of another host by more. */
static bool is_about(const struct node_gauge *gauge, struct json_object *nodes)
{
	for (size_t i = 0; i < json_length(nodes); i++) {
		struct json_object *node = json_object_array_get_idx(nodes, i);
		uint64_t total = get_u64(node, "Total"), tolerance = total / 8;

		if (get_int(node, "Node") == gauge->node)
			return gauge->total >= total - tolerance &&
			       gauge->total <= total + tolerance;
	}
	return false;
}

static struct json_object *gauge_to_json(const struct node_gauge *gauge)
{
	_cleanup_json_ struct json_object *object = json_object_new_object();
	const struct access_performance *performance = &gauge->performance;

	if (!object || json_put(object, "Node", json_object_new_int(gauge->node)) < 0 ||
	    json_put(object, "Total", json_object_new_uint64(gauge->total)) < 0 ||
	    json_put(object, "Used", json_object_new_uint64(gauge->used)) < 0 ||
	    json_put(object, "Cache", json_object_new_uint64(gauge->cache)) < 0 ||
	    json_put(object, "ReadLatency", json_object_new_int64(performance->read_latency)) < 0 ||
	    json_put(object, "WriteLatency", json_object_new_int64(performance->write_latency)) <
		    0 ||
	    json_put(object, "ReadBandwidth", json_object_new_int64(performance->read_bandwidth)) <
		    0 ||
	    json_put(object, "WriteBandwidth",
		     json_object_new_int64(performance->write_bandwidth)) < 0)
		return NULL;
	return TAKE_PTR(object);
}

static int add_gauges(struct sysfs *sysfs, struct json_object *nodes, struct json_object *memory)
{
	_cleanup_free_ struct node_gauge *gauges = NULL;
	size_t n;
	int r;

	r = node_gauges_read(sysfs, &gauges, &n);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		struct json_object *gauge;

		if (gauges[i].total == 0 || !is_about(&gauges[i], nodes))
			continue;
		gauge = gauge_to_json(&gauges[i]);
		if (!gauge || json_object_array_add(memory, gauge) < 0) {
			json_object_put(gauge);
			return -ENOMEM;
		}
	}
	return 0;
}

int memory_add(struct json_object *document, const char *root)
{
	_cleanup_(sysfs_close) struct sysfs sysfs = {.root_fd = -EBADF};
	struct json_object *memory = json_object_new_array(), *host;

	if (json_put(document, "Memory", memory) < 0)
		return -ENOMEM;
	if (!json_object_object_get_ex(document, "Host", &host) ||
	    sysfs_open(&sysfs, root, NULL, NULL) < 0 || !is_same_kernel(&sysfs, host))
		return 0;
	return add_gauges(&sysfs, get_array(host, "Nodes"), memory);
}

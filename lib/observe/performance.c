/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/performance.h"

#include <errno.h>
#include <limits.h>

#include "base/cleanup.h"
#include "observe/cxl.h"

static int field_look(struct look *look, const char *directory, const char *name, unsigned *ret)
{
	uint64_t value = 0;
	int r;

	r = look_u64(look, &value, "%s/%s", directory, name);
	if (r < 0)
		return r;
	*ret = value > UINT_MAX ? 0 : (unsigned)value;
	return 0;
}

/* The files have the same names wherever the kernel offers an access class. */
static int access_look(struct look *look, const char *directory, struct access_performance *ret)
{
	int r;

	r = field_look(look, directory, "read_latency", &ret->read_latency);
	if (r == 0)
		r = field_look(look, directory, "write_latency", &ret->write_latency);
	if (r == 0)
		r = field_look(look, directory, "read_bandwidth", &ret->read_bandwidth);
	if (r == 0)
		r = field_look(look, directory, "write_bandwidth", &ret->write_bandwidth);
	return r;
}

static bool is_known(const struct access_performance *p)
{
	return p->read_latency || p->write_latency || p->read_bandwidth || p->write_bandwidth;
}

/* Access class 0 is that of the best initiator (Documentation/admin-guide/mm/numaperf.rst). */
int performance_look_node(struct look *look, int node, struct access_performance *ret)
{
	char directory[64];

	snprintf(directory, sizeof(directory), "sys/devices/system/node/node%d/access0/initiators",
		 node);
	return access_look(look, directory, ret);
}

int performance_look(struct look *look, struct dax_device *device)
{
	_cleanup_free_ char *region = NULL, *directory = NULL;
	int r;

	if (device->target_node >= 0) {
		r = performance_look_node(look, device->target_node, &device->performance);
		if (r < 0 || is_known(&device->performance))
			return r;
	}
	if (device->kind != DAX_KIND_CXL)
		return 0;
	region = cxl_region_path(device->path);
	if (!region)
		return -ENOMEM;
	if (asprintf(&directory, "%s/access0", region) < 0) {
		directory = NULL;
		return -ENOMEM;
	}
	return access_look(look, directory, &device->performance);
}

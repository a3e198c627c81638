/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "apply/device.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define DEVICE_DIR "sys/bus/dax/devices"

static int changed(struct run *run, const char *what)
{
	run_at(run, DEVICE_DIR "/%s", run->plan->device);
	return run_fail(run, -EAGAIN,
			"the %s of %s is not what the plan was made for; it is planned anew", what,
			run->plan->device);
}

static int compare_range(const void *a, const void *b)
{
	const struct phys_range *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

static int read_range(struct run *run, const char *name, struct phys_range *ret)
{
	struct phys_range range;
	int r;

	run_at(run, DEVICE_DIR "/%s/%s/start", run->plan->device, name);
	r = sysfs_read_hex(run->sysfs, &range.start, "%s", run->path);
	if (r < 0)
		return trouble_read(&run->trouble, r, run->path);
	run_at(run, DEVICE_DIR "/%s/%s/end", run->plan->device, name);
	r = sysfs_read_hex(run->sysfs, &range.end, "%s", run->path);
	if (r < 0)
		return trouble_read(&run->trouble, r, run->path);
	*ret = range;
	return 0;
}

static bool is_mapping(const char *name)
{
	return strncmp(name, "mapping", 7) == 0 && name[7] &&
	       name[7 + strspn(name + 7, "0123456789")] == '\0';
}

/* Every mappingN of the device is one of the plan's ranges, and there are as many. */
static int check_ranges(struct run *run, const struct phys_range *planned, size_t n_planned)
{
	_cleanup_(strv_done) struct strv names = {};
	size_t n = 0;
	int r;

	run_at(run, DEVICE_DIR "/%s", run->plan->device);
	r = sysfs_list(run->sysfs, &names, "%s", run->path);
	if (r < 0)
		return trouble_read(&run->trouble, r, run->path);
	for (size_t i = 0; i < names.n; i++) {
		const struct phys_range *match;
		struct phys_range range = {};

		if (!is_mapping(names.items[i]))
			continue;
		r = read_range(run, names.items[i], &range);
		if (r < 0)
			return r;
		match = n_planned
				? bsearch(&range, planned, n_planned, sizeof(range), compare_range)
				: NULL;
		if (!match || match->end != range.end)
			return changed(run, "place");
		n++;
	}
	return n == n_planned ? 0 : changed(run, "place");
}

static int check_place(struct run *run)
{
	const struct device_plan *plan = run->plan;
	_cleanup_free_ struct phys_range *sorted = NULL;

	if (plan->n_ranges == 0)
		return check_ranges(run, NULL, 0);
	sorted = calloc(plan->n_ranges, sizeof(*sorted));
	if (!sorted)
		return -ENOMEM;
	memcpy(sorted, plan->ranges, plan->n_ranges * sizeof(*sorted));
	qsort(sorted, plan->n_ranges, sizeof(*sorted), compare_range);
	return check_ranges(run, sorted, plan->n_ranges);
}

int device_check(struct run *run)
{
	const struct device_plan *plan = run->plan;
	uint64_t size;
	int r, node;

	run_at(run, DEVICE_DIR "/%s/size", plan->device);
	r = sysfs_read_u64(run->sysfs, &size, "%s", run->path);
	if (r == -ENOENT || r == -ENODEV)
		return run_gone(run);
	if (r < 0)
		return trouble_read(&run->trouble, r, run->path);
	if (size != plan->size)
		return changed(run, "size");

	/* Hidden where there is none. */
	run_at(run, DEVICE_DIR "/%s/target_node", plan->device);
	r = sysfs_read_int(run->sysfs, &node, "%s", run->path);
	if (r == -ENOENT)
		node = -1;
	else if (r < 0)
		return trouble_read(&run->trouble, r, run->path);
	if (node != plan->target_node && (node >= 0 || plan->target_node >= 0))
		return changed(run, "target node");
	return check_place(run);
}

int device_check_undo(struct run *run)
{
	int r = device_check(run);

	/* Another one under its name: ours is gone. */
	return r == -EAGAIN ? -ENODEV : r;
}

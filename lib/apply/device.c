/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "apply/device.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "apply/name.h"
#include "base/cleanup.h"

#define DEVICE_DIR "sys/bus/dax/devices"

/* A region that is enabled has its dax device made by a module, a moment later. */
#define AWAIT_TRIES	 20
#define AWAIT_PAUSE_NSEC 100000000L

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

/* Whether it is that of the plan; then the run is about this name from now on. */
static int check_as(struct run *run, const char *name)
{
	const struct device_plan *plan = run->plan;
	_cleanup_free_ char *copy = strdup(name);
	struct device_plan other = *plan;
	int r;

	if (!copy)
		return -ENOMEM;
	other.device = copy;
	run->plan = &other;
	r = device_check(run);
	run->plan = plan;
	trouble_done(&run->trouble);
	if (r < 0)
		return r;
	run->followed = other;
	run->plan = &run->followed;
	free(run->name);
	run->name = TAKE_PTR(copy);
	return 0;
}

int device_find(struct run *run)
{
	_cleanup_(strv_done) struct strv names = {};
	int r;

	r = device_check_undo(run);
	if (r != -ENODEV || run->plan->n_ranges == 0)
		return r;
	run_at(run, DEVICE_DIR);
	r = sysfs_list(run->sysfs, &names, "%s", run->path);
	if (r < 0 && r != -ENOENT)
		return trouble_read(&run->trouble, r, run->path);
	for (size_t i = 0; i < names.n; i++) {
		r = is_device_name(names.items[i]) ? check_as(run, names.items[i]) : -ENODEV;
		if (r == 0 || r == -ENOMEM)
			return r;
	}
	return run_gone(run);
}

int device_await(struct run *run)
{
	static const struct timespec pause = {.tv_nsec = AWAIT_PAUSE_NSEC};
	int r = -ENODEV;

	for (int i = 0; r == -ENODEV && i < AWAIT_TRIES; i++) {
		if (i > 0)
			nanosleep(&pause, NULL);
		r = device_find(run);
	}
	return r;
}

int device_check_undo(struct run *run)
{
	int r = device_check(run);

	/* Another one under its name: ours is gone. */
	return r == -EAGAIN ? -ENODEV : r;
}

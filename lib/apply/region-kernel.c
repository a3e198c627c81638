/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "apply/region-kernel.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apply/region-write.h"
#include "base/cleanup.h"

#define DRIVER "sys/bus/cxl/drivers/cxl_region"

int region_exists(struct run *run, const char *region)
{
	int r;

	run_at(run, CXL_DEVICES "/%s", region);
	r = sysfs_exists(run->sysfs, "%s", run->path);
	return r < 0 ? trouble_read(&run->trouble, r, run->path) : r;
}

static bool is_target_of(const struct region_plan *plan, const char *decoder)
{
	for (size_t i = 0; i < plan->n_targets; i++)
		if (strcmp(plan->targets[i].decoder, decoder) == 0)
			return true;
	return false;
}

/* Empty places are those that a killed process did not come to. */
static int targets_are_of(struct run *run, const char *region, const struct region_plan *plan)
{
	for (unsigned i = 0; i < 16; i++) {
		_cleanup_free_ char *target = NULL;
		int r;

		run_at(run, CXL_DEVICES "/%s/target%u", region, i);
		r = sysfs_read_string(run->sysfs, &target, "%s", run->path);
		if (r == -ENOENT)
			break;
		if (r < 0)
			return trouble_read(&run->trouble, r, run->path);
		if (target[0] && !is_target_of(plan, target))
			return 0;
	}
	return 1;
}

int region_is_of(struct run *run, const char *region, const struct region_plan *plan)
{
	_cleanup_free_ char *path = NULL;
	char *slash, *window;
	int r;

	run_at(run, CXL_DEVICES "/%s", region);
	r = sysfs_resolve(run->sysfs, &path, "%s", run->path);
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return trouble_read(&run->trouble, r, run->path);
	slash = strrchr(path, '/');
	if (!slash)
		return 0;
	*slash = '\0';
	window = strrchr(path, '/');
	if (!window || strcmp(window + 1, plan->window) != 0)
		return 0;
	return targets_are_of(run, region, plan);
}

int region_is_enabled(struct run *run, const char *region)
{
	int r;

	run_at(run, CXL_DEVICES "/%s/driver", region);
	r = sysfs_exists(run->sysfs, "%s", run->path);
	return r < 0 ? trouble_read(&run->trouble, r, run->path) : r;
}

int region_is_committed(struct run *run, const char *region)
{
	uint64_t committed = 0;
	int r;

	run_at(run, CXL_DEVICES "/%s/commit", region);
	r = region_read_u64(run, &committed);
	return r < 0 ? r : committed != 0;
}

static int put_number(struct run *run, const char *region, const char *attribute,
		      enum region_write what, uint64_t number)
{
	int r;

	run_at(run, CXL_DEVICES "/%s/%s", region, attribute);
	r = region_put_u64(run, what, number);
	return r < 0 ? r : region_check_u64(run, number);
}

static int put_target(struct run *run, const char *region, size_t position, const char *decoder)
{
	_cleanup_free_ char *now = NULL;
	int r;

	run_at(run, CXL_DEVICES "/%s/target%zu", region, position);
	r = region_put(run, REGION_WRITE_TARGET, decoder);
	if (r < 0)
		return r;
	r = sysfs_read_string(run->sysfs, &now, "%s", run->path);
	if (r < 0)
		return trouble_read(&run->trouble, r, run->path);
	if (strcmp(now, decoder) == 0)
		return 0;
	return run_fail(run, -EIO,
			"/%s took %s without an error but reads \"%s\"; somebody else writes to it "
			"as well",
			run->path, decoder, now);
}

int region_fill(struct run *run, const char *region, const struct region_plan *plan)
{
	uint64_t size = 0;
	int r;

	for (size_t i = 0; i < plan->n_targets; i++)
		size += plan->targets[i].size;
	r = put_number(run, region, "interleave_granularity", REGION_WRITE_INTERLEAVE,
		       plan->granularity);
	if (r == 0)
		r = put_number(run, region, "interleave_ways", REGION_WRITE_INTERLEAVE, plan->ways);
	if (r == 0)
		r = put_number(run, region, "size", REGION_WRITE_SIZE, size);
	for (size_t i = 0; r == 0 && i < plan->n_targets; i++)
		r = put_target(run, region, i, plan->targets[i].decoder);
	return r;
}

int region_commit(struct run *run, const char *region)
{
	int r;

	r = region_is_committed(run, region);
	if (r != 0)
		return r < 0 ? r : RUN_SKIPPED;
	r = region_put(run, REGION_WRITE_COMMIT, "1");
	return r < 0 ? r : region_check_u64(run, 1);
}

int region_enable(struct run *run, const char *region)
{
	int r;

	r = region_is_enabled(run, region);
	if (r != 0)
		return r < 0 ? r : RUN_SKIPPED;
	run_at(run, DRIVER "/bind");
	r = region_put(run, REGION_WRITE_ENABLE, region);
	if (r < 0)
		return r;
	r = region_is_enabled(run, region);
	run_at(run, DRIVER "/bind");
	if (r == 0)
		return run_fail(run, -EIO,
				"/%s took %s without an error, but it has no driver; the kernel's "
				"log may say why",
				run->path, region);
	return r < 0 ? r : RUN_DONE;
}

/* The driver of one dax device below the region, if it is one. */
static int check_idle_device(struct run *run, const char *region, const char *name)
{
	_cleanup_free_ char *driver = NULL;
	int r;

	if (strncmp(name, "dax", 3) != 0 || !strchr(name, '.'))
		return 0;
	r = sysfs_link_name(run->sysfs, &driver, "%s/%s/driver", run->path, name);
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return trouble_read(&run->trouble, r, run->path);
	return run_fail(run, -EBUSY,
			"%s is not given up while %s of it is bound to %s: its memory would be "
			"pulled away",
			region, name, driver);
}

static int check_idle(struct run *run, const char *region)
{
	_cleanup_(strv_done) struct strv names = {};
	int r;

	run_at(run, CXL_DEVICES "/%s/dax_%s", region, region);
	r = sysfs_list(run->sysfs, &names, "%s", run->path);
	if (r == -ENOENT)
		return 0; /* none has come of it */
	if (r < 0)
		return trouble_read(&run->trouble, r, run->path);
	for (size_t i = 0; r == 0 && i < names.n; i++)
		r = check_idle_device(run, region, names.items[i]);
	return r;
}

int region_disable(struct run *run, const char *region)
{
	int r;

	r = region_is_enabled(run, region);
	if (r <= 0)
		return r < 0 ? r : RUN_SKIPPED;
	r = check_idle(run, region);
	if (r == 0)
		r = region_check_memory(run, region);
	if (r < 0)
		return r;
	run_at(run, DRIVER "/unbind");
	r = region_put(run, REGION_WRITE_DISABLE, region);
	if (r < 0)
		return r;
	r = region_is_enabled(run, region);
	run_at(run, DRIVER "/unbind");
	if (r > 0)
		return run_fail(run, -EIO,
				"/%s took %s without an error, but it has its driver still",
				run->path, region);
	return r;
}

/* The kernel would take the driver off, and its dax device with it, on its own; and the decoders
 * under whatever is there. */
static int check_unused(struct run *run, const char *region)
{
	int r = region_is_enabled(run, region);

	if (r > 0)
		return run_fail(run, -EBUSY, "%s is enabled again; somebody else has done that",
				region);
	return r < 0 ? r : region_check_memory(run, region);
}

int region_decommit(struct run *run, const char *region)
{
	int r;

	r = region_is_committed(run, region);
	if (r <= 0)
		return r < 0 ? r : RUN_SKIPPED;
	r = check_unused(run, region);
	if (r < 0)
		return r;
	run_at(run, CXL_DEVICES "/%s/commit", region);
	r = region_put(run, REGION_WRITE_DECOMMIT, "0");
	return r < 0 ? r : region_check_u64(run, 0);
}

int region_delete(struct run *run, const char *region, const char *window)
{
	int r;

	r = region_exists(run, region);
	if (r <= 0)
		return r < 0 ? r : RUN_SKIPPED;
	r = check_unused(run, region);
	if (r < 0)
		return r;
	run_at(run, CXL_DEVICES "/%s/delete_region", window);
	r = region_put(run, REGION_WRITE_DELETE, region);
	if (r < 0)
		return r;
	r = region_exists(run, region);
	run_at(run, CXL_DEVICES "/%s/delete_region", window);
	if (r > 0)
		return run_fail(run, -EIO, "/%s took %s without an error, but it is there still",
				run->path, region);
	return r;
}

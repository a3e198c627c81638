/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Taking all of a device's memory away at once, where kmem has the attribute state (7.3). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "apply/driver.h"
#include "apply/offline.h"
#include "base/cleanup.h"
#include "base/errno-util.h"

static size_t count_in_kernel_zones(const struct memory_block *blocks, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += blocks[i].state == BLOCK_ONLINE && blocks[i].zone != ZONE_MOVABLE;
	return count;
}

/* All or nothing, so there is no block to name: the kernel does not say which one it was. */
static int explain(struct run *run, int error, const struct memory_block *blocks, size_t n)
{
	_cleanup_free_ char *first = TAKE_PTR(run->trouble.message), *why = NULL;
	size_t kernel = count_in_kernel_zones(blocks, n);
	int r;

	if (!first && !offline_may_pass(error))
		r = asprintf(&why, "%s", trouble_words(error));
	else if (kernel > 0)
		r = asprintf(&why,
			     "%zu of its %zu blocks are in a zone of the kernel, where there is "
			     "memory that cannot be moved; zone = movable keeps it out",
			     kernel, n);
	else
		r = asprintf(&why,
			     "a page in its %zu blocks cannot be moved, and the kernel does not "
			     "say which; those that are pinned, by RDMA, VFIO or direct I/O, "
			     "cannot; stop what uses node %d and try again",
			     n, run->plan->target_node);
	if (r < 0)
		why = NULL;
	return run_fail(run, error, "%s%sthe memory of %s was not unplugged (%s): %s", first ?: "",
			first ? ": " : "", run->plan->device, errno_name(error), why ?: "");
}

/* A negative errno: of the plan (-ECANCELED, -ETIMEDOUT), or the kernel's. */
static int unplug(struct run *run)
{
	int r;

	for (unsigned round = 0;; round++) {
		r = run_check_stop(run);
		if (r == 0)
			r = offline_write(run, "unplugged");
		if (r == -EINTR)
			continue; /* by whom it was is asked first thing in the next round */
		if (!offline_may_pass(r))
			return r;
		r = offline_next_round(run, round);
		if (r <= 0)
			return r < 0 ? r : -EBUSY;
	}
}

/* The attribute remembers what was written to it; the blocks are what counts. */
static int check_unplugged(struct run *run)
{
	_cleanup_free_ struct memory_block *blocks = NULL;
	size_t n = 0, there = 0;
	int r;

	r = run_read_blocks(run, &blocks, &n);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		there += blocks[i].state != BLOCK_ABSENT;
	run_report_blocks(run, n - there, n);
	if (there == 0)
		return RUN_DONE;
	return run_fail(run, -EIO,
			"the memory of %s was unplugged without an error, but %zu of its %zu "
			"blocks are still there; the kernel's log says why",
			run->plan->device, there, n);
}

static int read_state(struct run *run, char **ret)
{
	int r;

	run_at(run, "sys/bus/dax/devices/%s/state", run->plan->device);
	r = sysfs_read_string(run->sysfs, ret, "%s", run->path);
	if (r == -ENOENT)
		return run_fail(run, -EAGAIN,
				"%s has no attribute state (EAGAIN): it is not bound to kmem any "
				"more, or the kernel has none; it is planned anew",
				run->plan->device);
	return r < 0 ? trouble_read(&run->trouble, r, run->path) : 0;
}

int step_unplug(struct run *run, const char *value)
{
	_cleanup_free_ struct memory_block *blocks = NULL;
	_cleanup_free_ char *state = NULL;
	size_t n = 0;
	int r;

	r = read_state(run, &state);
	if (r == 0)
		r = offline_prepare(run, state, &blocks, &n);
	if (r != RUN_DONE)
		return r;
	run_at(run, "sys/bus/dax/devices/%s/state", run->plan->device);
	r = unplug(run);
	return r < 0 ? explain(run, r, blocks, n) : check_unplugged(run);
}

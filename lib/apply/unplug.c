/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Taking all of a device's memory away at once, where kmem has the attribute state (7.3). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "apply/driver.h"
#include "apply/offline.h"
#include "base/cleanup.h"
#include "base/errno-util.h"

/* All or nothing, so there is no block to name. */
static int explain(struct run *run, int error)
{
	_cleanup_free_ char *first = TAKE_PTR(run->trouble.message);

	return run_fail(
		run, error, "%s%sthe memory of %s was not unplugged: %s (%s)", first ?: "",
		first ? ": " : "", run->plan->device,
		error == -ETIMEDOUT || error == -ECANCELED
			? "the kernel tries for as long as a page is pinned, by RDMA, VFIO or "
			  "direct I/O, and does not say so"
			: trouble_words(error),
		errno_name(error));
}

/* One write, again after a signal that was not for the plan. A negative errno: of the plan
 * (-ECANCELED, -ETIMEDOUT), or the kernel's. */
static int write_unplugged(struct run *run)
{
	int r;

	run_at(run, "sys/bus/dax/devices/%s/state", run->plan->device);
	do {
		r = run_check_stop(run);
		if (r == 0)
			r = offline_write(run, "unplugged");
	} while (r == -EINTR);
	return r;
}

/*
 * The kernel does not say which block it was that would not go. So what it refuses at once is taken
 * offline block by block, for as long as there is time: that tells, and when all are offline there
 * is nothing to refuse any more.
 */
static int unplug(struct run *run, struct memory_block *blocks, size_t n)
{
	int r;

	r = write_unplugged(run);
	if (!offline_may_pass(r)) {
		free(blocks);
		return r < 0 ? explain(run, r) : 0;
	}
	r = offline_each(run, blocks, n);
	if (r < 0)
		return r;
	r = write_unplugged(run);
	return r < 0 ? explain(run, r) : 0;
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
	struct memory_block *blocks = NULL;
	_cleanup_free_ char *state = NULL;
	size_t n = 0;
	int r;

	r = read_state(run, &state);
	if (r == 0)
		r = offline_prepare(run, state, &blocks, &n);
	if (r != RUN_DONE)
		return r;
	r = unplug(run, blocks, n);
	return r < 0 ? r : check_unplugged(run);
}

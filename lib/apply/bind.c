/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "apply/auto-online.h"
#include "apply/device.h"
#include "apply/driver.h"
#include "apply/step.h"
#include "base/cleanup.h"
#include "base/errno-util.h"
#include "base/format.h"

static int undo(struct run *run, const struct undo *undo)
{
	_cleanup_free_ char *bound = NULL;
	int r;

	run_at(run, "sys/bus/dax/drivers/%s/unbind", undo->value);
	r = run_read_driver(run, &bound);
	if (r < 0)
		return r;
	if (!bound || strcmp(bound, undo->value) != 0)
		return RUN_SKIPPED;
	return driver_unbind(run, undo->value);
}

/* RUN_DONE: unbound, so it can be bound. */
static int check_unbound(struct run *run, const char *driver)
{
	_cleanup_free_ char *bound = NULL;
	int r;

	r = device_check(run);
	if (r < 0)
		return r;
	r = run_read_driver(run, &bound);
	if (r < 0)
		return r;
	run_at(run, "sys/bus/dax/drivers/%s/bind", driver);
	if (!bound)
		return RUN_DONE;
	if (strcmp(bound, driver) == 0)
		return RUN_SKIPPED;
	return run_fail(run, -EBUSY,
			"%s cannot be bound to %s: it is bound to %s; unbind that first",
			run->plan->device, driver, bound);
}

/* Says more, and sooner, than the EINVAL that kmem would answer. */
static int check_usable(struct run *run)
{
	const struct device_plan *plan = run->plan;
	char block[FORMAT_SIZE_MAX];
	uint64_t first;

	/* The kernel shows a device ahead of its mappings. */
	if (plan->n_ranges == 0)
		return run_fail(run, -EAGAIN,
				"%s has no address ranges (EAGAIN): they were not there yet, or "
				"could not be read, when it was planned for; it is planned anew",
				plan->device);
	if (plan->target_node < 0)
		return run_fail(run, -EINVAL,
				"the firmware gave %s no NUMA node, and kmem refuses a device "
				"without one; exclude it with mode = ignore",
				plan->device);
	for (size_t i = 0; i < plan->n_ranges; i++)
		if (phys_range_blocks(&plan->ranges[i], plan->block_size, &first) > 0)
			return 0;
	return run_fail(run, -EINVAL,
			"none of the %zu ranges of %s holds a whole memory block of %s, and kmem "
			"adds whole blocks only; exclude it with mode = ignore",
			plan->n_ranges, plan->device, format_size(plan->block_size, block));
}

int step_bind_kmem(struct run *run, const char *value)
{
	int r, locked;

	r = check_unbound(run, "kmem");
	if (r != RUN_DONE)
		return r;
	r = check_usable(run);
	if (r < 0)
		return r;
	locked = auto_online_lock(run);
	if (locked < 0)
		return locked;
	r = run_push_undo(run, undo, "kmem");
	if (r == 0)
		r = driver_bind(run, "kmem");
	return locked > 0 ? auto_online_end_bind(run, r) : r;
}

int step_bind_devdax(struct run *run, const char *value)
{
	int r;

	r = check_unbound(run, "device_dax");
	if (r != RUN_DONE)
		return r;
	r = run_push_undo(run, undo, "device_dax");
	return r < 0 ? r : driver_bind(run, "device_dax");
}

/*
 * The lock, because the default driver of a CXL device is kmem, which is to see the policy of the
 * host, and not what another process holds for a device of its own.
 */
static int probe(struct run *run)
{
	int r, locked;

	locked = auto_online_lock(run);
	if (locked < 0)
		return locked;
	run_at(run, "sys/bus/dax/drivers_probe");
	r = run_write(run, run->plan->device);
	if (locked > 0)
		hold_close(&run->auto_online);
	return r < 0 ? run_fail(run, r,
				"cannot hand %s to its default driver: %s (%s); the kernel's log "
				"may "
				"say more",
				run->plan->device, trouble_words(r), errno_name(r))
		     : 0;
}

static int undo_probe(struct run *run, const struct undo *undo)
{
	_cleanup_free_ char *bound = NULL;
	int r;

	run_at(run, "sys/bus/dax/drivers_probe");
	r = run_read_driver(run, &bound);
	if (r < 0)
		return r;
	return bound ? driver_unbind(run, bound) : RUN_SKIPPED;
}

int step_probe_default(struct run *run, const char *value)
{
	_cleanup_free_ char *before = NULL, *after = NULL;
	int r;

	r = device_check(run);
	if (r < 0)
		return r;
	run_at(run, "sys/bus/dax/drivers_probe");
	r = run_read_driver(run, &before);
	if (r < 0)
		return r;
	if (before)
		return RUN_SKIPPED;
	r = run_push_undo(run, undo_probe, NULL);
	if (r == 0)
		r = probe(run);
	if (r == 0)
		r = run_read_driver(run, &after);
	if (r < 0)
		return r;
	/* Not an error: its driver's module may not be loaded. */
	if (after)
		run_fail(run, 0, "%s is bound to %s now", run->plan->device, after);
	else
		run_fail(run, 0, "no driver wants %s", run->plan->device);
	return RUN_DONE;
}

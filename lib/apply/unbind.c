/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "apply/auto-online.h"
#include "apply/device.h"
#include "apply/driver.h"
#include "apply/step.h"
#include "base/cleanup.h"
#include "base/errno-util.h"

/*
 * kmem was bound with nothing online, so it must not come back with everything online in whichever
 * zone the policy of the moment says.
 */
int driver_bind_kmem_offline(struct run *run)
{
	int r, q;

	r = auto_online_release(run);
	if (r >= 0)
		r = auto_online_lock(run);
	if (r >= 0)
		r = hold_take(&run->auto_online, "offline", &run->trouble);
	if (r >= 0)
		r = driver_bind(run, "kmem");
	if (r < 0) {
		_cleanup_(trouble_done) struct trouble first = run->trouble;

		/* What is said stays what came first. */
		run->trouble = (struct trouble){};
		auto_online_release(run);
		trouble_done(&run->trouble);
		run->trouble = first;
		first = (struct trouble){};
		return r;
	}
	q = auto_online_release(run);
	return q < 0 ? q : 0;
}

static int rebind(struct run *run, const char *driver)
{
	_cleanup_free_ char *bound = NULL;
	int r;

	run_at(run, "sys/bus/dax/drivers/%s/bind", driver);
	r = run_read_driver(run, &bound);
	if (r < 0)
		return r;
	if (bound && strcmp(bound, driver) == 0)
		return RUN_SKIPPED;
	if (bound)
		return run_fail(run, -EBUSY, "%s was bound to %s, but its driver is %s now",
				run->plan->device, driver, bound);
	return strcmp(driver, "kmem") == 0 ? driver_bind_kmem_offline(run)
					   : driver_bind(run, driver);
}

static int is_unplugged(struct run *run, const char *driver)
{
	int r;

	if (strcmp(driver, "kmem") != 0)
		return 0;
	r = driver_kmem_is_unplugged(run);
	return r == -ENOENT ? 0 : r;
}

/* It may be bound still, and only its memory be gone: state does not take "offline", so the way
 * back to blocks that are there is through another bind. */
static int undo(struct run *run, const struct undo *undo)
{
	int r;

	r = rebind(run, undo->value);
	if (r != RUN_SKIPPED)
		return r;
	r = is_unplugged(run, undo->value);
	if (r <= 0)
		return r < 0 ? r : RUN_SKIPPED;
	r = driver_unbind(run, undo->value);
	return r < 0 ? r : rebind(run, undo->value);
}

/* Where kmem has the attribute state (7.3), blocks that are there but offline are one state, and
 * no blocks at all another. */
static int undo_unplugged(struct run *run, const struct undo *undo)
{
	int r;

	r = rebind(run, undo->value);
	if (r != RUN_DONE)
		return r;
	run_at(run, "sys/bus/dax/devices/%s/state", run->plan->device);
	r = run_write(run, "unplugged");
	if (r < 0)
		return run_fail(run, r, "cannot unplug the memory of %s again: %s (%s)",
				run->plan->device, trouble_words(r), errno_name(r));
	return RUN_DONE;
}

int step_unbind_driver(struct run *run, const char *driver)
{
	_cleanup_free_ char *bound = NULL;
	int r;

	r = device_check(run);
	if (r < 0)
		return r;
	r = run_read_driver(run, &bound);
	if (r < 0)
		return r;
	run_at(run, "sys/bus/dax/drivers/%s/unbind", driver);
	if (!bound || strcmp(bound, driver) != 0)
		return RUN_SKIPPED;
	r = is_unplugged(run, driver);
	if (r < 0)
		return r;
	r = run_push_undo(run, r > 0 ? undo_unplugged : undo, driver);
	if (r < 0)
		return r;
	return driver_unbind(run, driver);
}

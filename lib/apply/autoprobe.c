/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "apply/autoprobe.h"

#include <errno.h>

static int open_plan(struct hold *hold, struct sysfs *sysfs, const char *run_dir,
		     struct trouble *trouble)
{
	int r;

	r = hold_open(hold, sysfs, run_dir, &held_autoprobe_plan, trouble);
	if (r < 0)
		return r;
	r = hold_restore(hold, trouble);
	if (r < 0)
		hold_close(hold);
	return r;
}

int autoprobe_open_claim(struct hold *hold, struct sysfs *sysfs, const char *run_dir,
			 struct trouble *trouble)
{
	int r;

	r = open_plan(hold, sysfs, run_dir, trouble);
	if (r < 0)
		return r;
	hold->attribute = &held_autoprobe;
	return 0;
}

/* Finds something only when the step itself could not put it back. */
static int undo(struct run *run, const struct undo *undo)
{
	struct hold hold = HOLD_INIT;
	int r;

	run_at(run, "%s", held_autoprobe_plan.path);
	r = open_plan(&hold, run->sysfs, run->applier->run_dir, &run->trouble);
	hold_close(&hold);
	if (r < 0)
		return r;
	run->value = r > 0 ? "1" : NULL;
	return r > 0 ? RUN_DONE : RUN_SKIPPED;
}

int autoprobe_hold(struct run *run, struct hold *hold)
{
	int r;

	r = sysfs_exists(run->sysfs, "%s", held_autoprobe_plan.path);
	if (r < 0)
		return trouble_read(&run->trouble, r, held_autoprobe_plan.path);
	if (r == 0)
		return 0;
	r = open_plan(hold, run->sysfs, run->applier->run_dir, &run->trouble);
	if (r >= 0)
		r = run_push_undo(run, undo, NULL);
	if (r >= 0)
		r = hold_take(hold, "0", &run->trouble);
	return r < 0 ? r : 0;
}

int autoprobe_release(struct run *run, struct hold *hold, int result)
{
	struct trouble ignored = {};
	int r = 0;

	if (hold_is_open(hold))
		r = hold_restore(hold, result < 0 ? &ignored : &run->trouble);
	trouble_done(&ignored);
	hold_close(hold);
	return result < 0 || r >= 0 ? result : r;
}

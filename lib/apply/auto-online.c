/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Holding auto_online_blocks around a bind: kmem reads it there, and nobody else should. */
#include "apply/auto-online.h"

#include <errno.h>
#include <string.h>

#include "apply/attribute.h"
#include "apply/step.h"
#include "base/cleanup.h"

int auto_online_lock(struct run *run)
{
	int r;

	if (hold_is_open(&run->auto_online))
		return 0;
	r = hold_open(&run->auto_online, run->sysfs, run->applier->run_dir, &held_auto_online,
		      &run->trouble);
	if (r < 0)
		return r;
	/* From a process that was killed: nobody else can have left one, since we have the lock. */
	r = hold_restore(&run->auto_online, &run->trouble);
	if (r < 0) {
		hold_close(&run->auto_online);
		return r;
	}
	return 1;
}

int auto_online_release(struct run *run)
{
	int r;

	if (!hold_is_open(&run->auto_online))
		return 0;
	trouble_done(&run->trouble);
	r = hold_restore(&run->auto_online, &run->trouble);
	run->value = r > 0 ? run->auto_online.written : NULL;
	/* A lock that is kept would stop everybody; the record tells them what is wrong. */
	hold_close(&run->auto_online);
	return r;
}

static int undo(struct run *run, const struct undo *undo)
{
	int r;

	run_at(run, "%s", held_auto_online.path);
	r = auto_online_release(run);
	return r == 0 ? RUN_SKIPPED : r < 0 ? r : RUN_DONE;
}

int auto_online_hold_offline(struct run *run)
{
	_cleanup_free_ char *now = NULL;
	enum step_kind step = run->step;
	int r;

	r = attribute_read(run->sysfs, held_auto_online.path, &now, &run->trouble);
	if (r < 0 || strcmp(now, "offline") == 0)
		return r;
	/* Like a hold step, whether the plan has one or not. */
	run->step = STEP_HOLD_AUTO_ONLINE;
	r = run_push_undo(run, undo, NULL);
	run->step = step;
	if (r == 0)
		r = hold_restore(&run->auto_online, &run->trouble);
	if (r >= 0)
		r = hold_take(&run->auto_online, "offline", &run->trouble);
	return r < 0 ? r : 0;
}

int auto_online_end_bind(struct run *run, int result)
{
	_cleanup_(trouble_done) struct trouble ignored = {};
	int r;

	r = hold_restore(&run->auto_online, result < 0 ? &ignored : &run->trouble);
	/* Else the lock is kept for the undo, which tries once more. */
	if (r >= 0)
		hold_close(&run->auto_online);
	return result < 0 || r >= 0 ? result : r;
}

int step_hold_auto_online(struct run *run, const char *policy)
{
	int r;

	run_at(run, "%s", held_auto_online.path);
	r = auto_online_lock(run);
	if (r < 0)
		return r;
	r = run_push_undo(run, undo, NULL);
	if (r < 0)
		return r;
	run->value = policy;
	r = hold_take(&run->auto_online, policy, &run->trouble);
	if (r < 0)
		return r;
	/* Nobody else changes it while we have the lock, so the lock is kept either way. */
	return r > 0 ? RUN_DONE : RUN_SKIPPED;
}

int step_restore_auto_online(struct run *run, const char *value)
{
	int r;

	run_at(run, "%s", held_auto_online.path);
	if (!hold_is_open(&run->auto_online))
		return RUN_SKIPPED;
	trouble_done(&run->trouble);
	r = hold_restore(&run->auto_online, &run->trouble);
	if (r < 0)
		return r; /* the lock is kept for the undo, which tries once more */
	run->value = r > 0 ? run->auto_online.written : NULL;
	hold_close(&run->auto_online);
	return r > 0 ? RUN_DONE : RUN_SKIPPED;
}

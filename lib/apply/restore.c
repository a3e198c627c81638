/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Claiming the dax bus, and putting back whatever is recorded; neither belongs to one plan. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "apply/apply.h"
#include "apply/autoprobe.h"
#include "apply/hold.h"
#include "apply/new-id.h"
#include "apply/put-back.h"
#include "apply/record.h"
#include "apply/region-record.h"
#include "base/cleanup.h"

/* Tells what went wrong, or was left alone, and forgets it. */
static void report(struct applier *applier, enum apply_event event, int error, const char *value,
		   struct trouble *trouble)
{
	if (applier->report)
		applier->report(&(struct apply_report){.event = event,
						       .step = STEP_RESTORE_AUTO_ONLINE,
						       .path = trouble->path,
						       .value = value,
						       .error = error,
						       .message = trouble->message},
				applier->userdata);
	trouble_done(trouble);
}

/* enum apply_claim_result, or a negative errno. */
static int claim(struct hold *hold, struct trouble *trouble)
{
	int r;

	r = hold_resume(hold, "0", trouble);
	if (r != 0)
		return r < 0 ? r : APPLY_CLAIM_RESUMED;
	r = hold_take(hold, "0", trouble);
	if (r < 0)
		return r;
	return r > 0 ? APPLY_CLAIM_TAKEN : APPLY_CLAIM_WAS_OFF;
}

int apply_claim(struct applier *applier)
{
	_cleanup_(trouble_done) struct trouble trouble = {};
	_cleanup_(hold_close) struct hold hold = HOLD_INIT;
	int r;

	r = sysfs_exists(applier->sysfs, "%s", held_autoprobe.path);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	r = autoprobe_open_claim(&hold, applier->sysfs, applier->run_dir, &trouble);
	if (r == 0)
		r = claim(&hold, &trouble);
	if (r < 0)
		report(applier, APPLY_UNDO_FAILED, r, NULL, &trouble);
	return r;
}

static int restore(struct applier *applier, const struct held_attribute *attribute)
{
	_cleanup_(trouble_done) struct trouble trouble = {};
	_cleanup_(hold_close) struct hold hold = HOLD_INIT;
	int r;

	r = hold_open_existing(&hold, applier->sysfs, applier->run_dir, attribute, &trouble);
	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = hold_restore(&hold, &trouble);
	if (r < 0) {
		report(applier, APPLY_UNDO_FAILED, r, NULL, &trouble);
		return r;
	}
	if (r > 0) {
		trouble_set(&trouble, 0, attribute->path, "put back as it was recorded");
		report(applier, APPLY_UNDO, 0, hold.written, &trouble);
	} else if (trouble.message) {
		report(applier, APPLY_STEP_SKIPPED, 0, NULL, &trouble);
	}
	return 0;
}

static int restore_new_id(struct applier *applier)
{
	_cleanup_(trouble_done) struct trouble trouble = {};
	int r;

	r = new_id_restore(applier->sysfs, applier->run_dir, &trouble);
	if (r < 0)
		report(applier, APPLY_UNDO_FAILED, r, NULL, &trouble);
	return r < 0 ? r : 0;
}

int apply_restore_attributes(struct applier *applier)
{
	int r, q, p;

	r = restore(applier, &held_auto_online);
	q = restore_new_id(applier);
	p = restore(applier, &held_autoprobe_plan);
	return r < 0 ? r : q < 0 ? q : p;
}

int apply_restore_leftovers(struct applier *applier)
{
	int r, q;

	r = put_back_restore(applier);
	q = region_work_restore(applier);
	return r < 0 ? r : q;
}

int apply_restore_auto_online(struct applier *applier)
{
	int r, q;

	r = apply_restore_attributes(applier);
	q = apply_restore_leftovers(applier);
	return r < 0 ? r : q;
}

void apply_leftovers_done(struct apply_leftovers *leftovers)
{
	free(leftovers->device);
	free(leftovers->region_of);
	*leftovers = (struct apply_leftovers){};
}

static int read_blocks(int dir_fd, struct apply_leftovers *leftovers)
{
	_cleanup_(offlined_done) struct offlined offlined = {};
	_cleanup_free_ char *text = NULL;
	int r;

	r = record_read_text(dir_fd, OFFLINED_RECORD, &text);
	if (r <= 0)
		return r;
	r = offlined_from_text(text, &offlined);
	if (r < 0)
		return r;
	leftovers->device = TAKE_PTR(offlined.plan.device);
	leftovers->blocks = offlined.n;
	return 1;
}

int apply_leftovers_read(const char *run_dir, struct apply_leftovers *ret)
{
	_cleanup_(apply_leftovers_done) struct apply_leftovers leftovers = {};
	_cleanup_close_ int dir_fd = -EBADF;
	int r, q;

	r = run_dir_open(run_dir, &dir_fd);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = read_blocks(dir_fd, &leftovers);
	if (r < 0)
		return r;
	q = region_work_owner(dir_fd, &leftovers.region_of);
	if (q < 0)
		return q;
	*ret = leftovers;
	leftovers = (struct apply_leftovers){};
	return r > 0 || q > 0;
}

int apply_unclaim(struct applier *applier)
{
	return restore(applier, &held_autoprobe);
}

/* What cannot be put back keeps nothing else from being put back. */
int apply_restore(struct applier *applier)
{
	int r, q;

	r = apply_restore_auto_online(applier);
	q = apply_unclaim(applier);
	return r < 0 ? r : q;
}

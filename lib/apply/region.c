/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making CXL regions and taking them apart: each step is the undo of its opposite. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "apply/name.h"
#include "apply/region-kernel.h"
#include "apply/region-record.h"
#include "apply/region-write.h"
#include "apply/step.h"
#include "base/cleanup.h"
#include "base/errno-util.h"

/* A name is offered to everybody who asks, and given to who is first. */
#define CREATE_TRIES 8

static const struct region_target *find_target(const struct run *run, const char *decoder,
					       size_t *ret_at)
{
	const struct region_plan *region = &run->plan->region;

	for (size_t i = 0; i < region->n_targets; i++)
		if (strcmp(region->targets[i].decoder, decoder) == 0) {
			*ret_at = i;
			return &region->targets[i];
		}
	return NULL;
}

static int no_such(struct run *run, const char *what, const char *name)
{
	return run_fail(run, -EINVAL, "the plan for %s has no %s %s", run->plan->device, what,
			name);
}

/* Of an undo: what is somebody else's now has nothing left to undo. */
static int undo_result(int r)
{
	return r == -EAGAIN ? -ENODEV : r;
}

static int undo_set_dpa(struct run *run, const struct undo *undo)
{
	size_t at;

	return undo_result(decoder_free(run, find_target(run, undo->value, &at)));
}

static int step_set_dpa(struct run *run, const char *decoder)
{
	const struct region_target *target;
	size_t at;
	int r;

	target = find_target(run, decoder, &at);
	if (!target)
		return no_such(run, "target", decoder);
	r = decoder_is_free(run, target);
	if (r == 0)
		return run_fail(run, -EAGAIN,
				"%s of %s, which was free, holds capacity for somebody else now; "
				"it is planned anew",
				target->decoder, target->memdev);
	if (r > 0)
		r = region_work_record(run, at + 1);
	if (r == 0)
		r = run_push_undo(run, undo_set_dpa, decoder);
	return r < 0 ? r : decoder_take(run, target);
}

/* Reads the name that is offered; run->path stays where it is to be written. */
static int read_offer(struct run *run)
{
	_cleanup_free_ char *name = NULL;
	int r;

	run_at(run, CXL_DEVICES "/%s/create_ram_region", run->plan->region.window);
	r = sysfs_read_string(run->sysfs, &name, "%s", run->path);
	if (r == -ENOENT)
		return run_fail(run, -EOPNOTSUPP, "there is no /%s: %s", run->path,
				region_words(REGION_WRITE_CREATE, r));
	if (r < 0)
		return trouble_read(&run->trouble, r, run->path);
	if (!is_region_name(name))
		return run_fail(run, -EBADMSG, "/%s reads \"%s\", which is no name of a region",
				run->path, name);
	snprintf(run->region, sizeof(run->region), "%s", name);
	return 0;
}

/* -EBUSY: somebody else was first, who has that region now. */
static int try_create(struct run *run)
{
	int r;

	r = read_offer(run);
	if (r == 0)
		r = region_work_record(run, run->plan->region.n_targets);
	if (r < 0) {
		run->region[0] = '\0';
		return r;
	}
	r = run_write(run, run->region);
	if (r < 0)
		run_fail(run, r, "/%s does not take \"%s\" (%s): %s", run->path, run->region,
			 errno_name(r), region_words(REGION_WRITE_CREATE, r));
	/* After any other error it may be ours all the same. */
	if (r == -EBUSY) {
		run->value = NULL;
		run->region[0] = '\0';
		r = region_work_record(run, run->plan->region.n_targets);
	}
	return r < 0 ? r : run->region[0] ? 0 : -EBUSY;
}

static int make(struct run *run)
{
	int r = -EBUSY;

	for (unsigned i = 0; i < CREATE_TRIES && r == -EBUSY; i++)
		r = try_create(run);
	if (r < 0)
		return r;
	r = region_exists(run, run->region);
	if (r == 0)
		return run_fail(run, -EIO, "%s was made without an error, but is not there",
				run->region);
	return r < 0 ? r : region_fill(run, run->region, &run->plan->region);
}

static int undo_create(struct run *run, const struct undo *undo)
{
	const struct region_plan *plan = &run->plan->region;
	int r;

	if (!run->region[0])
		return RUN_SKIPPED;
	r = region_is_of(run, run->region, plan);
	if (r <= 0)
		return r < 0 ? r : RUN_SKIPPED;
	return region_delete(run, run->region, plan->window);
}

static int step_create_region(struct run *run, const char *window)
{
	const struct region_plan *plan = &run->plan->region;
	int r;

	if (!plan->window || strcmp(plan->window, window) != 0)
		return no_such(run, "window", window);
	if (plan->n_targets == 0 || plan->ways != plan->n_targets)
		return no_such(run, "region in", window);
	r = run_push_undo(run, undo_create, NULL);
	return r < 0 ? r : make(run);
}

static int check_made(struct run *run)
{
	return run->region[0] ? 0 : no_such(run, "region", "that was made before");
}

static int undo_commit(struct run *run, const struct undo *undo)
{
	return region_decommit(run, run->region);
}

static int step_commit_region(struct run *run, const char *value)
{
	int r;

	r = check_made(run);
	if (r == 0)
		r = region_work_record(run, run->plan->region.n_targets);
	if (r == 0)
		r = run_push_undo(run, undo_commit, NULL);
	return r < 0 ? r : region_commit(run, run->region);
}

static int undo_enable(struct run *run, const struct undo *undo)
{
	return region_disable(run, run->region);
}

static int step_enable_region(struct run *run, const char *value)
{
	int r;

	r = check_made(run);
	if (r == 0)
		r = run_push_undo(run, undo_enable, NULL);
	return r < 0 ? r : region_enable(run, run->region);
}

/* The region that is taken apart, or the one that an undo has made in its place. */
static const char *region_now(const struct run *run, const struct undo *undo)
{
	return run->region[0] ? run->region : undo->value;
}

/* It is the plan's, and still what the plan was made for. */
static int check_region(struct run *run, const char *region)
{
	const struct region_plan *plan = &run->plan->region;
	int r;

	if (!plan->name || !plan->window || strcmp(plan->name, region) != 0)
		return no_such(run, "region", region);
	r = region_exists(run, region);
	if (r <= 0)
		return r < 0 ? r : run_fail(run, -ENODEV, "%s is gone", region);
	r = region_is_of(run, region, plan);
	if (r < 0)
		return r;
	run_at(run, CXL_DEVICES "/%s", region);
	return r > 0 ? 0
		     : run_fail(run, -EAGAIN,
				"%s has other targets than the plan was made for; "
				"it is planned anew",
				region);
}

/* Before each step of taking it apart. */
static int begin_apart(struct run *run, const char *region,
		       int (*undo)(struct run *, const struct undo *))
{
	int r;

	r = check_region(run, region);
	if (r == 0)
		r = region_work_record(run, run->plan->region.n_targets);
	return r < 0 ? r : run_push_undo(run, undo, region);
}

static int undo_disable(struct run *run, const struct undo *undo)
{
	return region_enable(run, region_now(run, undo));
}

static int step_disable_region(struct run *run, const char *region)
{
	int r = begin_apart(run, region, undo_disable);

	return r < 0 ? r : region_disable(run, region);
}

static int undo_decommit(struct run *run, const struct undo *undo)
{
	return region_commit(run, region_now(run, undo));
}

static int step_decommit_region(struct run *run, const char *region)
{
	int r = begin_apart(run, region, undo_decommit);

	return r < 0 ? r : region_decommit(run, region);
}

/* Under the name that the kernel gives it now. */
static int undo_delete(struct run *run, const struct undo *undo)
{
	int r;

	r = region_is_of(run, undo->value, &run->plan->region);
	if (r != 0)
		return r < 0 ? r : RUN_SKIPPED;
	return make(run);
}

static int step_delete_region(struct run *run, const char *region)
{
	int r = begin_apart(run, region, undo_delete);

	return r < 0 ? r : region_delete(run, region, run->plan->region.window);
}

static int undo_free_dpa(struct run *run, const struct undo *undo)
{
	const struct region_target *target;
	size_t at;
	int r;

	target = find_target(run, undo->value, &at);
	r = decoder_is_free(run, target);
	if (r <= 0)
		return r < 0 ? r : RUN_SKIPPED;
	return decoder_take(run, target);
}

static int step_free_dpa(struct run *run, const char *decoder)
{
	const struct region_target *target;
	size_t at;
	int r;

	target = find_target(run, decoder, &at);
	if (!target || !run->plan->region.window)
		return no_such(run, "target", decoder);
	r = region_work_record(run, run->plan->region.n_targets);
	if (r == 0)
		r = run_push_undo(run, undo_free_dpa, decoder);
	return r < 0 ? r : decoder_free(run, target);
}

static const struct step_class region_classes[STEP_MAX] = {
	[STEP_SET_DPA] = {step_set_dpa, is_decoder_name, false, STEP_ON_REGION},
	[STEP_CREATE_REGION] = {step_create_region, is_decoder_name, false, STEP_ON_REGION},
	[STEP_COMMIT_REGION] = {step_commit_region, step_takes_nothing, true, STEP_ON_REGION},
	[STEP_ENABLE_REGION] = {step_enable_region, step_takes_nothing, true, STEP_ON_REGION},
	[STEP_DISABLE_REGION] = {step_disable_region, is_region_name, false, STEP_ON_REGION},
	[STEP_DECOMMIT_REGION] = {step_decommit_region, is_region_name, false, STEP_ON_REGION},
	[STEP_DELETE_REGION] = {step_delete_region, is_region_name, false, STEP_ON_REGION},
	[STEP_FREE_DPA] = {step_free_dpa, is_decoder_name, false, STEP_ON_REGION},
};

const struct step_class *region_step_class(enum step_kind kind)
{
	return region_classes[kind].run ? &region_classes[kind] : NULL;
}

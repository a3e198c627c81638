/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "apply/region-record.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "apply/name.h"
#include "apply/record.h"
#include "apply/region-kernel.h"
#include "apply/region-write.h"
#include "base/cleanup.h"
#include "base/errno-util.h"

#define LOCK_NAME "region.lock"

static void json_putp(struct json_object **object)
{
	json_object_put(*object);
}

static void work_close(struct region_work *work)
{
	work->lock_fd = close_keep_errno(work->lock_fd);
	work->dir_fd = close_keep_errno(work->dir_fd);
}

static int record_failed(const char *run_dir, int error, const char *verb, struct trouble *trouble)
{
	_cleanup_free_ char *path = NULL;

	if (asprintf(&path, "%s/" REGION_RECORD, run_dir) < 0)
		path = NULL;
	return trouble_set(trouble, error, path ?: run_dir,
			   "cannot %s the record %s of a region in the making: %s (%s)", verb,
			   path ?: "", trouble_words(error), errno_name(error));
}

/* ENOENT: there is no run directory, so nothing is recorded. */
static int work_open(const char *run_dir, struct region_work *ret, struct trouble *trouble)
{
	struct region_work work = {.dir_fd = -EBADF, .lock_fd = -EBADF};
	int r;

	r = run_dir_open(run_dir, &work.dir_fd);
	if (r == -ENOENT)
		return r;
	if (r == 0)
		r = run_dir_lock(work.dir_fd, LOCK_NAME, &work.lock_fd);
	if (r < 0) {
		work_close(&work);
		/* ENOENT is the answer for "nothing recorded" only. */
		return record_failed(run_dir, r == -ENOENT ? -ENOTDIR : r, "lock", trouble);
	}
	*ret = work;
	return 0;
}

/* Names that come from a file become parts of paths. */
static bool is_sound(const struct region_plan *region)
{
	if ((region->name && !is_region_name(region->name)) || !region->window ||
	    !is_decoder_name(region->window))
		return false;
	for (size_t i = 0; i < region->n_targets; i++)
		if (!is_memdev_name(region->targets[i].memdev) ||
		    !is_decoder_name(region->targets[i].decoder))
			return false;
	return true;
}

static int plan_from_text(const char *text, struct device_plan *ret)
{
	_cleanup_(json_putp) struct json_object *object = json_tokener_parse(text);
	_cleanup_(device_plan_done) struct device_plan plan = {};
	int r;

	if (!object)
		return -EBADMSG;
	r = device_plan_from_json(object, &plan);
	if (r < 0)
		return r;
	if (!plan.device || !is_sound(&plan.region))
		return -EBADMSG;
	*ret = plan;
	plan = (struct device_plan){};
	return 0;
}

/* 1: read, 0: nothing is recorded, or a negative errno, said. */
static int record_load(const struct region_work *work, const char *run_dir, struct device_plan *ret,
		       struct trouble *trouble)
{
	_cleanup_free_ char *text = NULL, *path = NULL, *cut = NULL;
	int r;

	r = record_read_text(work->dir_fd, REGION_RECORD, &text);
	if (r == 0)
		return 0;
	if (r > 0)
		r = plan_from_text(text, ret);
	if (r == 0)
		return 1;
	if (r != -EBADMSG)
		return record_failed(run_dir, r, "read", trouble);
	cut = record_text(work->dir_fd, REGION_RECORD);
	if (asprintf(&path, "%s/" REGION_RECORD, run_dir) < 0)
		path = NULL;
	return trouble_set(trouble, r, path ?: run_dir,
			   "the record %s of a region in the making makes no sense: it begins with "
			   "\"%s\"; look at /" CXL_DEVICES
			   " for a region that is not committed, then remove the record",
			   path ?: "", cut ?: "");
}

int region_work_owner(int dir_fd, char **ret)
{
	_cleanup_(device_plan_done) struct device_plan plan = {};
	_cleanup_free_ char *text = NULL;
	int r;

	r = record_read_text(dir_fd, REGION_RECORD, &text);
	if (r <= 0)
		return r;
	r = plan_from_text(text, &plan);
	if (r < 0)
		return r;
	*ret = strdup(plan.region.n_targets > 0 ? plan.region.targets[0].memdev : plan.device);
	return *ret ? 1 : -ENOMEM;
}

/* Not set yet, or as planned. */
static int number_is_of(struct run *run, const char *attribute, uint64_t planned)
{
	uint64_t now = 0;
	int r;

	run_at(run, CXL_DEVICES "/%s/%s", run->plan->region.name, attribute);
	r = region_read_u64(run, &now);
	return r < 0 ? r : now == 0 || now == planned;
}

static bool has_begun(const struct device_plan *plan, enum step_kind kind)
{
	for (size_t i = 0; i < plan->n_steps; i++)
		if (plan->steps[i].kind == kind)
			return true;
	return false;
}

/*
 * A name that was recorded before it was ours may be another agent's region by now, also with our
 * decoders, and it looks no different from one that was left half-way but for what tells here.
 */
static int is_ours(struct run *run)
{
	const struct device_plan *plan = run->plan;
	const struct region_plan *region = &plan->region;
	uint64_t size = 0;
	int r;

	r = region_is_of(run, region->name, region);
	if (r <= 0 || plan->purpose != PLAN_CREATE_REGION)
		return r;
	for (size_t i = 0; i < region->n_targets; i++)
		size += region->targets[i].size;
	r = number_is_of(run, "size", size);
	if (r > 0)
		r = number_is_of(run, "interleave_ways", region->ways);
	if (r > 0)
		r = number_is_of(run, "interleave_granularity", region->granularity);
	if (r <= 0 || has_begun(plan, STEP_COMMIT_REGION))
		return r;
	r = region_is_committed(run, region->name);
	return r < 0 ? r : r == 0;
}

/* A card that was pulled takes its part of the region with it: nothing of that is ours to undo. */
static bool has_target_left(struct run *run)
{
	const struct region_plan *region = &run->plan->region;
	bool left = false;

	for (size_t i = 0; i < region->n_targets; i++)
		left |= decoder_check(run, &region->targets[i]) == -ENODEV;
	return left;
}

/* 1: there is nothing of it (any more); 0: it is in use, so the plan was as good as done. */
static int take_region_apart(struct run *run, const struct region_plan *region)
{
	int r;

	if (!region->name)
		return 1;
	r = is_ours(run);
	if (r <= 0)
		return r < 0 ? r : 1;
	r = region_is_enabled(run, region->name);
	if (r != 0)
		return r < 0 ? r : 0;
	r = region_decommit(run, region->name);
	if (r >= 0)
		r = region_delete(run, region->name, region->window);
	if (r == -ENXIO && has_target_left(run))
		r = 1;
	return r < 0 ? r : 1;
}

/* In reverse: what a device gave out last is taken back first. What is not ours is left. */
static int free_targets(struct run *run, const struct region_plan *region)
{
	int r;

	for (size_t i = region->n_targets; i > 0; i--) {
		r = decoder_free(run, &region->targets[i - 1]);
		if (r < 0 && r != -ENODEV && r != -EAGAIN)
			return r;
		trouble_done(&run->trouble);
	}
	return 1;
}

static int restore_plan(struct applier *applier, const struct device_plan *plan)
{
	struct applier silent = *applier;
	struct run run = {
		.applier = &silent,
		.sysfs = applier->sysfs,
		.plan = plan,
		.step = STEP_DELETE_REGION,
		.auto_online = HOLD_INIT,
		.undoing = true,
	};
	/* The dax device of a region that is half taken apart is gone; its memdev is not. */
	const char *owner =
		plan->region.n_targets > 0 ? plan->region.targets[0].memdev : plan->device;
	int r;

	silent.report = NULL;
	r = take_region_apart(&run, &plan->region);
	if (r == -ENODEV) /* it left just now */
		r = 1;
	if (r > 0)
		r = free_targets(&run, &plan->region);
	if (r > 0) {
		trouble_set(&run.trouble, 0, CXL_DEVICES,
			    "the region%s%s that was left half-way for %s is taken apart",
			    plan->region.name ? " " : "", plan->region.name ?: "", plan->device);
		restore_report(applier, owner, APPLY_UNDO, 0, &run.trouble);
	} else if (r < 0) {
		restore_report(applier, owner, APPLY_UNDO_FAILED, r, &run.trouble);
	}
	trouble_done(&run.trouble);
	return r < 0 ? r : 0;
}

/* What cannot be taken apart now may be later, so the record stays. */
static int restore_locked(struct applier *applier, const struct region_work *work)
{
	_cleanup_(device_plan_done) struct device_plan plan = {};
	_cleanup_(trouble_done) struct trouble trouble = {};
	int r;

	r = record_load(work, applier->run_dir, &plan, &trouble);
	if (r < 0)
		restore_report(applier, NULL, APPLY_UNDO_FAILED, r, &trouble);
	if (r <= 0)
		return r;
	r = restore_plan(applier, &plan);
	if (r < 0)
		return r;
	r = record_remove(work->dir_fd, REGION_RECORD);
	if (r < 0) {
		record_failed(applier->run_dir, r, "remove", &trouble);
		restore_report(applier, NULL, APPLY_UNDO_FAILED, r, &trouble);
	}
	return r;
}

int region_work_restore(struct applier *applier)
{
	_cleanup_(work_close) struct region_work work = {.dir_fd = -EBADF, .lock_fd = -EBADF};
	_cleanup_(trouble_done) struct trouble trouble = {};
	int r;

	r = work_open(applier->run_dir, &work, &trouble);
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		restore_report(applier, NULL, APPLY_UNDO_FAILED, r, &trouble);
	return r < 0 ? r : restore_locked(applier, &work);
}

static void work_freep(struct region_work **work)
{
	if (*work)
		work_close(*work);
	free(*work);
}

static int work_begin(struct run *run)
{
	_cleanup_(work_freep) struct region_work *work = malloc(sizeof(*work));
	const char *run_dir = run->applier->run_dir;
	_cleanup_close_ int dir_fd = -EBADF;
	int r;

	if (!work)
		return -ENOMEM;
	*work = (struct region_work){.dir_fd = -EBADF, .lock_fd = -EBADF};
	r = run_dir_make(run_dir, &dir_fd);
	if (r < 0)
		return record_failed(run_dir, r, "write", &run->trouble);
	r = work_open(run_dir, work, &run->trouble);
	if (r < 0)
		return r == -ENOENT ? record_failed(run_dir, r, "write", &run->trouble) : r;
	/* Else it would be written over. */
	r = restore_locked(run->applier, work);
	if (r < 0)
		return trouble_set(&run->trouble, r, run_dir,
				   "nothing is done to %s, because the region that an earlier plan "
				   "left half-way could not be taken apart (%s)",
				   run->plan->device, errno_name(r));
	run->regions = TAKE_PTR(work);
	return 0;
}

/* Up to the one that is being done: a kind that comes more than once is begun with its first. */
static size_t begun_steps(const struct run *run)
{
	size_t n = 0;

	while (n < run->plan->n_steps && run->plan->steps[n++].kind != run->step)
		;
	return n;
}

int region_work_record(struct run *run, size_t n_taken)
{
	_cleanup_(json_putp) struct json_object *object = NULL;
	struct device_plan plan = *run->plan;
	int r;

	r = run->regions ? 0 : work_begin(run);
	if (r < 0)
		return r;
	if (run->region[0] || run->undoing)
		plan.region.name = run->region[0] ? run->region : NULL;
	plan.region.n_targets = n_taken;
	plan.n_steps = run->undoing ? plan.n_steps : begun_steps(run);
	object = device_plan_to_json(&plan);
	if (!object)
		return -ENOMEM;
	r = record_write_text(run->regions->dir_fd, REGION_RECORD,
			      json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN));
	if (r < 0)
		return record_failed(run->applier->run_dir, r, "write", &run->trouble);
	run->regions->n_taken = n_taken;
	return 0;
}

void region_work_end(struct run *run, bool clean)
{
	_cleanup_(trouble_done) struct trouble trouble = {};
	int r = 0;

	if (!run->regions)
		return;
	if (clean)
		r = record_remove(run->regions->dir_fd, REGION_RECORD);
	if (r < 0) {
		record_failed(run->applier->run_dir, r, "remove", &trouble);
		run_report(run, APPLY_UNDO_FAILED, r, trouble.message);
	}
	work_close(run->regions);
	free(run->regions);
	run->regions = NULL;
}

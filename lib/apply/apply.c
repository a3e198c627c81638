/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "apply/apply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "apply/auto-online.h"
#include "apply/device.h"
#include "apply/name.h"
#include "apply/offlined.h"
#include "apply/region-record.h"
#include "apply/step.h"
#include "base/cleanup.h"
#include "base/errno-util.h"

bool step_takes_nothing(const char *value)
{
	return value[0] == '\0';
}

static bool is_knob(const char *value)
{
	return strcmp(value, "0") == 0 || strcmp(value, "1") == 0;
}

static bool is_policy(const char *value)
{
	return online_policy_from_string(value) > ONLINE_POLICY_UNKNOWN;
}

static bool is_online_how(const char *value)
{
	return strcmp(value, "online_movable") == 0 || strcmp(value, "online_kernel") == 0;
}

static bool is_zone(const char *value)
{
	return strcmp(value, "Movable") == 0 || strcmp(value, "kernel") == 0;
}

static const struct step_class step_classes[STEP_MAX] = {
	[STEP_LOAD_MODULE] = {step_load_module, is_driver_name, false, STEP_ON_HOST},
	[STEP_UNBIND_DRIVER] = {step_unbind_driver, is_driver_name, false, STEP_ON_DEVICE},
	[STEP_SET_MEMMAP] = {step_set_memmap, is_knob, false, STEP_ON_DEVICE},
	[STEP_HOLD_AUTO_ONLINE] = {step_hold_auto_online, is_policy, false, STEP_ON_HOST},
	[STEP_BIND_KMEM] = {step_bind_kmem, step_takes_nothing, true, STEP_ON_DEVICE},
	[STEP_RESTORE_AUTO_ONLINE] = {step_restore_auto_online, step_takes_nothing, true,
				      STEP_ON_HOST},
	[STEP_ONLINE_BLOCKS] = {step_online_blocks, is_online_how, false, STEP_ON_DEVICE},
	[STEP_VERIFY] = {step_verify, is_zone, true, STEP_ON_DEVICE},
	[STEP_BIND_DEVDAX] = {step_bind_devdax, step_takes_nothing, true, STEP_ON_DEVICE},
	[STEP_PROBE_DEFAULT] = {step_probe_default, step_takes_nothing, true, STEP_ON_DEVICE},
};

/* NULL: there is no such step. */
static const struct step_class *step_class_of(enum step_kind kind)
{
	const struct step_class *class;

	if ((unsigned)kind >= STEP_MAX)
		return NULL;
	if (step_classes[kind].run)
		return &step_classes[kind];
	class = release_step_class(kind);
	return class ?: region_step_class(kind);
}

void apply_failure_done(struct apply_failure *failure)
{
	free(failure->path);
	free(failure->message);
	*failure = (struct apply_failure){};
}

static int check_region(struct run *run)
{
	const struct region_plan *region = &run->plan->region;
	bool wrong = (region->name && !is_region_name(region->name)) ||
		     (region->window && !is_decoder_name(region->window));

	for (size_t i = 0; i < region->n_targets; i++)
		wrong |= !is_memdev_name(region->targets[i].memdev) ||
			 !is_decoder_name(region->targets[i].decoder);
	if (!wrong)
		return 0;
	return trouble_set(&run->trouble, -EINVAL, NULL,
			   "the plan for %s names a region, a window or a target that cannot exist",
			   run->plan->device);
}

/* A region that is to be made goes by the name of its first memdev. */
static bool is_subject(const struct device_plan *plan)
{
	if (!plan->device)
		return false;
	return plan->purpose == PLAN_CREATE_REGION ? is_memdev_name(plan->device)
						   : is_device_name(plan->device);
}

/* A plan comes from another process: nothing in it is worth a crash, or a path of its choice. */
static int check_plan(struct run *run)
{
	const struct device_plan *plan = run->plan;

	if (!is_subject(plan))
		return trouble_set(&run->trouble, -EINVAL, NULL,
				   "the plan is for \"%s\", which is no dax device",
				   plan->device ?: "");
	if (plan->n_ranges > 0 && plan->block_size == 0)
		return trouble_set(&run->trouble, -EINVAL, NULL,
				   "the plan for %s does not say how large a memory block is",
				   plan->device);
	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct plan_step *step = &plan->steps[i];
		const struct step_class *class;

		run->step = step->kind;
		class = step_class_of(step->kind);
		if (!class || (!step->value && !class->optional) ||
		    (step->value && !class->is_value(step->value)))
			return trouble_set(&run->trouble, -EINVAL, NULL,
					   "step %zu of the plan for %s, %s, has no such value as "
					   "\"%s\"",
					   i + 1, plan->device, step_kind_to_string(step->kind),
					   step->value ?: "");
	}
	return check_region(run);
}

static void begin(struct run *run, enum step_kind step)
{
	run->step = step;
	run->path[0] = '\0';
	run->value = NULL;
	trouble_done(&run->trouble);
}

static int run_step(struct run *run, const struct plan_step *step)
{
	int r;

	begin(run, step->kind);
	run_report(run, APPLY_STEP_BEGIN, 0, NULL);
	r = step_class_of(step->kind)->run(run, step->value);
	if (r < 0)
		return r;
	run_report(run, r == RUN_SKIPPED ? APPLY_STEP_SKIPPED : APPLY_STEP_DONE, 0,
		   run->trouble.message);
	return 0;
}

static int run_steps(struct run *run)
{
	int r;

	for (size_t i = 0; i < run->plan->n_steps; i++) {
		r = run_step(run, &run->plan->steps[i]);
		if (r < 0)
			return r;
	}
	/* A plan that holds and does not restore still has to leave the host as it was. */
	if (hold_is_open(&run->auto_online)) {
		begin(run, STEP_RESTORE_AUTO_ONLINE);
		r = auto_online_release(run);
		if (r < 0)
			return r;
	}
	return 0;
}

/* What the undone step acted on is there still, and the same: 0; -ENODEV: it is gone. */
static int check_subject(struct run *run, enum step_subject subject)
{
	switch (subject) {
	case STEP_ON_DEVICE:
		return run->region_undone ? device_await(run) : device_check_undo(run);
	case STEP_ON_HOST:
	case STEP_ON_REGION: /* its undo looks itself: each object has a name of its own */
		break;
	}
	return 0;
}

/* Taken apart with its region, and it did not come back with it: nothing of it is undone. */
static int say_lost(struct run *run)
{
	return run_fail(run, -ENODEV,
			"the memory of %s stays out of use: its region is there again, but no dax "
			"device of the same addresses; see \"daxtierctl status\" for what there is "
			"instead, and have it taken up with \"daxtierctl apply\"",
			run->plan->device);
}

static bool undo_one(struct run *run, const struct undo *undo, enum step_subject subject)
{
	int r;

	begin(run, undo->step);
	r = check_subject(run, subject);
	if (r == -ENODEV && run->region_undone && subject == STEP_ON_DEVICE) {
		r = say_lost(run);
		run_report(run, APPLY_UNDO_FAILED, r, run->trouble.message);
		return false;
	}
	if (r == 0)
		r = undo->function(run, undo);
	if (r == RUN_DONE) {
		run_report(run, APPLY_UNDO, 0, run->trouble.message);
		run->region_undone |= subject == STEP_ON_REGION;
	}
	if (r >= 0 || r == -ENODEV)
		return true;
	run_report(run, APPLY_UNDO_FAILED, r, run->trouble.message);
	return false;
}

/*
 * In reverse. After one that cannot be undone, those before it on the same device cannot either:
 * the knob stays EBUSY and the old driver cannot come back while kmem keeps its memory. Only what
 * is of the whole host is still put back. A device that is gone has nothing left to undo, and one
 * that has taken its name since had nothing done to it.
 */
static bool undo_all(struct run *run)
{
	bool undone = true;

	run->undoing = true;
	while (run->n_undos > 0) {
		struct undo undo = run->undos[--run->n_undos];

		enum step_subject subject = step_class_of(undo.step)->subject;

		if (undone || subject == STEP_ON_HOST)
			undone &= undo_one(run, &undo, subject);
		free(undo.value);
	}
	return undone;
}

/* What failed first is what is said, not what failed while undoing it. */
static void fail(struct run *run, int error, struct apply_failure *failure)
{
	if (!run->trouble.message)
		trouble_set(&run->trouble, error, run->path[0] ? run->path : NULL,
			    "%s of %s failed: %s (%s)", step_kind_to_string(run->step),
			    run->plan->device, trouble_words(error), errno_name(error));
	failure->error = error;
	failure->step = run->step;
	failure->path = TAKE_PTR(run->trouble.path);
	failure->message = TAKE_PTR(run->trouble.message);
}

/* The region was made again, and got another name with its device. */
static void say_name(struct run *run, const char *name, struct apply_failure *failure)
{
	_cleanup_free_ char *before = failure->message;

	if (!run->name)
		failure->message = TAKE_PTR(before);
	else if (asprintf(&failure->message, "%s; %s is %s now, as its region was made again",
			  before ?: "", name, run->name) < 0)
		failure->message = TAKE_PTR(before);
}

static void run_finish(struct run *run)
{
	while (run->n_undos > 0)
		free(run->undos[--run->n_undos].value);
	free(run->undos);
	free(run->name);
	hold_close(&run->auto_online);
	trouble_done(&run->trouble);
}

int apply_device(struct applier *applier, const struct device_plan *plan,
		 struct apply_failure *failure)
{
	_cleanup_(run_finish) struct run run = {
		.applier = applier,
		.sysfs = applier->sysfs,
		.plan = plan,
		.auto_online = HOLD_INIT,
	};
	int r;

	*failure = (struct apply_failure){};
	r = check_plan(&run);
	if (r == 0)
		r = run_steps(&run);
	if (r < 0) {
		fail(&run, r, failure);
		failure->undone = undo_all(&run);
		say_name(&run, plan->device, failure);
	}
	offlined_end(&run, r == 0 || failure->undone || run.turned);
	region_work_end(&run, r == 0 || failure->undone);
	return r;
}

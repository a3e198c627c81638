/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_APPLY_APPLY_H
#define DAXTIER_APPLY_APPLY_H

/*
 * From a plan to the kernel. Each step: check the precondition, one write(2), read back, report. On
 * failure what this plan did is undone in reverse. Blocks: run it in a worker process.
 *
 * That process may be killed at any instant. What is not a device's own is recorded in run_dir
 * before it is changed (auto_online_blocks, drivers_autoprobe, an id on a driver's list), and the
 * restore functions put it back; a device that was left half-way is finished by the next plan.
 *
 * Two errors are not the kernel's: -EAGAIN, the device is no longer what was planned for, so make a
 * new plan; -EBADMSG, a record in run_dir makes no sense and is left for a person to look at.
 */

#include "model/plan.h"
#include "sysfs/sysfs.h"

enum apply_event {
	APPLY_STEP_BEGIN,
	APPLY_STEP_DONE,
	APPLY_STEP_SKIPPED, /* the precondition showed that there is nothing to do */
	APPLY_BLOCKS, /* blocks_done of blocks_total are online, or offline: as the step says */
	APPLY_UNDO,   /* a step was undone */
	APPLY_UNDO_FAILED,
};

struct apply_report {
	enum apply_event event;
	enum step_kind step;
	const char *path;    /* what was written to or looked at, "/sys/…"; may be NULL */
	const char *value;   /* what was written; may be NULL */
	int error;	     /* negative errno of APPLY_UNDO_FAILED */
	const char *message; /* more about it, for a person; may be NULL */
	const char *device;  /* of apply_restore_leftovers(): the plan's, whose leftovers they are;
				else NULL */
	size_t blocks_done, blocks_total;
};

/* Loading modules, so that a test need not have any. */
struct module_ops {
	/* 0 also when it is loaded or built in; -ENOENT: there is no such module. userdata is the
	 * applier's. */
	int (*load)(void *userdata, const char *name);
};
extern const struct module_ops module_kmod_ops; /* libkmod */

struct applier {
	struct sysfs *sysfs;
	const char *run_dir; /* where held values are recorded before they are changed:
				"/run/daxtierd" */
	const struct module_ops *modules;
	void (*report)(const struct apply_report *report, void *userdata);
	/*
	 * Whether a plan is to end before it is done: 0: go on; -ECANCELED: somebody asked for it;
	 * -ETIMEDOUT: its deadline has passed. Only steps that may take long ask. A write(2) of
	 * such a step is to be interrupted by a signal, again and again until this is asked, as one
	 * may come a moment before the write. Once it has answered so it is not asked again, and
	 * nothing may be interrupted any more: what was done is being undone. May be NULL.
	 */
	int (*stop)(void *userdata);
	void *userdata;
};

struct apply_failure {
	int error; /* the kernel's negative errno */
	enum step_kind step;
	char *path;    /* what it happened on; may be NULL */
	char *message; /* what failed, on what, why, and what to do; for a person */
	bool undone;   /* everything this plan had done was undone; memory that came online stays so
			*/
};

void apply_failure_done(struct apply_failure *failure);

/* 0, or a negative errno with *failure filled. */
int apply_device(struct applier *applier, const struct device_plan *plan,
		 struct apply_failure *failure);

/* What apply_claim() found. */
enum apply_claim_result {
	APPLY_CLAIM_TAKEN = 1, /* the kernel's drivers probed by themselves until now */
	APPLY_CLAIM_WAS_OFF, /* it read 0 already, by somebody else's decision: nothing was written
				or recorded, and nothing will be put back */
	APPLY_CLAIM_RESUMED, /* a record was there: of a claim that is in force, of one that a bus
				loaded anew has forgotten, or of a run that was killed */
};

/*
 * The bus-wide claim: drivers_autoprobe to 0, its old value recorded in run_dir first. Idempotent:
 * a record that is already there is kept, and 0 is written again where it does not read so.
 * Returns an apply_claim_result, or a negative errno. -ENOENT: the dax bus does not exist (no claim
 * is needed yet). Waits for a process that is loading a module for a plan.
 *
 * This function and those below run no step: what they have to say is reported as
 * STEP_RESTORE_AUTO_ONLINE with the path it is about, as APPLY_UNDO for what was put back,
 * APPLY_STEP_SKIPPED for what somebody else has changed since, so that it is left alone, and
 * APPLY_UNDO_FAILED.
 */
int apply_claim(struct applier *applier);

/*
 * Ends the claim: puts autoprobe back as it is recorded, and removes the record. A value that is
 * neither the recorded one nor ours is somebody else's, and stays. 0 also when nothing is recorded.
 * Does not wait for a process that holds auto_online_blocks, so it can be called while workers run;
 * only, as the claim does, for one that is loading a module.
 */
int apply_unclaim(struct applier *applier);

/*
 * Puts back everything that is recorded in run_dir: apply_restore_auto_online(), then
 * apply_unclaim(). Goes on after a failure and returns the first one. Used where no worker is left:
 * on stop, after a crash, and before a start.
 */
int apply_restore(struct applier *applier);

/*
 * All but the claim, after a worker died: apply_restore_attributes(), then
 * apply_restore_leftovers(). Goes on after a failure and returns the first one.
 */
int apply_restore_auto_online(struct applier *applier);

/*
 * What is of the whole host: auto_online_blocks, a device's name that was left on a driver's list
 * of ids, and autoprobe where it was held for the loading of a module. A few writes. Takes the same
 * locks as the workers, so it waits for a running one, for as long as its bind takes.
 */
int apply_restore_attributes(struct applier *applier);

/*
 * What is of one device: memory that was taken offline, each block into the zone that it had, and a
 * region that was left half-way. May take as long as a plan that does so. What could not be put
 * back stays recorded, and is worth another try later.
 */
int apply_restore_leftovers(struct applier *applier);

/* What is recorded of plans that did not end, while none runs. */
struct apply_leftovers {
	char *device;	 /* whose memory is to be put back; NULL: nobody's */
	size_t blocks;	 /* of it: as many as were taken offline, or were left by the last try */
	char *region_of; /* the first memdev of a region that is to be taken apart; NULL: none is */
};

void apply_leftovers_done(struct apply_leftovers *leftovers);

/* 1: there is something, 0: there is not, or a negative errno. Waits for nothing. */
int apply_leftovers_read(const char *run_dir, struct apply_leftovers *ret);

#endif

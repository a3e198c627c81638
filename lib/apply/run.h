/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_APPLY_RUN_H
#define DAXTIER_APPLY_RUN_H

/* One plan while it is being applied: what its steps share. */

#include <limits.h>

#include "apply/apply.h"
#include "apply/hold.h"
#include "apply/trouble.h"

struct run;
struct offlined_lock;
struct region_work;

/* What a step has done, so that it can be undone. */
struct undo {
	enum step_kind step;
	int (*function)(struct run *run, const struct undo *undo);
	char *value; /* what was there before */
};

struct run {
	struct applier *applier;
	struct sysfs *sysfs;
	const struct device_plan *plan;
	struct device_plan followed; /* plan, when its device goes by another name now */
	char *name;		     /* that name; NULL: it does not */
	bool turned;		     /* what it took offline is on its way into another zone */
	bool region_undone;	     /* the device's region was taken apart, and is there again */
	enum step_kind step;	     /* being done or undone */
	char path[PATH_MAX];	     /* of its last write, no leading slash; "": none yet */
	const char *value;	     /* of its last write */
	struct trouble trouble;
	struct undo *undos; /* in the order in which they were done */
	size_t n_undos;
	struct hold auto_online;
	bool undoing;
	char region[32];	     /* that this plan made; "": none yet */
	char number[24];	     /* a value that was written, as text */
	struct region_work *regions; /* NULL: this plan has changed no region (region-record.h) */
	struct offlined_lock *offlined; /* NULL: this plan has taken nothing offline (offlined.h) */
};

/* What a step returns, when it does not fail. */
enum {
	RUN_DONE,
	RUN_SKIPPED, /* the precondition showed that there is nothing to do */
};

/* Tells whoever applies; message may be NULL. */
void run_report(struct run *run, enum apply_event event, int error, const char *message);
void run_report_blocks(struct run *run, size_t done, size_t total);

/* The same of what is put back for a process that was killed. device: whose it is, or NULL. */
void restore_report(struct applier *applier, const char *device, enum apply_event event, int error,
		    const struct trouble *trouble);

/*
 * Remembers how to undo the step, before it does anything: what it did is then seen by looking, so
 * that a write of which nobody knows whether it took effect is undone as well. value is copied.
 */
int run_push_undo(struct run *run, int (*function)(struct run *, const struct undo *),
		  const char *value);

/* Where the next write goes to. */
void run_at(struct run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One write to that path; raw errno, the caller explains. value must outlive the step. */
int run_write(struct run *run, const char *value);

/* trouble_set() for the path of the last run_at(). */
#define run_fail(run, error, ...) trouble_set(&(run)->trouble, error, (run)->path, __VA_ARGS__)

/*
 * Between two writes of what may take long: 0, or why the plan is to end here (-ECANCELED,
 * -ETIMEDOUT), with the words for it. Never while something is undone.
 */
int run_check_stop(struct run *run);

/* Facts of the device, read anew; what fails is said. */
int run_read_driver(struct run *run, char **ret); /* NULL: unbound */
int run_read_blocks(struct run *run, struct memory_block **ret, size_t *ret_n);

/* -ENODEV with the words for it. */
int run_gone(struct run *run);

#endif

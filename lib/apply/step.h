/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_APPLY_STEP_H
#define DAXTIER_APPLY_STEP_H

/*
 * The steps, one function each: check, one write, read back. Each returns RUN_DONE, RUN_SKIPPED or
 * a negative errno with run->trouble filled, and has pushed how to undo itself before its first
 * write. value is the step's (see plan.h); where it may not be NULL, the caller has seen to that.
 */

#include "apply/run.h"

/* On what a step acts, which tells what has to be there before it is undone. */
enum step_subject {
	STEP_ON_DEVICE,
	STEP_ON_HOST,	/* undone in any case */
	STEP_ON_REGION, /* decoders and regions, which have no dax device (yet, or any more) */
};

/* What the interpreter of plans knows of a kind of step. */
struct step_class {
	int (*run)(struct run *run, const char *value);
	bool (*is_value)(const char *value); /* asked when there is one */
	bool optional;			     /* there need not be a value */
	enum step_subject subject;
};

/* For steps without a value. */
bool step_takes_nothing(const char *value);

/*
 * Of a kind of its own family each; NULL: of another. release.c: offline-blocks and unplug;
 * region.c: all that make regions or take them apart.
 */
const struct step_class *release_step_class(enum step_kind kind);
const struct step_class *region_step_class(enum step_kind kind);

int step_load_module(struct run *run, const char *module);
int step_unbind_driver(struct run *run, const char *driver);
int step_set_memmap(struct run *run, const char *value);
int step_hold_auto_online(struct run *run, const char *policy);
int step_bind_kmem(struct run *run, const char *value);
int step_restore_auto_online(struct run *run, const char *value);
int step_online_blocks(struct run *run, const char *how);
int step_verify(struct run *run, const char *zone);
int step_bind_devdax(struct run *run, const char *value);
int step_probe_default(struct run *run, const char *value);

#endif

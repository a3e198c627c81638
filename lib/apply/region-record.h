/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_APPLY_REGION_RECORD_H
#define DAXTIER_APPLY_REGION_RECORD_H

/*
 * A region that is being made or taken apart, written down in the run directory before each thing
 * that is done to it: a process that is killed in the middle leaves capacity and addresses taken
 * that nothing else tells to be ours, for a region without a driver looks the same when another
 * agent is at work on it. The record is there until the plan ends, and the lock that goes with it
 * is held as long: one plan at a time.
 *
 * What is recorded and not enabled is taken apart, whichever way the plan was going: making it is
 * begun anew by the next plan, and its end was asked for.
 */

#include "apply/run.h"

#define REGION_RECORD "region"

/* The open run directory with the lock taken. */
struct region_work {
	int dir_fd, lock_fd;
	size_t n_taken; /* so many of the plan's targets, from the first, hold capacity for it */
};

/*
 * Records what there is of the plan: its first n_taken targets, the steps that were begun, and
 * run->region or the plan's; none while an undo has yet to make it. What a killed process has left
 * is taken apart first. 0, or a negative errno, said.
 */
int region_work_record(struct run *run, size_t n_taken);

/* At the end of a plan: removes the record if clean, and releases the lock in any case. */
void region_work_end(struct run *run, bool clean);

/*
 * Takes apart what a process has left that was killed; reported as the restore functions of apply.h
 * do. 0, also when nothing is recorded.
 */
int region_work_restore(struct applier *applier);

/* 1: something is recorded, of this memdev (the first one) or device; 0: nothing; or a negative
 * errno. */
int region_work_owner(int dir_fd, char **ret);

#endif

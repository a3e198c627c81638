/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "apply/put-back.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apply/block-zone.h"
#include "apply/device.h"
#include "apply/driver.h"
#include "apply/online.h"
#include "base/cleanup.h"
#include "base/errno-util.h"
#include "sysfs/block.h"

/* About so many progress reports, whatever the number of blocks. */
#define REPORTS 100

struct put_back {
	struct run *run;
	const struct offlined *was;
	struct memory_block *now; /* all blocks of the device */
	size_t n;
	size_t put, failed;
	int error;		/* of the first that failed */
	struct trouble trouble; /* likewise */
};

static void put_back_done(struct put_back *back)
{
	free(back->now);
	trouble_done(&back->trouble);
}

static const char *word_for(enum zone zone)
{
	return zone == ZONE_MOVABLE ? "online_movable" : "online_kernel";
}

static int compare_number(const void *a, const void *b)
{
	const struct memory_block *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

static struct memory_block *find_now(const struct put_back *back, uint64_t number)
{
	struct memory_block key = {.number = number};

	return back->n == 0 ? NULL : bsearch(&key, back->now, back->n, sizeof(key), compare_number);
}

static size_t count_now(const struct put_back *back, enum block_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < back->n; i++)
		n += back->now[i].state == state;
	return n;
}

static void remember_failure(struct put_back *back, uint64_t number, int error, const char *why)
{
	/* One that is online, if elsewhere, is worth less to tell than one that is not. */
	if (back->failed++ > 0 && (back->error != -EEXIST || error == -EEXIST))
		return;
	back->error = error;
	trouble_set(&back->trouble, error, back->run->path, "memory%" PRIu64 " (%s): %s", number,
		    errno_name(error), why);
}

/* EINVAL is also the answer when somebody else was faster. */
static void put_back_block(struct put_back *back, const struct memory_block *was,
			   struct memory_block *now)
{
	struct run *run = back->run;
	int r, q;

	run_at(run, "sys/devices/system/memory/memory%" PRIu64 "/state", was->number);
	r = run_write(run, word_for(was->zone));
	q = memory_block_read(run->sysfs, was->number, now);
	if (q == 0 && now->state == BLOCK_ONLINE && now->zone == was->zone)
		back->put++;
	else if (r < 0)
		remember_failure(back, was->number, r, online_explain(r));
	else if (q < 0)
		remember_failure(back, was->number, q, "its state cannot be read");
	else if (now->state == BLOCK_ONLINE)
		remember_failure(back, was->number, -EEXIST, "it came online in another zone");
	else
		remember_failure(back, was->number, -EIO,
				 "the kernel reported no error, but it is not online");
}

static void put_back_each(struct put_back *back)
{
	const struct offlined *was = back->was;
	size_t every = was->n / REPORTS + 1;

	for (size_t i = 0; i < was->n; i++) {
		struct memory_block *now = find_now(back, was->blocks[i].number);

		if (!now || now->state == BLOCK_ABSENT) {
			run_at(back->run, "sys/devices/system/memory/memory%" PRIu64,
			       was->blocks[i].number);
			remember_failure(back, was->blocks[i].number, -EIO,
					 "it is not there any more");
		} else if (now->state == BLOCK_OFFLINE) {
			put_back_block(back, &was->blocks[i], now);
		} else if (now->state == BLOCK_ONLINE && now->zone != was->blocks[i].zone) {
			remember_failure(back, was->blocks[i].number, -EEXIST,
					 "somebody else brought it online, in another zone");
		}
		if ((i + 1) % every == 0 || i + 1 == was->n)
			run_report_blocks(back->run, count_now(back, BLOCK_OFFLINE), back->n);
	}
}

/* All blocks of the device were online, and the attribute says in a word how. */
static bool was_online_by_its_state(const struct put_back *back)
{
	const struct offlined *was = back->was;

	if (!was->state || was->n != back->n ||
	    (strcmp(was->state, "online_movable") != 0 &&
	     strcmp(was->state, "online_kernel") != 0 && strcmp(was->state, "online") != 0))
		return false;
	for (size_t i = 0; i < was->n; i++)
		if (strcmp(was->state, "online_movable") == 0
			    ? was->blocks[i].zone != ZONE_MOVABLE
			    : !zone_is(was->blocks[i].zone, "kernel"))
			return false;
	return true;
}

/*
 * Unplugged through its attribute (7.3). The same way back where the attribute has a word for what
 * was there; else through another bind, after which the blocks are there and offline.
 */
static int replug(struct put_back *back)
{
	struct run *run = back->run;
	int r;

	r = driver_kmem_is_unplugged(run);
	if (r == 0 || r == -ENOENT)
		return run_fail(run, -EIO,
				"%s is bound to kmem, but none of its blocks is there, so its "
				"memory cannot be brought back online; the kernel's log says why",
				run->plan->device);
	if (r < 0)
		return r;
	if (was_online_by_its_state(back)) {
		run_at(run, "sys/bus/dax/devices/%s/state", run->plan->device);
		r = run_write(run, back->was->state);
		if (r < 0)
			return run_fail(run, r,
					"the memory of %s cannot be plugged in again (%s): %s",
					run->plan->device, errno_name(r), online_explain(r));
	} else {
		r = driver_unbind(run, "kmem");
		if (r == 0)
			r = driver_bind_kmem_offline(run);
		if (r < 0)
			return r;
	}
	free(back->now);
	back->now = NULL;
	return run_read_blocks(run, &back->now, &back->n);
}

/*
 * A conversion that has taken everything offline and was bringing it online in its new zone: the
 * way on is shorter than the way back, and needs nothing taken offline again.
 */
static bool is_past_the_turn(const struct put_back *back)
{
	const struct device_plan *plan = &back->was->plan;
	const char *zone = plan->zone == TARGET_ZONE_MOVABLE ? "Movable" : "kernel";
	bool turned = false;

	if (plan->purpose != PLAN_CONFIGURE)
		return false;
	for (size_t i = 0; i < back->was->n; i++) {
		const struct memory_block *was = &back->was->blocks[i];
		const struct memory_block *now = find_now(back, was->number);

		if (!now || now->state != BLOCK_ONLINE)
			continue;
		if (now->zone == was->zone)
			return false;
		turned |= zone_is(now->zone, zone);
	}
	return turned;
}

static int finish(struct put_back *back)
{
	if (back->failed > 0)
		return trouble_set(&back->run->trouble, back->error, back->trouble.path,
				   "%zu of %zu blocks of %s that were taken offline could not be "
				   "brought back online; the first is %s",
				   back->failed, back->was->n, back->was->plan.device,
				   back->trouble.message ?: "?");
	return back->put > 0 ? RUN_DONE : RUN_SKIPPED;
}

int put_back(struct run *run, const struct offlined *offlined)
{
	_cleanup_(put_back_done) struct put_back back = {.run = run, .was = offlined};
	int r;

	r = driver_check_kmem(run);
	if (r == 0)
		r = run_read_blocks(run, &back.now, &back.n);
	if (r < 0)
		return r;
	if (back.n > 0 && count_now(&back, BLOCK_ABSENT) == back.n) {
		r = replug(&back);
		if (r < 0)
			return r;
		back.put++; /* and those that came online with it are no more to do */
	}
	if (is_past_the_turn(&back))
		return run_fail(run, -EEXIST,
				"%s is partly online in its new zone, so it is left for the next "
				"plan to finish",
				run->plan->device);
	put_back_each(&back);
	return finish(&back);
}

int put_back_undo(struct run *run, const struct undo *undo)
{
	_cleanup_(offlined_done) struct offlined offlined = {};
	int r;

	r = offlined_from_text(undo->value, &offlined);
	if (r == 0)
		r = put_back(run, &offlined);
	if (r == -EEXIST)
		run->turned = true;
	return r;
}

/*
 * Where the device is not bound to kmem, or not the same any more, there is nothing to put back: a
 * process was killed after it had unbound it, or the device has left since.
 */
static int restore_device(struct applier *applier, const struct offlined *offlined)
{
	struct applier silent = *applier;
	struct run run = {
		.applier = &silent,
		.sysfs = applier->sysfs,
		.plan = &offlined->plan,
		.step = STEP_OFFLINE_BLOCKS,
		.auto_online = HOLD_INIT,
		.undoing = true,
	};
	int r;

	silent.report = NULL;
	r = device_find(&run);
	if (r == 0)
		r = driver_check_kmem(&run);
	if (r == 0)
		r = put_back(&run, offlined);
	else if (r == -ENODEV || r == -EAGAIN)
		r = RUN_SKIPPED;
	if (r == RUN_DONE) {
		trouble_set(&run.trouble, 0, "sys/devices/system/memory",
			    "what was taken offline of %s is online again as it was",
			    offlined->plan.device);
		restore_report(applier, offlined->plan.device, APPLY_UNDO, 0, &run.trouble);
	} else if (r == -EEXIST) {
		restore_report(applier, offlined->plan.device, APPLY_STEP_SKIPPED, 0, &run.trouble);
		r = 0;
	} else if (r < 0) {
		restore_report(applier, offlined->plan.device, APPLY_UNDO_FAILED, r, &run.trouble);
	}
	free(run.name);
	hold_close(&run.auto_online);
	trouble_done(&run.trouble);
	return r < 0 ? r : 0;
}

int put_back_restore_locked(struct applier *applier, const struct offlined_lock *lock)
{
	_cleanup_(trouble_done) struct trouble trouble = {};
	_cleanup_(offlined_done) struct offlined offlined = {};
	int r, q;

	r = offlined_read(lock, applier->run_dir, &offlined, &trouble);
	if (r < 0)
		restore_report(applier, NULL, APPLY_UNDO_FAILED, r, &trouble);
	if (r <= 0)
		return r;
	r = restore_device(applier, &offlined);
	q = r < 0 ? offlined_keep_left(lock, applier, &offlined, &trouble)
		  : offlined_remove(lock, applier->run_dir, &trouble);
	if (q < 0)
		restore_report(applier, NULL, APPLY_UNDO_FAILED, q, &trouble);
	return r < 0 ? r : q;
}

int put_back_restore(struct applier *applier)
{
	_cleanup_(trouble_done) struct trouble trouble = {};
	_cleanup_(offlined_unlock) struct offlined_lock lock = OFFLINED_LOCK_INIT;
	int r;

	r = offlined_lock_existing(applier->run_dir, &lock, &trouble);
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		restore_report(applier, NULL, APPLY_UNDO_FAILED, r, &trouble);
	return r < 0 ? r : put_back_restore_locked(applier, &lock);
}

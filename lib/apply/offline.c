/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Taking a device's memory offline, block by block. */
#include "apply/offline.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "apply/device.h"
#include "apply/driver.h"
#include "apply/offlined.h"
#include "apply/put-back.h"
#include "base/cleanup.h"
#include "base/errno-util.h"
#include "sysfs/block.h"

#define BLOCK_DIR "sys/devices/system/memory/memory%" PRIu64

/* About so many progress reports, whatever the number of blocks. */
#define REPORTS 100

/* Without a deadline: what is in the way then is there to stay. */
#define ROUNDS 3

/* Between two rounds; longer from round to round. */
#define PAUSE_FIRST_MSEC 50
#define PAUSE_LAST_MSEC	 1000

/* A signal that is none of ours ends a write as well; one after the other would be no way on. */
#define INTERRUPTS_MAX 100

/* So many blocks are named; the rest is a number. */
#define NAMED 4

struct offline {
	struct run *run;
	struct memory_block *blocks; /* all of the device */
	int *errors;		     /* of the last try of each; 0: none yet */
	size_t n;
	size_t done, told;	   /* blocks that are not online (any more) */
	size_t done_before;	   /* of those, when it began */
	double began, block_began; /* seconds of some clock */
};

static double seconds_now(void)
{
	struct timespec now = {};

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void offline_done(struct offline *offline)
{
	free(offline->blocks);
	free(offline->errors);
}

bool offline_may_pass(int error)
{
	return error == -EBUSY || error == -EAGAIN || error == -EINTR || error == -ENOMEM;
}

/*
 * After a round in which something was in the way: waits a little, and whether there is to be
 * another, which is as long as the plan's deadline lasts; a few where it has none. -ECANCELED,
 * -ETIMEDOUT: the plan is to end.
 */
static int offline_next_round(struct run *run, unsigned round)
{
	unsigned msec = PAUSE_FIRST_MSEC * (round + 1);
	struct timespec pause;
	int r;

	if (run->plan->deadline_usec == 0 || !run->applier->stop)
		if (round + 1 >= ROUNDS)
			return 0;
	if (msec > PAUSE_LAST_MSEC)
		msec = PAUSE_LAST_MSEC;
	pause.tv_sec = msec / 1000;
	pause.tv_nsec = (long)(msec % 1000) * 1000000;
	nanosleep(&pause, NULL); /* a signal ends it, and that is as well */
	r = run_check_stop(run);
	return r < 0 ? r : 1;
}

int offline_write(struct run *run, const char *value)
{
	run->value = value;
	return sysfs_write(run->sysfs, value, "%s", run->path);
}

static bool is_online(const struct memory_block *block)
{
	return block->state == BLOCK_ONLINE || block->state == BLOCK_GOING_OFFLINE;
}

static void tell(struct offline *offline, bool whole)
{
	size_t every = offline->n / REPORTS + 1;

	if (offline->done == offline->told || (!whole && offline->done - offline->told < every))
		return;
	offline->told = offline->done;
	run_report_blocks(offline->run, offline->done, offline->n);
}

/*
 * One block. -ECANCELED and -ETIMEDOUT are of the plan; all else is the kernel's about the block.
 * EINVAL is also its answer when the block is offline already, by somebody else.
 */
static int offline_block(struct offline *offline, size_t index)
{
	struct memory_block *block = &offline->blocks[index];
	struct run *run = offline->run;
	int r = -EINTR, q;

	run_at(run, BLOCK_DIR "/state", block->number);
	offline->block_began = seconds_now();
	for (int i = 0; r == -EINTR && i < INTERRUPTS_MAX; i++) {
		r = run_check_stop(run);
		if (r < 0)
			return r;
		r = offline_write(run, "offline");
		offline->errors[index] = r;
	}
	q = memory_block_read(run->sysfs, block->number, block);
	if (q < 0)
		return r < 0 ? r : q;
	if (!is_online(block)) {
		offline->done++;
		return 0;
	}
	return r < 0 ? r : -EAGAIN; /* somebody else brought it online again */
}

/* The newest first: what was plugged in last is used least. */
static int offline_round(struct offline *offline, size_t *ret_left)
{
	size_t left = 0;
	int r;

	for (size_t i = offline->n; i-- > 0;) {
		if (!is_online(&offline->blocks[i]))
			continue;
		r = offline_block(offline, i);
		if (r == -ECANCELED || r == -ETIMEDOUT)
			return r;
		offline->errors[i] = r;
		if (r < 0 && !offline_may_pass(r))
			return r;
		left += r < 0;
		tell(offline, false);
	}
	*ret_left = left;
	return 0;
}

/* "memory35 (Movable): EBUSY". The attribute "removable" tells nothing: it is the same for all. */
static char *name_block(const struct offline *offline, size_t i)
{
	const struct memory_block *block = &offline->blocks[i];
	char *text;

	if (asprintf(&text, "memory%" PRIu64 " (%s): %s", block->number,
		     zone_to_string(block->zone),
		     offline->errors[i] < 0 ? errno_name(offline->errors[i]) : "not tried") < 0)
		return NULL;
	return text;
}

/* The blocks that are still online: those first that were tried. */
static char *name_blocks(const struct offline *offline, size_t *ret_n)
{
	_cleanup_free_ char *list = NULL;
	size_t n = 0;

	for (int tried = 1; tried >= 0; tried--)
		for (size_t i = offline->n; i-- > 0;) {
			_cleanup_free_ char *name = NULL;
			char *longer;

			if (!is_online(&offline->blocks[i]) ||
			    (offline->errors[i] < 0) != (tried == 1) || n++ >= NAMED)
				continue;
			name = name_block(offline, i);
			if (!name ||
			    asprintf(&longer, "%s%s%s", list ?: "", list ? ", " : "", name) < 0)
				continue;
			free(list);
			list = longer;
		}
	*ret_n = n;
	return TAKE_PTR(list);
}

/* The kernel said so of one that is online still. */
static const struct memory_block *find_error(const struct offline *offline, int error)
{
	for (size_t i = 0; i < offline->n; i++)
		if (offline->errors[i] == error && is_online(&offline->blocks[i]))
			return &offline->blocks[i];
	return NULL;
}

static bool has_refused(const struct offline *offline)
{
	for (size_t i = 0; i < offline->n; i++)
		if (offline->errors[i] < 0 && offline->errors[i] != -EINTR &&
		    is_online(&offline->blocks[i]))
			return true;
	return false;
}

/* What is known of what is in the way. The kernel does not say which page it is, or whose. */
static const char *explain(const struct offline *offline, int error)
{
	if (!offline_may_pass(error) && error != -ETIMEDOUT && error != -ECANCELED)
		return trouble_words(error);
	for (size_t i = 0; i < offline->n; i++)
		if (offline->errors[i] == -EBUSY && offline->blocks[i].state == BLOCK_ONLINE &&
		    offline->blocks[i].zone != ZONE_MOVABLE)
			return "in a zone of the kernel there is memory that cannot be moved, and "
			       "only a boot takes it from there; zone = movable keeps it out";
	if (find_error(offline, -EBUSY))
		return "pages that are pinned, by RDMA, VFIO or direct I/O, cannot be moved; stop "
		       "what uses the node and try again";
	if (find_error(offline, -ENOMEM))
		return "there is not enough memory free elsewhere for what is in them; stop "
		       "something, and try again";
	return "something else changes memory at the same time; try again";
}

/* A block that takes so much longer than the others is likely to have a page in it that is pinned:
 * the kernel then tries without end, and does not say so. */
static bool is_stuck_at_last(const struct offline *offline, double took, double others)
{
	size_t fresh = offline->done - offline->done_before;

	return took >= 1.0 && (fresh == 0 || took > 3.0 * others / (double)fresh);
}

/* Nothing was in the way that is known of, but time. */
static int explain_slow(struct offline *offline, int error)
{
	_cleanup_free_ char *why = TAKE_PTR(offline->run->trouble.message);
	const struct memory_block *last = find_error(offline, -EINTR);
	size_t left = offline->n - offline->done, fresh = offline->done - offline->done_before;
	double now = seconds_now(), last_took = last ? now - offline->block_began : 0;
	double others = now - offline->began - last_took;
	char rest[64] = "", trying[96] = "";

	if (last)
		snprintf(trying, sizeof(trying),
			 "; memory%" PRIu64 " (%s) had been tried for %.1f s", last->number,
			 zone_to_string(last->zone), last_took);
	if (fresh > 0)
		snprintf(rest, sizeof(rest), "; at this pace the rest takes %.1f s more",
			 others / (double)fresh * (double)left);
	return run_fail(offline->run, error,
			"%s%s%zu of %zu blocks of %s were offline after %.1f s, and none had "
			"refused%s%s (%s)",
			why ?: "", why ? ": " : "", offline->done, offline->n,
			offline->run->plan->device, now - offline->began, trying,
			last && is_stuck_at_last(offline, last_took, others)
				? "; a page that is pinned, by RDMA, VFIO or direct I/O, keeps the "
				  "kernel trying"
				: rest,
			errno_name(error));
}

static int explain_left(struct offline *offline, int error)
{
	_cleanup_free_ char *list = NULL, *why = NULL;
	struct run *run = offline->run;
	char more[48] = "";
	size_t n = 0;

	if ((error == -ETIMEDOUT || error == -ECANCELED) && !has_refused(offline))
		return explain_slow(offline, error);
	why = TAKE_PTR(run->trouble.message);
	list = name_blocks(offline, &n);
	if (n > NAMED)
		snprintf(more, sizeof(more), " and %zu more", n - NAMED);
	return run_fail(run, error, "%s%s%zu of %zu blocks of %s did not go offline: %s%s; %s (%s)",
			why ?: "", why ? ": " : "", n, offline->n, run->plan->device, list ?: "?",
			more, explain(offline, error), errno_name(error));
}

static int explain_gone(struct offline *offline, int error)
{
	return run_fail(offline->run, error,
			"blocks of %s were removed while they were taken offline (%s)",
			offline->run->plan->device, errno_name(error));
}

static int first_error(const struct offline *offline)
{
	for (size_t i = offline->n; i-- > 0;)
		if (offline->errors[i] < 0 && is_online(&offline->blocks[i]))
			return offline->errors[i];
	return -EBUSY;
}

/*
 * What is in the way of one block is often gone a moment later, and seldom in the way of the
 * others, so it is passed over and tried again after them.
 */
static int offline_all(struct offline *offline)
{
	struct run *run = offline->run;
	size_t left = 0;
	int r;

	for (unsigned round = 0;; round++) {
		r = offline_round(offline, &left);
		if (r == 0 && left == 0)
			return 0;
		if (r == 0)
			r = offline_next_round(run, round);
		if (r == 0)
			r = first_error(offline);
		if (r < 0)
			return errno_classify(r) == ERRNO_CLASS_GONE ? explain_gone(offline, r)
								     : explain_left(offline, r);
	}
}

/* Such a block is in two zones at once, and the kernel takes none offline that is. */
static int check_zones(struct run *run, const struct memory_block *blocks, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (blocks[i].state == BLOCK_ONLINE && blocks[i].zone == ZONE_NONE)
			return run_fail(run, -EINVAL,
					"memory%" PRIu64 " of %s is online in more than one zone, "
					"and the kernel takes no such block offline (EINVAL)",
					blocks[i].number, run->plan->device);
	return 0;
}

int offline_prepare(struct run *run, const char *state, struct memory_block **ret, size_t *ret_n)
{
	_cleanup_free_ struct memory_block *blocks = NULL;
	_cleanup_free_ char *record = NULL;
	size_t n = 0, online = 0;
	int r;

	r = device_check(run);
	if (r == 0)
		r = driver_check_kmem(run);
	if (r == 0) {
		run_at(run, "sys/devices/system/memory");
		r = run_read_blocks(run, &blocks, &n);
	}
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		online += is_online(&blocks[i]);
	if (online == 0) {
		run_report_blocks(run, n, n);
		return RUN_SKIPPED;
	}
	r = check_zones(run, blocks, n);
	if (r == 0)
		r = offlined_record(run, blocks, n, state, &record);
	if (r == 0)
		r = run_push_undo(run, put_back_undo, record);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(blocks);
	*ret_n = n;
	return RUN_DONE;
}

int offline_each(struct run *run, struct memory_block *blocks, size_t n)
{
	_cleanup_(offline_done) struct offline offline = {.run = run, .blocks = blocks, .n = n};
	int r;

	offline.errors = calloc(n ?: 1, sizeof(*offline.errors));
	if (!offline.errors)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		offline.done += !is_online(&blocks[i]);
	offline.done_before = offline.done;
	offline.began = seconds_now();
	offline.told = SIZE_MAX;
	tell(&offline, true);
	r = offline_all(&offline);
	tell(&offline, true);
	return r;
}

int step_offline_blocks(struct run *run, const char *value)
{
	struct memory_block *blocks = NULL;
	size_t n = 0;
	int r;

	r = offline_prepare(run, NULL, &blocks, &n);
	return r != RUN_DONE ? r : offline_each(run, blocks, n);
}

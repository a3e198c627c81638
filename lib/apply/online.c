/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "apply/attribute.h"
#include "apply/block-zone.h"
#include "apply/device.h"
#include "apply/driver.h"
#include "apply/online.h"
#include "apply/step.h"
#include "base/cleanup.h"
#include "base/errno-util.h"
#include "sysfs/block.h"

#define BLOCK_STATE "sys/devices/system/memory/memory%llu/state"

/* About so many progress reports, whatever the number of blocks. */
#define REPORTS 100

/* The blocks of the device while they are brought online. */
struct online {
	struct run *run;
	const char *how;  /* "online_movable", "online_kernel" */
	const char *zone; /* where that leads, for zone_is() */
	struct memory_block *blocks;
	size_t n, done;
	size_t failed;
	struct trouble trouble; /* of the first that failed */
	int error;
};

static void online_done(struct online *online)
{
	free(online->blocks);
	trouble_done(&online->trouble);
}

const char *online_explain(int error)
{
	switch (error) {
	case -EINVAL:
		return "the kernel does not allow that zone for it, see its valid_zones";
	case -ENOMEM:
		return "there is not enough free memory for what the kernel keeps about it; free "
		       "memory and try again";
	case -EHWPOISON:
		return "it has bad pages; it stays offline, replace the device";
	case -EBUSY:
		return "something is changing memory at the same time; try again";
	case -ENOENT:
	case -ENODEV:
		return "it was removed meanwhile";
	default:
		return trouble_words(error);
	}
}

static int online_fail(struct online *online, const struct memory_block *block, int error,
		       const char *why)
{
	if (online->failed++ > 0)
		return error;
	online->error = error;
	return trouble_set(&online->trouble, error, online->run->path,
			   "memory%llu of %s cannot be brought online with \"%s\" (%s): %s",
			   (unsigned long long)block->number, online->run->plan->device,
			   online->how, errno_name(error), why);
}

/* EINVAL is also the answer when somebody else was faster, and then it may be as good. */
static int online_block(struct online *online, struct memory_block *block)
{
	struct run *run = online->run;
	int r, q;

	run_at(run, BLOCK_STATE, (unsigned long long)block->number);
	r = run_write(run, online->how);
	q = memory_block_read(run->sysfs, block->number, block);
	if (r < 0 && !(r == -EINVAL && q == 0 && block->state == BLOCK_ONLINE))
		return online_fail(online, block, r, online_explain(r));
	if (q < 0)
		return online_fail(online, block, q, "its state cannot be read");
	if (block->state != BLOCK_ONLINE)
		return online_fail(online, block, -EAGAIN,
				   "it was, and is offline again: something else changes memory at "
				   "the same time");
	if (!zone_is(block->zone, online->zone))
		return online_fail(online, block, -EEXIST,
				   "somebody else brought it online, in another zone");
	online->done++;
	return 0;
}

/* Where the next block would fare no better. */
static bool is_hopeless(int error)
{
	return error == -ENOMEM || errno_classify(error) == ERRNO_CLASS_GONE || error == -EINTR ||
	       error == -EACCES || error == -EPERM || error == -EROFS;
}

/* Bad memory in one block is no reason to leave the others offline. */
static void online_each(struct online *online)
{
	size_t every = online->n / REPORTS + 1, last = online->done;
	int r;

	for (size_t i = 0; i < online->n; i++) {
		if (online->blocks[i].state != BLOCK_OFFLINE)
			continue;
		r = online_block(online, &online->blocks[i]);
		if (r < 0 && is_hopeless(r))
			break;
		if (online->done - last >= every) {
			run_report_blocks(online->run, online->done, online->n);
			last = online->done;
		}
	}
	if (online->done != last || online->done == online->n)
		run_report_blocks(online->run, online->done, online->n);
}

/*
 * The device's own attribute state (7.3) brings all of it online at once, but only from
 * "unplugged", that is when no block is there; in any other state it answers EBUSY, and what it
 * reads is a memory of the last write to it.
 */
static int online_unplugged(struct online *online)
{
	struct run *run = online->run;
	_cleanup_free_ char *state = NULL;
	int r;

	run_at(run, "sys/bus/dax/devices/%s/state", run->plan->device);
	r = sysfs_read_string(run->sysfs, &state, "%s", run->path);
	if (r == -ENOENT)
		return run_fail(run, -EAGAIN,
				"%s is bound to kmem, but none of its blocks is there; it is "
				"planned anew",
				run->plan->device);
	if (r < 0)
		return trouble_read(&run->trouble, r, run->path);
	r = run_write(run, online->how);
	if (r < 0)
		return run_fail(
			run, r,
			"the memory of %s cannot be brought online through its state, which "
			"reads \"%s\" (%s): %s",
			run->plan->device, state, errno_name(r), online_explain(r));
	run_report_blocks(run, online->n, online->n);
	return attribute_check(run->sysfs, run->path, online->how, &run->trouble);
}

static int finish(struct online *online)
{
	struct run *run = online->run;

	if (online->failed == 0)
		return RUN_DONE;
	if (online->failed == 1) {
		trouble_done(&run->trouble);
		run->trouble = online->trouble;
		online->trouble = (struct trouble){};
		return online->error;
	}
	return trouble_set(&run->trouble, online->error, online->trouble.path,
			   "%zu of %zu blocks of %s are online; the first that is not: %s",
			   online->done, online->n, run->plan->device,
			   online->trouble.message ?: "");
}

/* Nothing to undo: memory that is online is in use, and taking it offline may never end. */
int step_online_blocks(struct run *run, const char *how)
{
	_cleanup_(online_done) struct online online = {.run = run, .how = how};
	size_t offline = 0, absent = 0;
	int r;

	online.zone = strcmp(how, "online_movable") == 0 ? "Movable" : "kernel";
	r = device_check(run);
	if (r == 0)
		r = driver_check_kmem(run);
	if (r < 0)
		return r;
	r = run_read_blocks(run, &online.blocks, &online.n);
	if (r < 0)
		return r;
	for (size_t i = 0; i < online.n; i++) {
		offline += online.blocks[i].state == BLOCK_OFFLINE;
		absent += online.blocks[i].state == BLOCK_ABSENT;
		online.done += online.blocks[i].state == BLOCK_ONLINE;
	}
	if (online.n > 0 && absent == online.n)
		return online_unplugged(&online);
	if (offline == 0) {
		run_report_blocks(run, online.done, online.n);
		return RUN_SKIPPED;
	}
	online_each(&online);
	return finish(&online);
}

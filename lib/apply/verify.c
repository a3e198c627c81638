/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "apply/block-zone.h"
#include "apply/device.h"
#include "apply/driver.h"
#include "apply/step.h"
#include "base/cleanup.h"
#include "base/format.h"

/* So many blocks are named; the rest is a number. */
#define NAMED 3

/* Blocks that are not as they should be, for one message. */
struct astray {
	char text[NAMED * 64];
	size_t n;
};

static void astray_add(struct astray *astray, const struct memory_block *block, const char *what)
{
	size_t used = strlen(astray->text);

	if (astray->n++ < NAMED)
		snprintf(astray->text + used, sizeof(astray->text) - used, "%smemory%llu is %s",
			 used ? ", " : "", (unsigned long long)block->number, what);
	else if (astray->n == NAMED + 1)
		snprintf(astray->text + used, sizeof(astray->text) - used, ", …");
}

static int judge(struct run *run, const struct memory_block *blocks, size_t n, const char *zone)
{
	struct astray absent = {}, offline = {}, elsewhere = {};
	size_t online = 0;

	for (size_t i = 0; i < n; i++) {
		if (blocks[i].state == BLOCK_ABSENT)
			astray_add(&absent, &blocks[i], "absent");
		else if (blocks[i].state != BLOCK_ONLINE)
			astray_add(&offline, &blocks[i], block_state_to_string(blocks[i].state));
		else if (!zone_is(blocks[i].zone, zone))
			astray_add(&elsewhere, &blocks[i], zone_to_string(blocks[i].zone));
		else
			online++;
	}
	run_report_blocks(run, online, n);
	if (elsewhere.n > 0)
		return run_fail(run, -EEXIST,
				"%zu of %zu blocks of %s are online in another zone than %s: %s; "
				"only memory that goes offline can change its zone",
				elsewhere.n, n, run->plan->device, zone ?: "planned",
				elsewhere.text);
	if (absent.n > 0)
		return run_fail(run, -EIO,
				"%zu of %zu blocks of %s are not there: %s; the kernel could not "
				"add them, its log says why",
				absent.n, n, run->plan->device, absent.text);
	if (offline.n > 0)
		return run_fail(run, -EAGAIN,
				"%zu of %zu blocks of %s are not online: %s; something else takes "
				"memory offline",
				offline.n, n, run->plan->device, offline.text);
	return RUN_DONE;
}

/* "Node 1 MemTotal:       516096 kB"; 0: the node does not say. */
static uint64_t parse_total(const char *meminfo)
{
	const char *at = strstr(meminfo, " MemTotal:");
	uint64_t kib;

	return at && sscanf(at, " MemTotal: %" SCNu64 " kB", &kib) == 1 ? kib * 1024 : 0;
}

/*
 * What is online is also there to be used. The node may have more than this device, so the blocks
 * less a memmap of 1/64 are what it has at the least, wherever the memmap is; pages that go bad
 * stay in the total. With memmap_on_memory=force the kernel gives up more than the memmap, to the
 * next pageblock, so nothing is expected there.
 */
static int check_total(struct run *run, size_t n_blocks)
{
	uint64_t bytes = n_blocks * run->plan->block_size, least = bytes - bytes / 64, total;
	_cleanup_free_ char *meminfo = NULL, *param = NULL;
	char is[FORMAT_SIZE_MAX], expected[FORMAT_SIZE_MAX];

	if (sysfs_read_string(run->sysfs, &param,
			      "sys/module/memory_hotplug/parameters/memmap_on_memory") >= 0 &&
	    strcmp(param, "force") == 0)
		return RUN_DONE;
	run_at(run, "sys/devices/system/node/node%d/meminfo", run->plan->target_node);
	if (sysfs_read_string(run->sysfs, &meminfo, "%s", run->path) < 0)
		return RUN_DONE;
	total = parse_total(meminfo);
	if (total == 0 || total >= least)
		return RUN_DONE;
	return run_fail(run, -EIO,
			"all %zu blocks of %s are online, but node %d has %s (%" PRIu64
			" bytes) in all, less than the %s (%" PRIu64
			" bytes) that they come to without their memmap; a balloon may hold the "
			"rest, or the kernel's log says why",
			n_blocks, run->plan->device, run->plan->target_node, format_size(total, is),
			total, format_size(least, expected), least);
}

int step_verify(struct run *run, const char *zone)
{
	_cleanup_free_ struct memory_block *blocks = NULL;
	size_t n = 0;
	int r;

	r = device_check(run);
	if (r < 0)
		return r;
	r = driver_check_kmem(run);
	if (r < 0)
		return r;
	run_at(run, "sys/devices/system/memory");
	r = run_read_blocks(run, &blocks, &n);
	if (r < 0)
		return r;
	r = judge(run, blocks, n, zone);
	return r == RUN_DONE ? check_total(run, n) : r;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/status.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/errno-util.h"
#include "base/format.h"
#include "model/memmap-obstacle.h"

/* Every string of a status is there, "" when it has nothing to say. */
static int set(char **field, const char *s)
{
	*field = strdup(s ? s : "");
	return *field ? 0 : -ENOMEM;
}

static int setf(char **field, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int setf(char **field, const char *format, ...)
{
	va_list ap;
	char *s;
	int n;

	va_start(ap, format);
	n = vasprintf(&s, format, ap);
	va_end(ap);
	if (n < 0)
		return -ENOMEM;
	*field = s;
	return 0;
}

static bool is_bound_to_kmem(const struct dax_device *device)
{
	return device->driver && strcmp(device->driver, "kmem") == 0;
}

static int make_identity(const struct dax_device *device, struct device_status *status)
{
	if (set(&status->name, device->name) < 0 ||
	    set(&status->kind, dax_kind_to_string(device->kind)) < 0 ||
	    set(&status->driver, device->driver) < 0 || set(&status->region, device->region) < 0)
		return -ENOMEM;
	if (device->n_serials > 0) {
		status->serials = calloc(device->n_serials, sizeof(*status->serials));
		if (!status->serials)
			return -ENOMEM;
		memcpy(status->serials, device->serials,
		       device->n_serials * sizeof(*status->serials));
		status->n_serials = device->n_serials;
	}
	return 0;
}

static int make_place(const struct dax_device *device, struct device_status *status)
{
	status->size = device->size;
	status->usable = device->usable;
	status->lost = device->lost;
	status->target_node = device->target_node;
	status->initiator_node = device->initiator_node;
	status->distance = device->distance.value;
	status->performance = device->performance;
	status->tier = device->tier;
	return set(&status->distance_source, distance_source_to_string(device->distance.source));
}

/* Where the online blocks are: one zone's name, "mixed", or "none" when no block is online. */
static const char *blocks_zone(const struct dax_device *device)
{
	const struct memory_block *seen = NULL;

	for (size_t i = 0; i < device->n_blocks; i++) {
		const struct memory_block *block = &device->blocks[i];

		if (block->state != BLOCK_ONLINE)
			continue;
		/* An online block of no zone spans several. */
		if (block->zone == ZONE_NONE || (seen && seen->zone != block->zone))
			return "mixed";
		seen = block;
	}
	return zone_to_string(seen ? seen->zone : ZONE_NONE);
}

static int make_blocks(const struct dax_device *device, struct device_status *status)
{
	struct block_counts counts = dax_device_count_blocks(device);

	status->blocks_total = counts.total;
	status->blocks_online = counts.online;
	status->blocks_movable = counts.movable;
	return set(&status->zone, blocks_zone(device));
}

/* "1234 (postgres), 77 (qemu)". A process chooses its own comm, so it is cleaned. */
static int make_holders(const struct dax_device *device, struct device_status *status)
{
	_cleanup_free_ char *text = NULL; /* before f, whose closing still writes to it */
	_cleanup_fclose_ FILE *f = NULL;
	size_t size;

	f = open_memstream(&text, &size);
	if (!f)
		return -ENOMEM;
	for (size_t i = 0; i < device->n_holders; i++) {
		const struct holder *holder = &device->holders[i];
		_cleanup_free_ char *comm = text_clean(holder->comm ? holder->comm : "?");

		if (!comm)
			return -ENOMEM;
		fprintf(f, "%s%d (%s)", i > 0 ? ", " : "", (int)holder->pid, comm);
	}
	if (fflush(f) != 0)
		return -ENOMEM;
	return set(&status->holders, text);
}

/* Of a managed device the policy says all there is to say, a knob without effect included. */
static int make_memmap_reason(const struct host *host, const struct dax_device *device,
			      const struct device_plan *plan, struct device_status *status)
{
	enum memmap_obstacle obstacle = memmap_obstacle_of(host, device);

	if (plan && plan->managed)
		return set(&status->memmap_reason, plan->memmap.reason);
	if (device->knob == MEMMAP_KNOB_ON && obstacle != MEMMAP_POSSIBLE)
		return setf(&status->memmap_reason, "the knob reads 1 but is inert, because %s",
			    memmap_obstacle_words(obstacle));
	return set(&status->memmap_reason, NULL);
}

static int make_memmap(const struct host *host, const struct dax_device *device,
		       const struct device_plan *plan, struct device_status *status)
{
	bool managed = plan && plan->managed;

	status->memmap_wanted = managed && plan->memmap.wanted;
	if (is_bound_to_kmem(device))
		status->memmap_effective =
			device->knob == MEMMAP_KNOB_ON && memmap_can_be_effective(host, device);
	else
		status->memmap_effective = managed && plan->memmap.effective;
	status->memmap_bytes = memmap_bytes(device->usable, host->page_size);

	if (set(&status->memmap_knob, memmap_knob_to_string(device->knob)) < 0)
		return -ENOMEM;
	return make_memmap_reason(host, device, plan, status);
}

/* Whether nothing is left to be done or wished for in this state. */
static bool is_settled(const struct device_plan *plan)
{
	if (plan->n_steps > 0)
		return false;
	switch (plan->state) {
	case DEVICE_UNMANAGED:
	case DEVICE_ONLINE:
	case DEVICE_DEVDAX:
	case DEVICE_HELD_BACK:
	case DEVICE_RELEASED:
	case DEVICE_STUCK:
		return true;
	case DEVICE_PENDING:
	case DEVICE_APPLYING:
	case DEVICE_PARTIAL:
	case DEVICE_MISMATCH:
	case DEVICE_RELEASING:
	case DEVICE_FAILED:
	case DEVICE_STATE_MAX:
		return false;
	}
	return false;
}

static enum device_state judge_state(const struct device_plan *plan, bool failed,
				     const struct progress *progress)
{
	if (progress && progress->running)
		return progress->purpose == PLAN_RELEASE ? DEVICE_RELEASING : DEVICE_APPLYING;
	if (!plan)
		return DEVICE_UNMANAGED;
	if (failed)
		return DEVICE_FAILED;
	return plan->n_steps > 0 ? DEVICE_PENDING : plan->state;
}

/* Blocks go online inside the bind already where the kernel onlines them itself. */
static bool counts_blocks(enum step_kind step)
{
	return step == STEP_BIND_KMEM || step == STEP_ONLINE_BLOCKS ||
	       step == STEP_OFFLINE_BLOCKS || step == STEP_UNPLUG;
}

static int make_detail(enum device_state state, const struct progress *progress,
		       struct device_status *status)
{
	if (progress && progress->running) {
		if (counts_blocks(progress->step) && progress->blocks_total > 0)
			return setf(&status->state_detail, "%zu of %zu blocks",
				    progress->blocks_done, progress->blocks_total);
		return set(&status->state_detail, step_kind_to_string(progress->step));
	}
	if (state == DEVICE_PARTIAL)
		return setf(&status->state_detail, "%zu of %zu blocks",
			    (size_t)status->blocks_online, (size_t)status->blocks_total);
	return set(&status->state_detail, NULL);
}

static int make_state(const struct device_plan *plan, const struct device_history *history,
		      const struct progress *progress, struct device_status *status)
{
	bool failed = history && history->error != 0 && plan && !is_settled(plan);
	enum device_state state = judge_state(plan, failed, progress);

	if (set(&status->state, device_state_to_string(state)) < 0 ||
	    make_detail(state, progress, status) < 0 ||
	    set(&status->rule, plan ? plan->rule : NULL) < 0 ||
	    set(&status->reason, plan ? plan->reason : NULL) < 0)
		return -ENOMEM;

	/* Also while it is tried again: the last error is what explains the new try. */
	if (set(&status->error, failed ? errno_name(history->error) : NULL) < 0 ||
	    set(&status->error_step, failed ? step_kind_to_string(history->step) : NULL) < 0 ||
	    set(&status->error_message, failed ? history->message : NULL) < 0)
		return -ENOMEM;
	return 0;
}

int device_status_make(const struct host *host, const struct dax_device *device,
		       const struct device_plan *plan, const struct device_history *history,
		       const struct progress *progress, struct device_status *ret)
{
	_cleanup_(device_status_done) struct device_status status = {};

	if (make_identity(device, &status) < 0 || make_place(device, &status) < 0 ||
	    make_blocks(device, &status) < 0 || make_holders(device, &status) < 0 ||
	    make_memmap(host, device, plan, &status) < 0 ||
	    make_state(plan, history, progress, &status) < 0)
		return -ENOMEM;
	if (history && history->online_usec > history->first_seen_usec)
		status.online_after_usec = history->online_usec - history->first_seen_usec;
	*ret = status;
	status = (struct device_status){};
	return 0;
}

void device_status_done(struct device_status *status)
{
	free(status->name);
	free(status->kind);
	free(status->driver);
	free(status->region);
	free(status->serials);
	free(status->distance_source);
	free(status->state);
	free(status->state_detail);
	free(status->rule);
	free(status->reason);
	free(status->memmap_knob);
	free(status->memmap_reason);
	free(status->zone);
	free(status->holders);
	free(status->error);
	free(status->error_step);
	free(status->error_message);
	*status = (struct device_status){};
}

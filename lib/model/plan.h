/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_MODEL_PLAN_H
#define DAXTIER_MODEL_PLAN_H

/*
 * What should happen, and why: the outcome of policy/, the input of apply/. A plan is a value. It
 * owns all its strings and refers to nothing outside, so it can be printed, compared and sent.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/facts.h"
#include "model/names.h"

/*
 * One step. value by kind:
 * - load-module: the module's name, "kmem" or "device_dax"
 * - unbind-driver: the driver to unbind, "device_dax" or "kmem"
 * - set-memmap: "0" or "1"
 * - hold-auto-online: what auto_online_blocks is to read during the bind
 * - bind-kmem: NULL
 * - restore-auto-online: NULL
 * - online-blocks: "online_movable" or "online_kernel"; acts on those still offline
 * - verify: "Movable", or "kernel" for any zone of the kernel; NULL: only that all are online
 * - bind-devdax: NULL
 * - probe-default: NULL; hands the device to whichever driver the bus gives it
 * - offline-blocks: NULL; newest first, each block that is online. Undone by bringing back what it
 *   took offline, each block into the zone that it had
 * - unplug: NULL; "unplugged" to the attribute state, which takes all of the device's memory
 * offline and away, or nothing (7.3)
 * - set-dpa: an endpoint decoder of the region's targets, to take the size that stands there
 * - create-region: the window (root decoder); makes the region with all of its attributes
 * - commit-region, enable-region: NULL; the region that this plan has made
 * - disable-region, decommit-region, delete-region: the region's name
 * - free-dpa: an endpoint decoder of the region's targets
 */
struct plan_step {
	enum step_kind kind;
	char *value;
};

/* What was decided about the memmap of one device. */
struct memmap_decision {
	bool wanted;	/* on the device */
	bool effective; /* what the kernel will really do with it */
	char *reason;	/* in words; never NULL in a finished plan of a managed device */
	uint64_t bytes; /* the memmap's size */
};

struct region_target {
	char *memdev;	 /* "mem0" */
	uint64_t serial; /* to tell it from another that took the name */
	char *decoder;	 /* "decoder2.0" */
	uint64_t size;	 /* bytes of the memdev's capacity */
};

/* A region that is to be made, or taken apart with its device. */
struct region_plan {
	char *name;   /* NULL: the kernel gives it one */
	char *window; /* the root decoder's name; NULL: the plan is about no region */
	unsigned ways;
	unsigned granularity;	       /* bytes */
	struct region_target *targets; /* by position */
	size_t n_targets;
};

/*
 * Of a dax device; or, with PLAN_CREATE_REGION, of one that does not exist yet: then device is the
 * name of the first memdev that it will be made of, and size that of the region.
 */
struct device_plan {
	char *device;
	enum plan_purpose purpose;
	unsigned rank; /* how early its rule stands in the policy, for the order in which plans are
			  carried out: 0 first, UINT_MAX without a rule. In memory only */
	uint64_t deadline_usec;	 /* how long it may take before what it did is put back; 0: as long
				    as it takes */
	enum device_state state; /* what the device is when there is nothing (more) to do; pending
				    when there is */
	bool managed;		 /* a rule other than mode = ignore matched */
	char *rule;		 /* its name; NULL: none matched */
	char *reason;		 /* why this state or these steps, one sentence */
	struct memmap_decision memmap;
	enum target_zone zone;

	/* What apply needs to know of the device and host, so that it can refuse if it changed. */
	int target_node;
	uint64_t size;
	uint64_t block_size;
	struct phys_range *ranges;
	size_t n_ranges;
	struct region_plan region;

	struct plan_step *steps;
	size_t n_steps;
};

struct plan {
	struct device_plan *devices; /* in the order of the facts */
	size_t n_devices;

	/* What becomes of memdevs that are in no region, in the order of the facts; one entry for
	 * all that go into one region together. */
	struct device_plan *regions;
	size_t n_regions;
};

struct plan *plan_free(struct plan *plan);
void device_plan_done(struct device_plan *plan);
/* Of devices and of regions. */
const struct device_plan *plan_find(const struct plan *plan, const char *device);

/* Appends a target to the plan's region; the strings are copied. 0 or -ENOMEM. */
int device_plan_add_target(struct device_plan *plan, const struct region_target *target);

/* Appends a step; value may be NULL and is copied. 0 or -ENOMEM. */
int device_plan_add_step(struct device_plan *plan, enum step_kind kind, const char *value);

/* Whether two plans would do the same for the same stated reason. An absent string is equal to an
 * empty one. */
bool device_plan_equal(const struct device_plan *a, const struct device_plan *b);

static inline void plan_freep(struct plan **plan)
{
	*plan = plan_free(*plan);
}

/*
 * As JSON, for the worker's standard input, for --json and for the bus. The object's keys are those
 * of org.daxtier1(5): Device, Purpose, State, Managed, Rule, Reason, MemmapWanted, MemmapEffective,
 * MemmapReason, MemmapBytes, Zone ("movable" or "kernel"), TargetNode, Size, BlockSize, Ranges (of
 * Start and End), DeadlineUSec, Region, Window, Ways, Granularity, Targets (of Memdev, Serial,
 * Decoder and Size), Steps (of Step and Value). Every key is always there; an absent string is "",
 * and
 * "" reads back as NULL. Unknown keys are ignored, so that a newer peer may add some.
 *
 * to: a new reference, NULL on out of memory. from: 0, -ENOMEM, or -EBADMSG when a key is missing,
 * of the wrong type, or holds a word or a number that it cannot hold.
 */
struct json_object;
struct json_object *device_plan_to_json(const struct device_plan *plan);
int device_plan_from_json(struct json_object *object, struct device_plan *ret);

#endif

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

struct device_plan {
	char *device;
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

	struct plan_step *steps;
	size_t n_steps;
};

struct plan {
	struct device_plan *devices; /* in the order of the facts */
	size_t n_devices;
};

struct plan *plan_free(struct plan *plan);
void device_plan_done(struct device_plan *plan);
const struct device_plan *plan_find(const struct plan *plan, const char *device);

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
 * of org.daxtier1(5): Device, State, Managed, Rule, Reason, MemmapWanted, MemmapEffective,
 * MemmapReason, MemmapBytes, Zone ("movable" or "kernel"), TargetNode, Size, BlockSize, Ranges (of
 * Start and End), Steps (of Step and Value). Every key is always there; an absent string is "", and
 * "" reads back as NULL. Unknown keys are ignored, so that a newer peer may add some.
 *
 * to: a new reference, NULL on out of memory. from: 0, -ENOMEM, or -EBADMSG when a key is missing,
 * of the wrong type, or holds a word or a number that it cannot hold.
 */
struct json_object;
struct json_object *device_plan_to_json(const struct device_plan *plan);
int device_plan_from_json(struct json_object *object, struct device_plan *ret);

#endif

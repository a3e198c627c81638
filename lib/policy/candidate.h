/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_POLICY_CANDIDATE_H
#define DAXTIER_POLICY_CANDIDATE_H

/* One device on its way through the policy: what is known of it, what was decided so far. */

#include "model/config.h"
#include "model/facts.h"
#include "model/history.h"
#include "model/plan.h"
#include "policy/memmap.h"

/*
 * What the devices planned before have been promised, in bytes: nothing of it is in the facts yet,
 * and all of it will be.
 */
struct promises {
	uint64_t memmap;  /* DRAM for memmaps */
	uint64_t movable; /* memory in ZONE_MOVABLE */
	uint64_t kernel;  /* memory in the kernel's zones */
	uint64_t leaving; /* memory that a conversion takes from the kernel's zones */
};

struct candidate {
	const struct facts *facts;
	const struct config *config;
	const struct promises *promises;
	const struct dax_device *device;
	const struct device_history *history; /* never NULL */
	const struct rule *rule;	      /* NULL: none matched */

	struct block_counts blocks;
	size_t going_offline;		/* blocks */
	uint64_t own_memmap;		/* bytes of DRAM that the device's memmap takes now */
	struct memmap_case memmap_case; /* with a rule that manages the device */
	struct memmap_verdict memmap;

	struct device_plan *plan; /* the outcome */
};

/*
 * For the device at this index of the facts; history may be NULL. Matches the rule, and judges the
 * memmap where a rule manages the device.
 */
struct candidate candidate_make(const struct facts *facts, size_t index,
				const struct config *config, const struct device_history *history,
				const struct promises *promises, struct device_plan *plan);

bool candidate_is_bound_to(const struct candidate *c, const char *driver);

/* Blocks that are online elsewhere than in the rule's zone. */
size_t candidate_blocks_astray(const struct candidate *c);

/* Whether its memory was left behind in the kernel (stuck.c); whatever its rule. */
bool stuck_is(const struct candidate *c);

/* Bytes of the device that are not online yet. */
uint64_t candidate_bytes_to_come(const struct candidate *c);

/* Bytes of the device that are not online in the rule's zone: what that zone gains by a conversion.
 */
uint64_t candidate_bytes_to_convert(const struct candidate *c);

/* Bytes of the device that are online in a zone of the kernel. */
uint64_t candidate_kernel_bytes(const struct candidate *c);

/* What the promises grow by if the candidate's plan is carried out. */
void candidate_promise(const struct candidate *c, struct promises *promises);

/* Whether memory of the device that is online may be taken offline for what its rule says: the only
 * place that decides so. A release is asked for, and not decided. */
bool candidate_may_convert(const struct candidate *c);

/* "left alone, because …": why it may not. */
const char *candidate_left_alone(const struct candidate *c);

/*
 * What each mode makes of a candidate: fills the plan's state, reason, steps and memmap. 0 or
 * -ENOMEM.
 */
int unmanaged_plan(struct candidate *c);
int stuck_plan(struct candidate *c);
int devdax_plan(struct candidate *c);
int system_ram_plan(struct candidate *c);

#endif

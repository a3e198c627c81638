/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_POLICY_MEMMAP_H
#define DAXTIER_POLICY_MEMMAP_H

/*
 * Where the memmap of a device's memory goes: on the device itself, or into DRAM. The decision is
 * separate from its words, so that it can be asked for other distances than the present one.
 */

#include "model/config.h"
#include "model/facts.h"
#include "model/memmap-obstacle.h"

/* All that the decision depends on. */
struct memmap_case {
	const struct host *host;
	const struct config *config;
	const struct rule *rule; /* the one that matched the device */
	const struct dax_device *device;
	uint64_t dram_total; /* bytes; 0: unknown, then there is no budget to keep */
	uint64_t
		dram_others; /* bytes of DRAM that the memmaps of other devices take or will take */
};

/* What tipped the scales. */
enum memmap_why {
	MEMMAP_RULE_YES, /* the rule says so */
	MEMMAP_RULE_NO,
	MEMMAP_OBSTACLE,       /* auto, and there is an obstacle */
	MEMMAP_OVER_BUDGET,    /* auto: in DRAM it would break the budget */
	MEMMAP_LARGE_AND_NEAR, /* auto: large enough to matter, near enough to bear it */
	MEMMAP_SMALL_OR_FAR,   /* auto: otherwise */
};

struct memmap_verdict {
	bool wanted;	/* on the device */
	bool effective; /* wanted, and without an obstacle */
	enum memmap_obstacle obstacle;
	enum memmap_why why;
	uint64_t bytes; /* the memmap's size */
};

struct memmap_verdict memmap_decide(const struct memmap_case *memmap);

/* The verdict in words, with its numbers. 0 or -ENOMEM; owned by the caller. */
int memmap_explain(const struct memmap_case *memmap, const struct memmap_verdict *verdict,
		   char **ret);

/* Whether the memmap of a device that is bound to kmem is on the device. */
bool memmap_is_on_device(const struct host *host, const struct dax_device *device);

/*
 * Whether the knob has to be written before a bind, and then with what: 0 or 1 as wanted. Never 1
 * where there is an obstacle: the kernel answers EOPNOTSUPP.
 */
bool memmap_knob_differs(const struct dax_device *device, const struct memmap_verdict *verdict);

#endif

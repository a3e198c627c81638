/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_POLICY_REGION_GATHER_H
#define DAXTIER_POLICY_REGION_GATHER_H

/* Which memdevs go into one region together. */

#include "model/config.h"
#include "model/facts.h"
#include "model/history.h"

/* What the policy, the host and the past say of a memdev before any other is looked at. */
enum gather_verdict {
	GATHER_CANDIDATE,
	GATHER_NO_CAPACITY, /* of the volatile kind */
	GATHER_OFF,	    /* create-regions = no */
	GATHER_NEVER,
	GATHER_NOT_ONLY,
	GATHER_INCOMPLETE,
	GATHER_NOT_ENABLED, /* the kernel has no endpoint for it */
	GATHER_NO_DECODER,
	GATHER_IN_USE,	 /* a decoder of it holds capacity */
	GATHER_RELEASED, /* by an operator */
};

enum gather_verdict gather_judge(const struct config *config, const struct history *history,
				 const struct cxl_memdev *memdev);

/* In a region, or a part of it: not the business of create-regions at all. */
bool gather_is_in_region(const struct cxl_memdev *memdev);

/* So much of a memdev goes into a region: decoders map in units of 256 MiB. */
uint64_t gather_share(const struct cxl_memdev *memdev);

enum gather_outcome {
	GATHER_COMPLETE, /* as many as a region is to be made of */
	GATHER_WAITING,	 /* for more, until the time is over */
	GATHER_TOO_FEW,	 /* came in time: no half region is made */
};

#define GATHER_WAYS_MAX 16 /* CXL_DECODER_MAX_INTERLEAVE in drivers/cxl/cxl.h */

/* Memdevs of the facts, by position: in the order in which they were seen, then by serial. */
struct gather_group {
	const struct cxl_memdev *memdevs[GATHER_WAYS_MAX];
	size_t n;
	unsigned wanted;
	enum gather_outcome outcome;
	uint64_t until_usec; /* when waiting ends */
};

struct gather {
	struct gather_group *groups;
	size_t n;
};

/*
 * Every candidate is in one group. With interleaving, those behind the same host bridge, of the
 * same volatile capacity, that were seen within config->interleave_gather_usec of each other, go
 * together, the earliest first; one that nobody joins in time stays alone. 0 or -ENOMEM.
 */
int gather_all(const struct facts *facts, const struct config *config,
	       const struct history *history, uint64_t now_usec, struct gather *ret);
void gather_done(struct gather *gather);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_MODEL_REHEARSAL_H
#define DAXTIER_MODEL_REHEARSAL_H

/* What a release would meet, told without trying it. All memory figures are bytes. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/names.h"

struct rehearsal_block {
	uint64_t number;
	enum zone zone;
	char *why; /* it may not go offline, a clause */
};

struct rehearsal {
	char *device;
	bool possible;	 /* there is something to release, and nothing known is in the way */
	char *reason;	 /* one sentence */
	uint64_t memory; /* of the device, online now */
	int node;
	uint64_t used;	    /* on the node, whoever's memory it is in: the node may have more */
	uint64_t used_here; /* at most so much of that is in this device */
	uint64_t elsewhere; /* free, or easily freed, on the other nodes */
	bool fits;	    /* used_here into elsewhere */
	size_t blocks_online;
	struct rehearsal_block *unmovable; /* by number */
	size_t n_unmovable;
	char *region; /* that an eject would take apart; NULL: none */
};

void rehearsal_done(struct rehearsal *rehearsal);

/*
 * {Device, Possible, Reason, Memory, Node, Used, UsedHere, Elsewhere, Fits, BlocksOnline, Region,
 * Unmovable: [{Block, Zone, Why}]}; a new reference, NULL on out of memory.
 */
struct json_object;
struct json_object *rehearsal_to_json(const struct rehearsal *rehearsal);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CLI_TIER_ROWS_H
#define DAXTIER_CLI_TIER_ROWS_H

/* What the picture of the tiers shows of each NUMA node, out of the document of a status. */

#include "cli/json.h"

struct tier_row {
	int64_t node;
	int64_t tier; /* -1: none */
	bool has_cpu;
	bool online;	  /* it has memory */
	bool listed;	  /* and the host says how much */
	const char *kind; /* "DRAM", or that of its devices; borrowed from the document */
	uint64_t size;	  /* online; else of its devices */

	bool use_known;
	uint64_t used, cache; /* of size */

	uint64_t distance;  /* 0: unknown */
	int64_t initiator;  /* -1: unknown */
	uint64_t latency;   /* of reads, in ns; 0: unknown */
	uint64_t bandwidth; /* of reads, in MB/s; 0: unknown */

	struct json_object **devices; /* whose node it is, borrowed from the document */
	size_t n_devices;
};

struct tier_rows {
	struct tier_row *items; /* by tier, then near to far */
	size_t n;
};

/* 0 or -ENOMEM. */
int tier_rows_make(struct json_object *document, struct tier_rows *ret);
void tier_rows_done(struct tier_rows *rows);

#endif

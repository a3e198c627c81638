/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_MODEL_CONFIG_H
#define DAXTIER_MODEL_CONFIG_H

/* The policy file as a value; config/ parses it, daxtier.conf(5) documents it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/parse.h"
#include "base/strv.h"
#include "model/names.h"

struct u64_list {
	uint64_t *items;
	size_t n;
};

/* One [rule NAME]. An empty criterion matches everything; all that are set must match. */
struct rule {
	char *name;
	char *file; /* where it stands, for messages */
	unsigned line;

	unsigned match_kinds;	   /* bit 1 << enum dax_kind; 0: any */
	struct strv match_devices; /* fnmatch(3) patterns on the device's name */
	struct strv match_regions; /* patterns on the CXL region's name */
	struct u64_list match_serials;
	struct u64_list match_target_nodes;
	struct u64_list match_initiator_nodes;
	bool match_size_set;
	struct u64_span match_size; /* bytes */
	bool match_distance_set;
	struct u64_span match_distance; /* SLIT units */

	enum rule_mode mode;
	enum memmap_choice memmap;
	enum target_zone zone;
};

struct config {
	/* [daemon] */
	bool claim;
	uint64_t settle_usec;
	enum convert_mode convert;

	/* [memmap] */
	uint64_t memmap_min_size;     /* bytes */
	uint64_t memmap_max_distance; /* SLIT units */
	unsigned memmap_dram_budget;  /* hundredths of a percent of DRAM */

	/* [regions] */
	bool create_regions;
	struct u64_list regions_only;	 /* serials; empty: any */
	struct u64_list regions_never;	 /* serials; before only */
	unsigned interleave_ways;	 /* 0: none, each memdev gets a region of its own */
	uint64_t interleave_granularity; /* bytes; 0: the window's own */
	uint64_t interleave_gather_usec; /* memdevs that come within this time go together */

	/* [movable] */
	unsigned movable_max_ratio; /* MOVABLE:KERNEL, N to 1; 0: no guard */

	struct rule *rules; /* in the order in which they are tried */
	size_t n_rules;
	struct strv files; /* read for this configuration, in order */
};

struct config *config_free(struct config *config);
void rule_done(struct rule *rule);

/*
 * All that a rule says but its name and place, as text: two rules are the same when their texts
 * are. "" for NULL. Owned by the caller; NULL on out of memory.
 */
char *rule_fingerprint(const struct rule *rule);

static inline void config_freep(struct config **config)
{
	*config = config_free(*config);
}

#endif

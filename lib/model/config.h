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

	/* [movable] */
	unsigned movable_max_ratio; /* MOVABLE:KERNEL, N to 1; 0: no guard */

	struct rule *rules; /* in the order in which they are tried */
	size_t n_rules;
	struct strv files; /* read for this configuration, in order */
};

struct config *config_free(struct config *config);
void rule_done(struct rule *rule);

static inline void config_freep(struct config **config)
{
	*config = config_free(*config);
}

#endif

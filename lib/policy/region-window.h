/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_POLICY_REGION_WINDOW_H
#define DAXTIER_POLICY_REGION_WINDOW_H

/* In which window a region is made, so that the kernel will have room for it there. */

#include "model/config.h"
#include "model/facts.h"
#include "policy/region-gather.h"

/* What is taken of all windows: by regions of the facts, and by those promised since. */
struct window_extent {
	const struct cxl_window *window;
	uint64_t start, size;
};

struct window_space {
	const struct facts *facts;
	struct window_extent *taken;
	size_t n;
};

/* 0 or -ENOMEM */
int window_space_init(struct window_space *space, const struct facts *facts);
void window_space_done(struct window_space *space);

struct window_choice {
	const struct cxl_window *window; /* NULL: there is none */
	uint64_t size;
	unsigned granularity;
	char *reason; /* why there is none, of each window; owned */
};

/*
 * The window for a region over all of a group, in this order: one that takes volatile memory and
 * regions, that leads to each memdev at its position, and that has room in one piece; of these one
 * of the memdevs' own QoS class, then the one whose free piece is the smallest that will do, then
 * by name. Its room is promised, as the kernel would give it. 0 or -ENOMEM.
 */
int window_choose(struct window_space *space, const struct config *config,
		  const struct gather_group *group, struct window_choice *ret);

#endif

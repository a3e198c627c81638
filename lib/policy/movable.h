/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_POLICY_MOVABLE_H
#define DAXTIER_POLICY_MOVABLE_H

/*
 * The guard on MOVABLE:KERNEL. The kernel's own structures cannot live in ZONE_MOVABLE: a host with
 * too much of it runs out of memory for page tables and slabs while most of its memory is free
 * (Documentation/admin-guide/mm/memory-hotplug.rst).
 */

#include <stdbool.h>
#include <stdint.h>

struct movable_guard {
	uint64_t movable;   /* bytes in ZONE_MOVABLE, now and promised */
	uint64_t kernel;    /* bytes in all other zones, now and promised */
	unsigned max_ratio; /* N to 1; 0: no guard */
};

/* Whether so many bytes more in ZONE_MOVABLE are within the ratio. */
bool movable_guard_allows(const struct movable_guard *guard, uint64_t more);

/* Why they are not. 0 or -ENOMEM; owned by the caller. */
int movable_guard_explain(const struct movable_guard *guard, uint64_t more, char **ret);

#endif

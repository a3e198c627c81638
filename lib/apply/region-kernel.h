/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_APPLY_REGION_KERNEL_H
#define DAXTIER_APPLY_REGION_KERNEL_H

/*
 * One thing at a time that is done to decoders and regions, forth and back: looked at first,
 * written, read back. All return RUN_DONE, RUN_SKIPPED when it is so already, or a negative errno
 * with the words for it; -ENODEV: what it is about is not there any more.
 */

#include "apply/run.h"

#define CXL_DEVICES "sys/bus/cxl/devices"

/* The decoder belongs to a memdev with the target's serial: 0; -ENODEV: it does not, or is gone. */
int decoder_check(struct run *run, const struct region_target *target);

/* 1: it holds nothing, 0: it does; checked as above. */
int decoder_is_free(struct run *run, const struct region_target *target);

/* Takes the target's capacity; it must be free. */
int decoder_take(struct run *run, const struct region_target *target);

/* Gives it back. -EAGAIN: it holds another size, or is in a region: that is somebody else's. */
int decoder_free(struct run *run, const struct region_target *target);

/* 1: there is a region of this name; 0: there is none. */
int region_exists(struct run *run, const char *region);

/*
 * Whether a region is what a plan made, or half made: in its window, with no targets but its own.
 * 1, 0 (also when there is none), or a negative errno.
 */
int region_is_of(struct run *run, const char *region, const struct region_plan *plan);

/* 1: bound to the driver cxl_region. */
int region_is_enabled(struct run *run, const char *region);
int region_is_committed(struct run *run, const char *region);

/* Gives an empty region its interleaving, size and targets. */
int region_fill(struct run *run, const char *region, const struct region_plan *plan);

int region_commit(struct run *run, const char *region);
int region_enable(struct run *run, const char *region);

/*
 * 0: every memory block at the addresses of the region, and of the plan, is seen to be absent;
 * -EBUSY: one is not, or another negative errno: that is not known.
 */
int region_check_memory(struct run *run, const char *region);

/*
 * None of them with a memory block at the region's addresses, and, where the region is enabled,
 * with a driver on a dax device of it: -EBUSY. decommit and delete: it must be disabled.
 */
int region_disable(struct run *run, const char *region);
int region_decommit(struct run *run, const char *region);
int region_delete(struct run *run, const char *region, const char *window);

#endif

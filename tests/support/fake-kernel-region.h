/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_FAKE_KERNEL_REGION_H
#define DAXTIER_TESTS_FAKE_KERNEL_REGION_H

/* Between fake-kernel-region.c, which knows what a region is, and
 * fake-kernel-region-store.c. */

#include "fake-kernel-model.h"

/* What .fake-kernel/regions/NAME and the region's attributes say. */
struct fk_region {
	char name[32];
	char path[PATH_MAX], window[PATH_MAX];
	uint64_t size, start;
	unsigned ways, granularity;
	int committed, bound;
};

int fk_region_load(const char *root, const char *name, struct fk_region *ret); /* 0, -ENODEV */
char *fk_region_target(const char *root, const struct fk_region *region, unsigned position);
void fk_region_put_target(const char *root, const struct fk_region *region, unsigned position,
			  const char *decoder);
void fk_region_show_targets(const char *root, const struct fk_region *region, unsigned ways);
void fk_region_make(const char *root, const char *window, const char *name);
void fk_region_enable(const char *root, const struct fk_region *region);
void fk_region_disable(const char *root, struct fk_region *region);
void fk_region_reset(const char *root, struct fk_region *region); /* commit = 0 */
void fk_region_detach(const char *root, struct fk_region *region, unsigned position);
void fk_region_delete(const char *root, struct fk_region *region);

#endif

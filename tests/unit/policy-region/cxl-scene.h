/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_CXL_SCENE_H
#define DAXTIER_TESTS_CXL_SCENE_H

/* Facts of a host with CXL memory, put together by hand, and one policy over them. */

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "model/config.h"
#include "model/facts.h"
#include "model/history.h"
#include "model/plan.h"
#include "policy/region.h"

#define MIB ((uint64_t)1 << 20)
#define GIB ((uint64_t)1 << 30)
#define SEC UINT64_C(1000000)

struct scene {
	struct facts facts;
	struct config config;
	struct history history;
	struct plan *plan;
};

/* The only one; create-regions = yes, no interleaving. */
extern struct scene scene;
void scene_setup(void);
void scene_teardown(void);

/* memN behind bridge 'A' or 'B', with endpoint N+2 and two free decoders; serial 0xa0 + N. */
struct cxl_memdev *scene_memdev(unsigned n, uint64_t ram_size, char bridge);
/* decoder0.N, which leads to each of the bridges in turn. */
struct cxl_window *scene_window(unsigned n, uint64_t start, uint64_t size, const char *bridges);
/* Committed and enabled; no targets. */
struct cxl_region *scene_region(unsigned n, const char *window, uint64_t start, uint64_t size);
/* The decoder of memN as a target. */
void scene_target(struct cxl_region *region, unsigned n, unsigned decoder, uint64_t size);
struct dax_device *scene_device(const char *name, const char *region);

void scene_plan(uint64_t now_usec);			   /* into scene.plan, anew */
const struct device_plan *scene_entry(const char *memdev); /* which must be there */
void scene_assert(const char *memdev, enum device_state state, const char *reason, size_t n_steps);
/* It is to become a region of this size in the window. */
void scene_assert_proposed(const char *memdev, const char *window, uint64_t size);

TCase *create_tests(void);
TCase *gather_tests(void);
TCase *window_tests(void);
TCase *teardown_tests(void);

#endif

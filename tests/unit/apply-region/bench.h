/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_APPLY_REGION_BENCH_H
#define DAXTIER_TESTS_APPLY_REGION_BENCH_H

/* A host with two windows and memdevs whose numbers do not pair; plans are those of policy/. */

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "apply/apply.h"
#include "base/cleanup.h"
#include "fake-kernel-cxl.h"
#include "fake-kernel.h"
#include "tree.h"

#define CXL    "sys/bus/cxl/devices/"
#define DRIVER "sys/bus/cxl/drivers/cxl_region/"
#define GIB    FAKE_KERNEL_GIB
#define MEMORY "sys/devices/system/memory/"
#define BLOCK  (512 * FAKE_KERNEL_MIB) /* the first of the first region is memory128 */

struct bench {
	char *root, *run_dir;
	struct sysfs sysfs;
	struct applier applier;
	struct apply_failure failure;
	char *said; /* all messages of reports, one after the other */
	unsigned ways;
};

extern struct bench bench;
void bench_setup(void);
void bench_teardown(void);

void bench_put(const char *path, const char *value); /* a write of somebody else */
void bench_assert_reads(const char *path, const char *expected);
void bench_assert_no_record(void);
bool bench_has_record(void);
bool bench_has_device(void); /* some dax device */

/* What policy proposes for mem0 as the host is; device_plan_done() it. With nothing to do there are
 * no steps. */
struct device_plan bench_plan_create(void);
/* To give up the region of the one dax device; without a device there are no steps. */
struct device_plan bench_plan_teardown(void);
int bench_apply(const struct device_plan *plan); /* forgets what was said before */

/* The look of the host; the number that the kernel gave to the one dax device and its region, and
 * those that it offers or counts, are "N". Owned by the caller. */
char *bench_look(void);
void bench_fail_write(unsigned nth, unsigned times, const char *pattern, int error);

/* There and back, over one memdev and over two; online: with the device's memory in use before, in
 * both zones. */
struct scenario {
	const char *name;
	unsigned ways;
	bool teardown, online;
};
#define N_SCENARIOS 6
extern const struct scenario scenarios[N_SCENARIOS];
void scenario_prepare(const struct scenario *scenario); /* a new host, before */
struct device_plan scenario_plan(const struct scenario *scenario);
/* The goal is reached; what, for a message. */
void scenario_check(const struct scenario *scenario, const char *what);

TCase *fault_tests(void);
TCase *foreign_tests(void);
TCase *record_tests(void);
TCase *kill_tests(void);
TCase *word_tests(void);

#endif

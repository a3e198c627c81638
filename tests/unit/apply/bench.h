/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_APPLY_BENCH_H
#define DAXTIER_TESTS_APPLY_BENCH_H

/* One fake host with an applier on it. Made and removed around each test. */

#include <check.h>
#include <limits.h>

#include "apply/apply.h"
#include "fake-kernel.h"

#define AUTO_ONLINE "sys/devices/system/memory/auto_online_blocks"
#define AUTOPROBE   "sys/bus/dax/drivers_autoprobe"
#define DRIVERS	    "sys/bus/dax/drivers"
#define DEVICES	    "sys/bus/dax/devices"
#define MEMORY	    "sys/devices/system/memory"

#define BLOCK	    ((uint64_t)128 * FAKE_KERNEL_MIB)
#define FIRST_BLOCK 32 /* of bench_cxl */
#define N_BLOCKS    4

struct bench {
	char *root, *run_dir;
	struct sysfs sysfs;
	struct applier applier;
	struct apply_failure failure;
	char *events;  /* "step:done step:skipped …", see bench_events() */
	char *message; /* of the last report that had one */
	size_t n_blocks_reports, blocks_done, blocks_total;
	int module_error;  /* what loading a module answers */
	bool module_inert; /* it loads, but no driver appears */
	/* Called ahead of each write, so that a test can be faster than the step. */
	void (*before_write)(struct bench *bench, const char *path);
	/* Called ahead of the loading of a module. */
	void (*before_load)(struct bench *bench);
	/* Called at each report. */
	void (*on_report)(struct bench *bench, const struct apply_report *report);
	void *userdata;
};

/* The only one; the fixtures of a test case. */
extern struct bench bench;
void bench_setup(void);
void bench_teardown(void);

/* A host with no device, its autoprobe already off. */
void bench_host(struct fake_kernel_host host);

/* 512 MiB of each at an aligned place: dax0.0 (cxl), dax1.0 (pmem), dax2.0 (hmem). */
extern const struct fake_kernel_device bench_cxl, bench_pmem, bench_hmem;
void bench_add(const struct fake_kernel_device *device);
void bench_write(const char *path, const char *value); /* which must succeed */

/* A plan without steps for the device as it is; bench_step() adds them. */
void bench_plan(struct device_plan *plan, const struct fake_kernel_device *device);
void bench_step(struct device_plan *plan, enum step_kind kind, const char *value);

/* Applies it, and forgets what was reported before. */
int bench_apply(const struct device_plan *plan);
/* A plan of one step. */
int bench_one(const struct fake_kernel_device *device, enum step_kind kind, const char *value);

void bench_assert_reads(const char *path, const char *expected);
void bench_assert_driver(const char *device, const char *expected); /* NULL: unbound */
void bench_assert_blocks(const struct fake_kernel_device *device, const char *state,
			 const char *zones);
/* The failure's step, and that its message has the errno's name and the given text. */
void bench_assert_failure(enum step_kind step, int error, const char *text);
/* Nothing is recorded in the run directory. */
void bench_assert_no_records(void);
bool bench_any_block_online(const struct fake_kernel_device *device);
char *bench_driver(const char *device);
unsigned bench_writes(void);

void bench_fault(enum fake_kernel_op op, unsigned nth, unsigned times, const char *pattern,
		 int error);

/* The suite's parts. */
TCase *plan_tests(void);
TCase *step_tests(void);
TCase *module_tests(void);
TCase *unbind_tests(void);
TCase *bind_tests(void);
TCase *block_tests(void);
TCase *hold_tests(void);
TCase *claim_tests(void);
TCase *record_tests(void);
TCase *fault_tests(void);
TCase *kill_tests(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TEST_POLICY_BENCH_H
#define TEST_POLICY_BENCH_H

/*
 * A host to experiment on: facts, configuration and history that a test arranges by hand. It starts
 * as an x86 server with 64 GiB on one node, blocks of 128 MiB, the kernel's own default of onlining
 * what is added, the claim in force, the shipped settings, and neither devices nor rules.
 */

#include "model/config.h"
#include "model/facts.h"
#include "model/history.h"
#include "policy/policy.h"

#define KIB (UINT64_C(1) << 10)
#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)
#define TIB (UINT64_C(1) << 40)

#define BENCH_DEVICES 8
#define BENCH_RULES   8

/* What "match-kind = cxl, hmem, pmem" makes of a rule's match_kinds. */
#define BENCH_ALL_KINDS (1U << DAX_KIND_CXL | 1U << DAX_KIND_HMEM | 1U << DAX_KIND_PMEM)

struct bench {
	struct facts facts;
	struct dax_device devices[BENCH_DEVICES];
	struct numa_node nodes[2]; /* 0: CPUs and DRAM; 1: CPUs without memory */
	struct config config;
	struct rule rules[BENCH_RULES];
	struct history history;
	uint64_t now_usec;
	struct plan *plan; /* of the last bench_plan() */
};

void bench_init(struct bench *bench);
void bench_done(struct bench *bench);

/*
 * An unbound device "daxN.0", N counting from 0, on node 2 + N; its distance is the kernel's
 * default 20, its knob what the kernel starts it with: on for cxl, off for the others.
 */
struct dax_device *bench_add_device(struct bench *bench, enum dax_kind kind, uint64_t size);

/* Without criteria: system-ram, memmap auto, zone movable. */
struct rule *bench_add_rule(struct bench *bench, const char *name);

void bench_set_driver(struct dax_device *device, const char *driver); /* NULL: unbound */
void bench_set_distance(struct dax_device *device, unsigned value, enum distance_source source);
void bench_add_holder(struct dax_device *device, pid_t pid, const char *comm, bool mapped);

/* Sets so many blocks from the first one on. */
void bench_set_blocks(struct dax_device *device, size_t n, enum block_state state, enum zone zone);

/* Bound to kmem with all blocks in this state and zone. */
void bench_bind_kmem(struct dax_device *device, enum block_state state, enum zone zone);

struct device_history *bench_history(struct bench *bench, const struct dax_device *device);

/* Plans twice, fails the test if the two differ, and returns the entry of the device. */
const struct device_plan *bench_plan(struct bench *bench, const struct dax_device *device);

/* "set-memmap 0, bind-kmem": a plan's steps in one line; "" for none. Valid until the next call. */
const char *bench_steps(const struct device_plan *plan);

bool bench_has_step(const struct device_plan *plan, enum step_kind kind);

/* Fails the test unless the device's plan has this state and these steps. */
#define assert_plan(bench, device, expected_state, expected_steps)                                 \
	do {                                                                                       \
		const struct device_plan *_plan = bench_plan(bench, device);                       \
                                                                                                   \
		ck_assert_str_eq(device_state_to_string(_plan->state),                             \
				 device_state_to_string(expected_state));                          \
		ck_assert_str_eq(bench_steps(_plan), expected_steps);                              \
	} while (0)

/* Fails the test unless text contains part. */
#define assert_says(text, part)                                                                    \
	ck_assert_msg((text) && strstr(text, part), "\"%s\" does not say \"%s\"", text, part)

#endif

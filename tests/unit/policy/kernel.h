/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TEST_POLICY_KERNEL_H
#define TEST_POLICY_KERNEL_H

/*
 * What a kernel would make of a plan, on a bench: enough of it to see where plan after plan leads.
 * It fails the test where a kernel would refuse a step, or strand memory.
 */

#include "bench.h"

struct kernel {
	struct bench *bench;
	/* What a node's distance turns out to be once it exists, and what firmware says before. */
	unsigned real[BENCH_DEVICES];
	struct node_distance forecast[BENCH_DEVICES];
	enum online_policy kept; /* while the policy is held */
	bool holds;
};

/* real[] is for the caller to fill. */
void kernel_init(struct kernel *kernel, struct bench *bench);

/* Carries out one device's plan, and remembers of it what the daemon would. */
void kernel_run(struct kernel *kernel, const struct device_plan *plan);

#endif

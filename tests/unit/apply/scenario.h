/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_APPLY_SCENARIO_H
#define DAXTIER_TESTS_APPLY_SCENARIO_H

/* Plans as policy makes them, each on a host that it is for. */

#include "bench.h"

struct scenario {
	const char *name;
	const struct fake_kernel_device *device;
	const char *auto_online; /* before and after */
	void (*prepare)(void);
	void (*plan)(struct device_plan *plan);
	/* What policy would plan for the device as it is now: from any point that the plan can be
	 * interrupted at, it leads to the same goal. */
	void (*finish)(struct device_plan *plan);
	void (*check)(void); /* the goal */
};

extern const struct scenario scenarios[];
extern const size_t n_scenarios;

#endif

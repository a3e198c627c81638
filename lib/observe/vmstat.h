/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_OBSERVE_VMSTAT_H
#define DAXTIER_OBSERVE_VMSTAT_H

/*
 * What the kernel counts of pages that move between memory tiers, since boot. No part of the facts:
 * it decides nothing, and changes all the time.
 */

#include <stdbool.h>
#include <stdint.h>

#include "sysfs/sysfs.h"

enum vmstat_counter {
	VMSTAT_PROMOTED,
	VMSTAT_PROMOTION_CANDIDATE,
	VMSTAT_DEMOTED_KSWAPD,
	VMSTAT_DEMOTED_DIRECT,
	VMSTAT_DEMOTED_KHUGEPAGED,
	VMSTAT_DEMOTED_PROACTIVE,
	VMSTAT_MAX,
};

struct vmstat {
	bool known[VMSTAT_MAX]; /* false: this kernel, or one built so, does not count it */
	uint64_t pages[VMSTAT_MAX];
};

/* As /proc/vmstat calls it. */
const char *vmstat_counter_name(enum vmstat_counter counter);

/* 0 or the kernel's negative errno. */
int vmstat_read(struct sysfs *sysfs, struct vmstat *ret);

#endif

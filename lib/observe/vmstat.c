/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/vmstat.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

const char *vmstat_counter_name(enum vmstat_counter counter)
{
	switch (counter) {
	case VMSTAT_PROMOTED:
		return "pgpromote_success";
	case VMSTAT_PROMOTION_CANDIDATE:
		return "pgpromote_candidate";
	case VMSTAT_DEMOTED_KSWAPD:
		return "pgdemote_kswapd";
	case VMSTAT_DEMOTED_DIRECT:
		return "pgdemote_direct";
	case VMSTAT_DEMOTED_KHUGEPAGED:
		return "pgdemote_khugepaged";
	case VMSTAT_DEMOTED_PROACTIVE:
		return "pgdemote_proactive";
	case VMSTAT_MAX:
		break;
	}
	return "";
}

static void take_line(const char *line, struct vmstat *vmstat)
{
	char name[64];
	uint64_t pages;

	if (sscanf(line, "%63s %" SCNu64, name, &pages) != 2)
		return;
	for (int i = 0; i < VMSTAT_MAX; i++)
		if (strcmp(name, vmstat_counter_name((enum vmstat_counter)i)) == 0) {
			vmstat->known[i] = true;
			vmstat->pages[i] = pages;
		}
}

/*
 * That of the whole host: older kernels count demotions as events there only, and not for each
 * node.
 */
int vmstat_read(struct sysfs *sysfs, struct vmstat *ret)
{
	_cleanup_free_ char *text = NULL;
	struct vmstat vmstat = {};
	char *save = NULL;
	int r;

	r = sysfs_read_string(sysfs, &text, "proc/vmstat");
	if (r < 0)
		return r;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		take_line(line, &vmstat);
	*ret = vmstat;
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/memmap-obstacle.h"

enum memmap_obstacle memmap_obstacle_of(const struct host *host, const struct dax_device *device)
{
	if (device->knob == MEMMAP_KNOB_ABSENT)
		return MEMMAP_NO_KNOB;
	switch (host->memmap_param) {
	case MEMMAP_PARAM_OFF:
		return memmap_fills_pmds(host) ? MEMMAP_SWITCHED_OFF : MEMMAP_NOT_ALIGNED;
	case MEMMAP_PARAM_ON:
	case MEMMAP_PARAM_FORCE: /* pads up to a page block; whole PMDs it asks for as well */
		return memmap_fills_pmds(host) ? MEMMAP_POSSIBLE : MEMMAP_NOT_ALIGNED;
	case MEMMAP_PARAM_ABSENT:
	case MEMMAP_PARAM_MAX:
		break;
	}
	return MEMMAP_NOT_BUILT_IN;
}

const char *memmap_obstacle_words(enum memmap_obstacle obstacle)
{
	switch (obstacle) {
	case MEMMAP_POSSIBLE:
		break;
	case MEMMAP_NO_KNOB:
		return "this kernel has no memmap_on_memory attribute for dax devices (Linux 6.9 "
		       "and later have it)";
	case MEMMAP_NOT_BUILT_IN:
		return "this kernel was built without CONFIG_MHP_MEMMAP_ON_MEMORY";
	case MEMMAP_NOT_ALIGNED:
		return "with this kernel's page and memory block sizes the memmap of one block "
		       "does not fill whole PMDs, without which the kernel never places it there";
	case MEMMAP_SWITCHED_OFF:
		return "the kernel was not booted with memory_hotplug.memmap_on_memory=1";
	}
	return "nothing stands in the way";
}

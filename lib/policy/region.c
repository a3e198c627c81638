/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/region.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "policy/reason.h"

static bool is_in_region(const struct cxl_memdev *memdev)
{
	for (size_t i = 0; i < memdev->n_decoders; i++)
		if (memdev->decoders[i].region)
			return true;
	return false;
}

static struct device_plan *add_entry(struct plan *plan, const struct cxl_memdev *memdev)
{
	struct device_plan *regions;
	char *name = strdup(memdev->name);

	if (!name)
		return NULL;
	regions = reallocarray(plan->regions, plan->n_regions + 1, sizeof(*regions));
	if (!regions) {
		free(name);
		return NULL;
	}
	plan->regions = regions;
	regions[plan->n_regions] = (struct device_plan){
		.device = name,
		.purpose = PLAN_CREATE_REGION,
		.rank = UINT_MAX,
		.state = DEVICE_UNMANAGED,
		.target_node = -1,
		.size = memdev->ram_size,
	};
	return &regions[plan->n_regions++];
}

int regions_plan(const struct facts *facts, const struct config *config,
		 const struct history *history, uint64_t now_usec, struct plan *plan)
{
	if (config->create_regions)
		return 0; /* which ones is not decided yet: none is proposed */
	for (size_t i = 0; i < facts->cxl.n_memdevs; i++) {
		const struct cxl_memdev *memdev = &facts->cxl.memdevs[i];
		struct device_plan *entry;

		if (memdev->ram_size == 0 || is_in_region(memdev))
			continue;
		entry = add_entry(plan, memdev);
		if (!entry || reason_set(&entry->reason,
					 "it is in no region, and [regions] says create-regions = "
					 "no") < 0)
			return -ENOMEM;
	}
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/bystander.h"

#include "policy/reason.h"
#include "policy/steps.h"

static bool is_flagged_for_kmem(const struct dax_device *device)
{
	switch (device->kind) {
	case DAX_KIND_CXL:
	case DAX_KIND_HMEM:
		return true;
	case DAX_KIND_PMEM:
	case DAX_KIND_UNKNOWN:
	case DAX_KIND_MAX:
		break;
	}
	return false;
}

static bool needs_new_id(const struct dax_device *device, const struct device_plan *plan)
{
	if (is_flagged_for_kmem(device))
		return false;
	for (size_t i = 0; i < plan->n_steps; i++)
		if (plan->steps[i].kind == STEP_BIND_KMEM)
			return true;
	return false;
}

/* One that will not get its driver by itself comes first: somebody has to see to it. */
static const struct device_plan *find_bystander(const struct facts *facts, const struct plan *plan)
{
	const struct device_plan *found = NULL;

	for (size_t i = 0; i < facts->n_devices; i++) {
		const struct dax_device *device = &facts->devices[i];

		if (device->driver || !is_flagged_for_kmem(device))
			continue;
		if (plan->devices[i].n_steps == 0)
			return &plan->devices[i];
		found = found ?: &plan->devices[i];
	}
	return found;
}

static int wait_for(struct device_plan *plan, const struct device_plan *bystander)
{
	int r;

	if (bystander->n_steps > 0)
		r = reason_set(&plan->reason,
			       "waiting until %s has its driver, because kmem/new_id, which this "
			       "device needs, would bind that one too",
			       bystander->device);
	else
		r = reason_set(&plan->reason,
			       "waiting, because kmem/new_id, which this device needs, would bind "
			       "%s too, which is to stay without a driver (%s); give that one a "
			       "driver first",
			       bystander->device, device_state_to_string(bystander->state));
	if (r < 0)
		return r;
	plan->state = DEVICE_PENDING;
	steps_drop(plan);
	return 0;
}

int bystanders_protect(const struct facts *facts, struct plan *plan)
{
	const struct device_plan *bystander = find_bystander(facts, plan);

	for (size_t i = 0; bystander && i < facts->n_devices; i++)
		if (needs_new_id(&facts->devices[i], &plan->devices[i])) {
			int r = wait_for(&plan->devices[i], bystander);

			if (r < 0)
				return r;
		}
	return 0;
}

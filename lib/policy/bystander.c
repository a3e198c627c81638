/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/bystander.h"

#include "policy/reason.h"
#include "policy/steps.h"

/* Whose new_id, and what it is good for. */
struct new_id {
	const char *driver;
	enum step_kind step;
	bool takes_flagged; /* binds along what is flagged for kmem; else, what is not */
};

static const struct new_id kmem = {"kmem", STEP_BIND_KMEM, true};
static const struct new_id device_dax = {"device_dax", STEP_BIND_DEVDAX, false};

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

static bool needs(const struct new_id *id, const struct dax_device *device,
		  const struct device_plan *plan)
{
	if (is_flagged_for_kmem(device) == id->takes_flagged)
		return false;
	for (size_t i = 0; i < plan->n_steps; i++)
		if (plan->steps[i].kind == id->step)
			return true;
	return false;
}

static const struct device_plan *find_needy(const struct new_id *id, const struct facts *facts,
					    const struct plan *plan)
{
	for (size_t i = 0; i < facts->n_devices; i++)
		if (needs(id, &facts->devices[i], &plan->devices[i]))
			return &plan->devices[i];
	return NULL;
}

/* One that will not get its driver by itself comes first: somebody has to see to it. */
static const struct device_plan *find_bystander(const struct new_id *id, const struct facts *facts,
						const struct plan *plan)
{
	const struct device_plan *found = NULL;

	for (size_t i = 0; i < facts->n_devices; i++) {
		const struct dax_device *device = &facts->devices[i];

		/* What has left is on no bus, although its memory is still seen. */
		if (device->driver || device->gone ||
		    is_flagged_for_kmem(device) != id->takes_flagged)
			continue;
		if (plan->devices[i].n_steps == 0)
			return &plan->devices[i];
		found = found ?: &plan->devices[i];
	}
	return found;
}

static int wait_for(struct device_plan *plan, const struct new_id *id,
		    const struct device_plan *bystander)
{
	int r;

	if (bystander->n_steps > 0)
		r = reason_set(&plan->reason,
			       "waiting until %s has its driver, because %s/new_id, which this "
			       "device needs, would bind that one too",
			       bystander->device, id->driver);
	else
		r = reason_set(&plan->reason,
			       "waiting, because %s/new_id, which this device needs, would bind "
			       "%s too, which is to stay without a driver (%s); give that one a "
			       "driver first",
			       id->driver, bystander->device,
			       device_state_to_string(bystander->state));
	if (r < 0)
		return r;
	plan->state = DEVICE_PENDING;
	steps_drop(plan);
	return 0;
}

static int bind_to_device_dax_first(const struct host *host, struct device_plan *plan,
				    const struct device_plan *other)
{
	int r;

	steps_drop(plan);
	r = reason_set(&plan->reason,
		       "bound to device_dax first, because this device and %s each need a new_id "
		       "that would bind the other one too",
		       other->device);
	if (r == 0 && !host->device_dax_loaded)
		r = device_plan_add_step(plan, STEP_LOAD_MODULE, "device_dax");
	return r < 0 ? r : device_plan_add_step(plan, STEP_BIND_DEVDAX, NULL);
}

int bystanders_protect(const struct facts *facts, struct plan *plan)
{
	const struct device_plan *for_kmem = find_bystander(&kmem, facts, plan);
	const struct device_plan *for_dax = find_bystander(&device_dax, facts, plan);
	const struct device_plan *needy = find_needy(&device_dax, facts, plan);
	int r = 0;

	/* In two passes, as what one takes away tells the other whether a bystander stays. */
	for (size_t i = 0; r == 0 && for_dax && i < facts->n_devices; i++)
		if (needs(&device_dax, &facts->devices[i], &plan->devices[i]))
			r = wait_for(&plan->devices[i], &device_dax, for_dax);
	for (size_t i = 0; r == 0 && for_kmem && i < facts->n_devices; i++) {
		if (!needs(&kmem, &facts->devices[i], &plan->devices[i]))
			continue;
		if (needy && !facts->devices[i].driver)
			r = bind_to_device_dax_first(&facts->host, &plan->devices[i], needy);
		else
			r = wait_for(&plan->devices[i], &kmem, for_kmem);
	}
	return r;
}

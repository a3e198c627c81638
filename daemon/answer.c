/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions that anybody may ask: what would happen, and what a release would meet. */
#include <json-c/json.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "manager.h"
#include "model/rehearsal.h"
#include "policy/rehearse.h"

#define ANSWER_VALID_USEC UINT64_C(1000000)

/*
 * Anybody may ask; a look at a large host may take no more of the loop's time than this.
 */
#define ANSWER_SHARE UINT64_C(10)

DEFINE_CLEANUP(struct json_object *, json_object_put);

static uint64_t clock_usec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

void answer_forget(struct manager *manager)
{
	manager->answer = plan_free(manager->answer);
	manager->answer_facts = facts_free(manager->answer_facts);
}

/*
 * For a while the last answer is given again, unless something happened in between, or it lacks who
 * holds the devices: the policy asks that of some only, and an eject is of any.
 */
static int refresh_answer(struct manager *manager, bool holders)
{
	struct facts *facts;
	uint64_t start = clock_usec(), end, cost;
	struct plan *plan;
	int r;

	if (manager->answer && start < manager->answer_until_usec &&
	    (manager->answer_has_holders || !holders))
		return 0;
	manager->looks_at_all_holders = holders;
	r = manager_look(manager, &facts, &plan);
	manager->looks_at_all_holders = false;
	if (r < 0)
		return r;
	answer_forget(manager);
	manager->answer_has_holders = holders;
	manager->answer_facts = facts;
	manager->answer = plan;
	end = clock_usec();
	cost = (end - start) * ANSWER_SHARE;
	manager->answer_until_usec = end + (cost > ANSWER_VALID_USEC ? cost : ANSWER_VALID_USEC);
	return 0;
}

/* Whether it is about this device, or makes a region of this memdev. */
static bool is_about(const struct device_plan *plan, const char *device)
{
	if (!*device || strcmp(plan->device, device) == 0)
		return true;
	for (size_t i = 0; i < plan->region.n_targets; i++)
		if (strcmp(plan->region.targets[i].memdev, device) == 0)
			return true;
	return false;
}

static int add_plans(struct json_object *array, const char *device, const struct device_plan *plans,
		     size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct json_object *object;

		if (!is_about(&plans[i], device))
			continue;
		object = device_plan_to_json(&plans[i]);
		if (!object || json_object_array_add(array, object) < 0) {
			json_object_put(object);
			return -ENOMEM;
		}
	}
	return 0;
}

int answer_plan(void *userdata, const char *device, struct json_object **ret)
{
	struct manager *manager = userdata;
	_cleanup_(json_object_putp) struct json_object *array = NULL;
	int r;

	r = refresh_answer(manager, false);
	if (r < 0)
		return r;
	array = json_object_new_array();
	if (!array)
		return -ENOMEM;
	r = add_plans(array, device, manager->answer->devices, manager->answer->n_devices);
	if (r == 0)
		r = add_plans(array, device, manager->answer->regions, manager->answer->n_regions);
	if (r == 0 && *device && json_object_array_length(array) == 0)
		r = -ENODEV;
	if (r < 0)
		return r;
	*ret = TAKE_PTR(array);
	return 0;
}

int answer_rehearse(void *userdata, const char *device, bool eject, struct json_object **ret)
{
	struct manager *manager = userdata;
	const struct dax_device *own;
	struct rehearsal rehearsal;
	int r;

	r = refresh_answer(manager, true);
	if (r < 0)
		return r;
	own = facts_find_device(manager->answer_facts, device);
	if (!own)
		return -ENODEV;
	r = policy_rehearse(manager->answer_facts, own, eject, &rehearsal);
	if (r < 0)
		return r;
	*ret = rehearsal_to_json(&rehearsal);
	rehearsal_done(&rehearsal);
	return *ret ? 0 : -ENOMEM;
}

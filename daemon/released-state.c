/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was released, across a restart: see released.h. */
#include "base/cleanup.h"
#include "log.h"
#include "manager.h"
#include "released.h"

DEFINE_CLEANUP(struct json_object *, json_object_put);

/* Without the list nothing is released: the policy decides, as after a boot. */
void manager_load_released(struct manager *manager)
{
	int r = released_read(manager->options.run_dir, &manager->released_list);

	if (r < 0)
		log_warning_errno(r,
				  "Cannot read %s/released; what was released before the restart "
				  "is treated as any other device",
				  manager->options.run_dir);
}

/* Only what differs from what stands there is written. */
void manager_save_released(struct manager *manager)
{
	_cleanup_(json_object_putp) struct json_object *list = NULL;
	int r;

	if (!manager->facts)
		return;
	list = released_to_json(manager->facts, manager->config, &manager->history);
	if (!list) {
		log_oom();
		return;
	}
	if (manager->released_list && json_object_equal(manager->released_list, list))
		return;
	r = released_write(manager->options.run_dir, list);
	if (r < 0) {
		log_error_errno(r,
				"Cannot write %s/released; what is released may come back after a "
				"restart of the daemon",
				manager->options.run_dir);
		return;
	}
	json_object_put(manager->released_list);
	manager->released_list = TAKE_PTR(list);
}

static void set_released(struct manager *manager, const char *name, uint64_t now_usec)
{
	struct device_history *history = history_get(&manager->history, name);

	if (!history) {
		log_oom();
		return;
	}
	history->released = true;
	history->released_usec = now_usec;
}

void manager_set_released(struct manager *manager, const struct device_plan *plan)
{
	uint64_t now_usec = manager_now(manager); /* one for all that goes together */

	set_released(manager, plan->device, now_usec);
	/* Or the region would be made again at once. */
	for (size_t i = 0; i < plan->n_steps; i++)
		if (plan->steps[i].kind == STEP_DELETE_REGION)
			for (size_t k = 0; k < plan->region.n_targets; k++)
				set_released(manager, plan->region.targets[k].memdev, now_usec);
	manager_save_released(manager);
}

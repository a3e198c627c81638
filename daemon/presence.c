/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is there, from one look to the next: what is remembered of a device is about that very one,
 * and is forgotten when it has left, which only a look at the host tells.
 */
#include "base/cleanup.h"
#include "in-use.h"
#include "log.h"
#include "manager.h"
#include "policy/region.h"
#include "released.h"
#include "request.h"
#include "state-file.h"

#define IN_USE_FILE "in-use"

DEFINE_CLEANUP(struct json_object *, json_object_put);

static void forget(struct manager *manager, struct device_run *run, const char *how)
{
	log_write(&(struct log_entry){.priority = LOG_INFO, .device = run->name}, "%s: %s",
		  run->name, how);
	history_forget(&manager->history, run->name);
	requests_device_left(manager, run->name);
}

/* The run of what has this name now; NULL: out of memory. */
static struct device_run *enter(struct manager *manager, const char *name, uint64_t instance)
{
	struct device_run *run = manager_get_run(manager, name);

	/* What comes of a worker is still about the one that it was started for. */
	if (!run || run->worker || instance == 0)
		return run;
	if (run->instance != 0 && run->instance != instance) {
		forget(manager, run, "left, and another device came under its name");
		run->in_a_row = 0;
		run->unsaid = true;
	}
	run->instance = instance;
	return run;
}

static bool is_kept_released(struct manager *manager, const struct dax_device *device)
{
	return !manager->started && manager->released_list &&
	       released_has_device(manager->released_list, manager->config, device) > 0;
}

static int enter_device(struct manager *manager, const struct dax_device *device, uint64_t now_usec)
{
	struct device_history *history;
	bool known;

	if (!enter(manager, device->name, device->instance))
		return -ENOMEM;
	known = history_find(&manager->history, device->name) != NULL;
	history = history_get(&manager->history, device->name);
	if (!history)
		return -ENOMEM;
	if (!known) {
		history->hot_added = manager->started;
		history->unprobed = manager->claimed && manager->claim_withholds;
	}
	if (history->first_seen_usec == 0)
		history->first_seen_usec = now_usec;
	if (device->driver) /* it has had one: who unbinds it now does so on purpose */
		history->unprobed = false;
	if (is_kept_released(manager, device))
		history->released = true;
	return 0;
}

static int enter_memdev(struct manager *manager, const struct cxl_memdev *memdev, uint64_t now_usec)
{
	struct device_history *history;

	if (!enter(manager, memdev->name, memdev->instance))
		return -ENOMEM;
	history = history_get(&manager->history, memdev->name);
	if (!history)
		return -ENOMEM;
	if (history->first_seen_usec == 0) {
		history->hot_added = manager->started;
		history->first_seen_usec = now_usec;
	}
	if (!manager->started && manager->released_list &&
	    released_has_memdev(manager->released_list, manager->config, memdev,
				&history->released_usec) > 0)
		history->released = true;
	return 0;
}

int manager_enter(struct manager *manager, const struct facts *facts)
{
	uint64_t now_usec = manager_now(manager); /* one for all: they were seen together */
	int r = 0;

	for (size_t i = 0; i < facts->n_devices && r == 0; i++)
		r = enter_device(manager, &facts->devices[i], now_usec);
	for (size_t i = 0; i < facts->cxl.n_memdevs && r == 0; i++)
		r = enter_memdev(manager, &facts->cxl.memdevs[i], now_usec);
	return r;
}

/* A look that did not get hold of it proves nothing: a read may have failed. */
static bool has_left(struct manager *manager, const char *name)
{
	return sysfs_exists(&manager->sysfs, "sys/bus/dax/devices/%s", name) == 0 &&
	       sysfs_exists(&manager->sysfs, "sys/bus/cxl/devices/%s", name) == 0;
}

void manager_drop_gone(struct manager *manager)
{
	manager->missed = false;
	for (size_t i = manager->n_runs; i-- > 0;) {
		struct device_run *run = manager->runs[i];

		if (run->worker || facts_find_device(manager->facts, run->name) ||
		    cxl_find_memdev(&manager->facts->cxl, run->name))
			continue;
		if (!has_left(manager, run->name)) {
			manager->missed = true;
			continue;
		}
		forget(manager, run, "left");
		if (manager->bus_server)
			bus_server_remove_device(manager->bus_server, run->name);
		manager_drop_run(manager, run);
	}
}

void manager_gather_again(struct manager *manager, const char *memdev)
{
	uint64_t now_usec = manager_now(manager);

	if (!manager->facts)
		return;
	regions_regather(manager->facts, memdev, now_usec, &manager->history);
	/* The one that a region is named by keeps what failed for all of them. */
	for (size_t i = 0; i < manager->facts->cxl.n_memdevs; i++) {
		const char *name = manager->facts->cxl.memdevs[i].name;

		if (history_find(&manager->history, name) &&
		    history_find(&manager->history, name)->first_seen_usec == now_usec)
			device_history_forgive(history_get(&manager->history, name));
	}
}

/* Without it what has left before this daemon is not known, nor that its memory is still used. */
void manager_load_in_use(struct manager *manager)
{
	int r = state_file_read(manager->options.run_dir, IN_USE_FILE, &manager->in_use_list);

	if (r >= 0)
		r = in_use_from_json(manager->in_use_list, &manager->in_use);
	if (r < 0)
		log_warning_errno(r,
				  "Cannot read %s/" IN_USE_FILE "; memory that a device has left "
				  "behind is not told of any more",
				  manager->options.run_dir);
}

/* Only what differs from what stands there is written. */
void manager_save_in_use(struct manager *manager)
{
	_cleanup_(json_object_putp) struct json_object *list = in_use_to_json(manager->facts);
	int r;

	if (!list) {
		log_oom();
		return;
	}
	if (manager->in_use_list && json_object_equal(manager->in_use_list, list))
		return;
	r = state_file_write(manager->options.run_dir, IN_USE_FILE, list);
	if (r < 0) {
		log_error_errno(r,
				"Cannot write %s/" IN_USE_FILE "; memory that a device leaves "
				"behind is not told of after a restart of the daemon",
				manager->options.run_dir);
		return;
	}
	json_object_put(manager->in_use_list);
	manager->in_use_list = TAKE_PTR(list);
}

/* What the last look saw, be it that of the daemon before. */
const struct dax_device *manager_seen_before(size_t i, void *userdata)
{
	const struct manager *manager = userdata;
	const struct facts *facts = manager->facts ?: manager->in_use;

	return facts && i < facts->n_devices ? &facts->devices[i] : NULL;
}

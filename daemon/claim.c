/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Holding the dax bus, so that the kernel binds nothing before policy has spoken. */
#include <errno.h>

#include "base/cleanup.h"
#include "boot-claim.h"
#include "held.h"
#include "log.h"
#include "manager.h"
#include "messages.h"

static struct applier applier_of(struct manager *manager)
{
	return held_applier(&manager->sysfs, manager->options.run_dir);
}

/*
 * What is there before the claim has been offered to its driver by the kernel, and is not offered
 * again: somebody may have unbound it on purpose. Unless the bus was claimed before anything could
 * be there.
 */
int manager_note_present(struct manager *manager)
{
	_cleanup_(strv_done) struct strv names = {};
	bool since_boot;
	int r;

	r = boot_claim_is_new(manager->options.run_dir);
	if (r < 0)
		return r;
	since_boot = r > 0;
	r = sysfs_list(&manager->sysfs, &names, "sys/bus/dax/devices");
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	for (size_t i = 0; i < names.n; i++) {
		struct device_history *history = history_get(&manager->history, names.items[i]);

		if (!history || !manager_get_run(manager, names.items[i]))
			return -ENOMEM;
		history->unprobed = since_boot;
	}
	return 0;
}

/*
 * Where the bus is a module that nothing has asked for yet, there is nothing to claim, and the
 * first device would bind before its uevent reaches us. So the bus is loaded at the start; without
 * it there cannot be a device either. If somebody takes it out later, that is his affair.
 */
static int claim_bus(struct manager *manager)
{
	struct applier applier = applier_of(manager);
	int r;

	r = apply_claim(&applier);
	if (r != -ENOENT || manager->started || !sysfs_is_live(&manager->sysfs))
		return r;
	return module_kmod_ops.load(NULL, "dax") < 0 ? -ENOENT : apply_claim(&applier);
}

void manager_claim(struct manager *manager)
{
	bool failed_before = manager->claim_failed;
	int r;

	if (!manager->config->claim || manager->claimed || manager->stopping)
		return;
	r = claim_bus(manager);
	manager->claim_failed = r < 0;
	manager->claimed = r >= 0;
	if (r == APPLY_CLAIM_RESUMED &&
	    !manager->started) /* what is there may have come under it */
		for (size_t i = 0; i < manager->history.n_devices; i++)
			manager->history.devices[i].unprobed = true;
	manager->claim_withholds = r == APPLY_CLAIM_TAKEN || r == APPLY_CLAIM_RESUMED;
	if (r >= 0)
		log_write(&(struct log_entry){.priority = LOG_INFO,
					      .message_id = MESSAGE_CLAIMED,
					      .path = "/sys/bus/dax/drivers_autoprobe",
					      .value = "0"},
			  "Claimed the dax bus: the kernel binds no new device by itself");
	else if (failed_before)
		return;
	else if (r == -ENOENT)
		log_debug("There is no dax bus yet; it is claimed when it appears");
	else
		log_write(&(struct log_entry){.priority = LOG_WARNING,
					      .error = r,
					      .path = "/sys/bus/dax/drivers_autoprobe"},
			  "Cannot claim the dax bus through /sys/bus/dax/drivers_autoprobe; new "
			  "devices will be bound by the kernel before policy is asked");
}

static bool waits_for_its_driver(const struct device_plan *plan)
{
	return plan->n_steps == 1 && plan->steps[0].kind == STEP_PROBE_DEFAULT;
}

static void probe_the_kept(struct manager *manager, const struct plan *plan)
{
	for (size_t i = 0; i < plan->n_devices; i++)
		if (waits_for_its_driver(&plan->devices[i]))
			held_hand_over(&manager->sysfs, plan->devices[i].device);
}

/*
 * Looks once more before it forgets the claim: whatever appeared under it is entered as kept from
 * its driver. What appears after the restore is offered to its driver by the kernel, and offering
 * it again does no harm. *ret_plan is NULL where there was no claim or no look.
 */
static void end_claim(struct manager *manager, int (*restore)(struct applier *),
		      struct plan **ret_plan)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;
	struct applier applier = applier_of(manager);
	int r;

	r = restore(&applier);
	if (r < 0) {
		log_error_errno(r,
				"Cannot put back what is recorded in %s; see "
				"/sys/bus/dax/drivers_autoprobe and "
				"/sys/devices/system/memory/auto_online_blocks",
				manager->options.run_dir);
		return;
	}
	if (!manager->claimed)
		return;
	log_write(&(struct log_entry){.priority = LOG_INFO,
				      .message_id = MESSAGE_RESTORED,
				      .path = "/sys/bus/dax/drivers_autoprobe"},
		  "Released the dax bus: drivers_autoprobe is as it was");
	r = manager_look(manager, &facts, ret_plan);
	if (r < 0)
		log_warning_errno(r, "Cannot look for devices that the claim kept from a driver");
	manager->claimed = false;
}

/*
 * The next plan hands over what is kept, in a worker: one may be running, under a policy of its
 * own.
 */
void manager_unclaim(struct manager *manager)
{
	_cleanup_(plan_freep) struct plan *plan = NULL;

	end_claim(manager, apply_unclaim, &plan);
}

/* What belongs to devices takes too long for now: --restore does it, or the next start. */
static int restore_settings(struct applier *applier)
{
	int r = apply_restore_attributes(applier), q = apply_unclaim(applier);

	return r < 0 ? r : q;
}

void manager_let_go(struct manager *manager)
{
	_cleanup_(plan_freep) struct plan *plan = NULL;

	end_claim(manager, restore_settings, &plan);
	if (plan)
		probe_the_kept(manager, plan);
}

/* Waits for the workers' lock, so it is only done once none is left. */
void manager_restore_after_worker(struct manager *manager)
{
	struct applier applier = applier_of(manager);
	int r;

	if (!manager->restore_auto_online || manager_count_workers(manager) > 0)
		return;
	manager->restore_auto_online = false;
	leftovers_expect(manager);
	r = apply_restore_attributes(&applier);
	if (r < 0)
		log_error_errno(r, "Cannot put auto_online_blocks back as recorded in %s",
				manager->options.run_dir);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Holding the dax bus, so that the kernel binds nothing before policy has spoken. */
#include <errno.h>

#include "apply/apply.h"
#include "log.h"
#include "manager.h"
#include "messages.h"

static struct applier applier_of(struct manager *manager)
{
	return (struct applier){
		.sysfs = &manager->sysfs,
		.run_dir = manager->options.run_dir,
		.modules = &module_kmod_ops,
	};
}

/*
 * Where the bus is a module that nothing has asked for yet, there is nothing to claim, and the
 * first device would bind before its uevent reaches us. So the bus is loaded first; without it
 * there cannot be a device either.
 */
int manager_claim(struct manager *manager)
{
	struct applier applier = applier_of(manager);
	int r;

	if (!manager->config->claim || manager->claimed || manager->stopping)
		return 0;
	r = apply_claim(&applier);
	if (r == -ENOENT && sysfs_is_live(&manager->sysfs)) {
		r = module_kmod_ops.load(NULL, "dax");
		if (r >= 0)
			r = apply_claim(&applier);
		else
			r = -ENOENT;
	}
	if (r == -ENOENT) {
		log_debug("There is no dax bus yet; it is claimed when it appears");
		return 0;
	}
	if (r < 0)
		return log_write(
			&(struct log_entry){.priority = LOG_WARNING,
					    .error = r,
					    .path = "/sys/bus/dax/drivers_autoprobe"},
			"Cannot claim the dax bus through /sys/bus/dax/drivers_autoprobe; new "
			"devices will be bound by the kernel before policy is asked");
	manager->claimed = true;
	log_write(&(struct log_entry){.priority = LOG_INFO,
				      .message_id = MESSAGE_CLAIMED,
				      .path = "/sys/bus/dax/drivers_autoprobe",
				      .value = "0"},
		  "Claimed the dax bus: the kernel binds no new device by itself");
	return 0;
}

void manager_unclaim(struct manager *manager)
{
	struct applier applier = applier_of(manager);
	int r = apply_restore(&applier);

	if (r < 0) {
		log_error_errno(r,
				"Cannot put back what is recorded in %s; see "
				"/sys/bus/dax/drivers_autoprobe and "
				"/sys/devices/system/memory/auto_online_blocks",
				manager->options.run_dir);
		return;
	}
	if (manager->claimed)
		log_write(&(struct log_entry){.priority = LOG_INFO,
					      .message_id = MESSAGE_RESTORED,
					      .path = "/sys/bus/dax/drivers_autoprobe"},
			  "Released the dax bus: its drivers bind by themselves again");
	manager->claimed = false;
}

/* Waits for the workers' lock, so it is only done once none is left. */
void manager_restore_after_worker(struct manager *manager)
{
	struct applier applier = applier_of(manager);
	int r;

	if (!manager->restore_auto_online || manager_count_workers(manager) > 0)
		return;
	manager->restore_auto_online = false;
	r = apply_restore_auto_online(&applier);
	if (r < 0)
		log_error_errno(r, "Cannot put auto_online_blocks back as recorded in %s",
				manager->options.run_dir);
}

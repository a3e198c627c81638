/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "held.h"

#include "log.h"
#include "messages.h"

static void say(const struct apply_report *report, int priority, const char *what)
{
	log_write(&(struct log_entry){.priority = priority,
				      .error = report->error,
				      .error_told = report->message != NULL,
				      .message_id = MESSAGE_RESTORED,
				      .device = report->device,
				      .path = report->path,
				      .value = report->value},
		  "%s %s%s%s", report->path ?: "A held setting", what, report->message ? ": " : "",
		  report->message ?: "");
}

void held_log(const struct apply_report *report)
{
	switch (report->event) {
	case APPLY_UNDO:
		say(report, LOG_INFO, "is as it was");
		break;
	case APPLY_STEP_SKIPPED:
		say(report, LOG_NOTICE, "was left alone");
		break;
	case APPLY_UNDO_FAILED:
		say(report, LOG_ERR, "could not be put back");
		break;
	case APPLY_STEP_BEGIN:
	case APPLY_STEP_DONE:
	case APPLY_BLOCKS:
		break;
	}
}

static void on_report(const struct apply_report *report, void *userdata)
{
	held_log(report);
}

struct applier held_applier(struct sysfs *sysfs, const char *run_dir)
{
	return (struct applier){
		.sysfs = sysfs,
		.run_dir = run_dir,
		.modules = &module_kmod_ops,
		.report = on_report,
	};
}

void held_hand_over(struct sysfs *sysfs, const char *device)
{
	int r;

	r = sysfs_write(sysfs, device, "sys/bus/dax/drivers_probe");
	log_write(&(struct log_entry){.priority = r < 0 ? LOG_WARNING : LOG_INFO,
				      .error = r,
				      .device = device,
				      .path = "/sys/bus/dax/drivers_probe"},
		  "%s: %s to its default driver", device, r < 0 ? "cannot be handed" : "handed");
}

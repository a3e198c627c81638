/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "apply/run.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apply/attribute.h"
#include "base/cleanup.h"
#include "sysfs/block.h"

static void report(struct run *run, struct apply_report *what)
{
	what->step = run->step;
	if (run->applier->report)
		run->applier->report(what, run->applier->userdata);
}

void run_report(struct run *run, enum apply_event event, int error, const char *message)
{
	_cleanup_free_ char *path = NULL;
	struct apply_report what = {
		.event = event,
		.value = run->value,
		.error = error,
		.message = message,
	};

	if (run->path[0] && asprintf(&path, "/%s", run->path) < 0)
		path = NULL;
	what.path = path;
	report(run, &what);
}

void run_report_blocks(struct run *run, size_t done, size_t total)
{
	report(run, &(struct apply_report){
			    .event = APPLY_BLOCKS, .blocks_done = done, .blocks_total = total});
}

void restore_report(struct applier *applier, const char *device, enum apply_event event, int error,
		    const struct trouble *trouble)
{
	if (applier->report)
		applier->report(&(struct apply_report){.event = event,
						       .step = STEP_RESTORE_AUTO_ONLINE,
						       .device = device,
						       .path = trouble->path,
						       .error = error,
						       .message = trouble->message},
				applier->userdata);
}

int run_push_undo(struct run *run, int (*function)(struct run *, const struct undo *),
		  const char *value)
{
	_cleanup_free_ char *copy = NULL;
	struct undo *undos;

	if (value) {
		copy = strdup(value);
		if (!copy)
			return -ENOMEM;
	}
	undos = reallocarray(run->undos, run->n_undos + 1, sizeof(*undos));
	if (!undos)
		return -ENOMEM;
	run->undos = undos;
	undos[run->n_undos++] = (struct undo){
		.step = run->step,
		.function = function,
		.value = TAKE_PTR(copy),
	};
	return 0;
}

void run_at(struct run *run, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(run->path, sizeof(run->path), format, ap);
	va_end(ap);
}

int run_write(struct run *run, const char *value)
{
	run->value = value;
	return attribute_write(run->sysfs, run->path, value);
}

int run_gone(struct run *run)
{
	return trouble_set(&run->trouble, -ENODEV, NULL,
			   "%s is gone: it was removed after the plan was made", run->plan->device);
}

int run_read_driver(struct run *run, char **ret)
{
	char path[PATH_MAX];
	int r;

	r = dax_driver_read(run->sysfs, run->plan->device, ret);
	if (r == -ENODEV)
		return run_gone(run);
	if (r < 0) {
		snprintf(path, sizeof(path), "sys/bus/dax/devices/%s/driver", run->plan->device);
		return trouble_read(&run->trouble, r, path);
	}
	return 0;
}

int run_read_blocks(struct run *run, struct memory_block **ret, size_t *ret_n)
{
	const struct device_plan *plan = run->plan;
	int r;

	r = memory_blocks_read(run->sysfs, plan->ranges, plan->n_ranges, plan->block_size, ret,
			       ret_n);
	return r < 0 ? trouble_read(&run->trouble, r, "sys/devices/system/memory") : 0;
}

int run_check_stop(struct run *run)
{
	const struct applier *applier = run->applier;
	int r;

	r = run->undoing || !applier->stop ? 0 : applier->stop(applier->userdata);
	if (r == -ETIMEDOUT)
		return run_fail(run, r, "%s of %s did not end within the deadline",
				step_kind_to_string(run->step), run->plan->device);
	if (r < 0)
		return run_fail(run, r, "%s of %s was interrupted", step_kind_to_string(run->step),
				run->plan->device);
	return 0;
}

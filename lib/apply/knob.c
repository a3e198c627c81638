/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "apply/attribute.h"
#include "apply/device.h"
#include "apply/step.h"
#include "base/cleanup.h"
#include "base/errno-util.h"
#include "sysfs/block.h"

/* The answers of memmap_on_memory_store() in drivers/dax/bus.c. */
static int explain(struct run *run, const char *value, int error)
{
	const char *device = run->plan->device;

	switch (error) {
	case -EBUSY:
		return run_fail(run, error,
				"memmap_on_memory of %s cannot change while it is bound to kmem "
				"(EBUSY); unbind it first",
				device);
	case -EOPNOTSUPP:
		return run_fail(run, error,
				"this kernel cannot keep the memmap of %s on the device "
				"(EOPNOTSUPP): boot with memory_hotplug.memmap_on_memory=1 (it "
				"takes CONFIG_MHP_MEMMAP_ON_MEMORY), or say memmap-on-memory = no",
				device);
	default:
		return run_fail(run, error, "cannot set memmap_on_memory of %s to %s: %s (%s)",
				device, value, trouble_words(error), errno_name(error));
	}
}

static int write_knob(struct run *run, const char *value)
{
	int r;

	r = run_write(run, value);
	if (r < 0)
		return explain(run, value, r);
	return attribute_check(run->sysfs, run->path, value, &run->trouble);
}

static int read_knob(struct run *run, enum memmap_knob *ret)
{
	int r;

	run_at(run, "sys/bus/dax/devices/%s/memmap_on_memory", run->plan->device);
	r = dax_knob_read(run->sysfs, run->plan->device, ret);
	if (r == -ENODEV)
		return run_gone(run);
	return r < 0 ? trouble_read(&run->trouble, r, run->path) : 0;
}

static int undo(struct run *run, const struct undo *undo)
{
	enum memmap_knob now;
	int r;

	r = read_knob(run, &now);
	if (r < 0)
		return r;
	if (strcmp(memmap_knob_to_string(now), undo->value) == 0)
		return RUN_SKIPPED;
	return write_knob(run, undo->value);
}

int step_set_memmap(struct run *run, const char *value)
{
	_cleanup_free_ char *driver = NULL;
	enum memmap_knob now;
	int r;

	r = device_check(run);
	if (r < 0)
		return r;
	r = read_knob(run, &now);
	if (r < 0)
		return r;
	/* Without the attribute kmem puts the memmap in DRAM: what 0 asks for. */
	if (now == MEMMAP_KNOB_ABSENT && strcmp(value, "0") == 0)
		return RUN_SKIPPED;
	if (now == MEMMAP_KNOB_ABSENT)
		return run_fail(run, -EOPNOTSUPP,
				"this kernel has no memmap_on_memory for %s (EOPNOTSUPP): it takes "
				"6.9 or newer; say memmap-on-memory = no",
				run->plan->device);
	if (strcmp(memmap_knob_to_string(now), value) == 0)
		return RUN_SKIPPED;
	r = run_read_driver(run, &driver);
	if (r < 0)
		return r;
	if (driver && strcmp(driver, "kmem") == 0)
		return explain(run, value, -EBUSY);

	r = run_push_undo(run, undo, memmap_knob_to_string(now));
	if (r < 0)
		return r;
	return write_knob(run, value);
}

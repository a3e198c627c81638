/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "apply/driver.h"

#include <errno.h>
#include <string.h>

#include "apply/auto-online.h"
#include "apply/new-id.h"
#include "base/cleanup.h"
#include "base/errno-util.h"
#include "base/format.h"
#include "model/facts.h"
#include "sysfs/holder.h"

#define DRIVER_DIR "sys/bus/dax/drivers"

/* What the answers of dev_dax_kmem_probe() in drivers/dax/kmem.c mean. */
static int explain_kmem(struct run *run, int error)
{
	const struct device_plan *plan = run->plan;
	char block[FORMAT_SIZE_MAX], memmap[FORMAT_SIZE_MAX];

	switch (error) {
	case -EINVAL:
		return run_fail(
			run, error,
			"kmem refuses %s (EINVAL): none of its ranges holds a whole memory "
			"block of %s, or it has no NUMA node; exclude it with mode = ignore",
			plan->device, format_size(plan->block_size, block));
	case -ENOMEM:
		return run_fail(run, error,
				"there is not enough free memory to bind %s to kmem (ENOMEM): its "
				"memmap takes %s of DRAM unless it is kept on the device; free "
				"memory, or say memmap-on-memory = yes",
				plan->device,
				plan->memmap.bytes ? format_size(plan->memmap.bytes, memmap)
						   : "1/64 of its size");
	case -EBUSY:
		return run_fail(run, error,
				"kmem cannot reserve the memory of %s (EBUSY): something else has "
				"it, also memory that stayed online when its device left; see "
				"/proc/iomem",
				plan->device);
	case -EEXIST:
		return run_fail(run, error,
				"memory of %s is there already (EEXIST): it stayed online when its "
				"device left, and is stuck until the next boot",
				plan->device);
	case -E2BIG:
	case -ERANGE:
		return run_fail(run, error,
				"%s lies beyond the addresses that this kernel can map (%s); its "
				"log names them, and booting with nokaslr may widen them",
				plan->device, errno_name(error));
	default:
		return run_fail(run, error,
				"kmem refuses %s: %s (%s); the kernel's log may say more",
				plan->device, trouble_words(error), errno_name(error));
	}
}

static int explain_bind(struct run *run, const char *driver, int error)
{
	if (error == -ENOENT)
		return run_fail(run, error,
				"driver %s is not there: its module is not loaded, or the kernel "
				"was built without %s",
				driver,
				strcmp(driver, "kmem") == 0 ? "CONFIG_DEV_DAX_KMEM"
							    : "CONFIG_DEV_DAX");
	if (strcmp(driver, "kmem") == 0)
		return explain_kmem(run, error);
	return run_fail(run, error, "driver %s refuses %s: %s (%s); the kernel's log may say more",
			driver, run->plan->device, trouble_words(error), errno_name(error));
}

static int check_bound(struct run *run, const char *driver)
{
	_cleanup_free_ char *bound = NULL;
	int r;

	r = run_read_driver(run, &bound);
	if (r < 0)
		return r;
	if (!bound || strcmp(bound, driver) != 0)
		return run_fail(run, -EIO,
				"%s was bound to %s without an error, but its driver is %s now; "
				"somebody else binds dax devices as well",
				run->plan->device, driver, bound ?: "none");
	return 0;
}

/* ENODEV: there is no such device, or the driver is not of its type. Only the latter is worth a
 * detour. */
static int bind_by_id(struct run *run, const char *driver)
{
	_cleanup_free_ char *bound = NULL;
	int r;

	r = run_read_driver(run, &bound);
	if (r < 0)
		return r;
	run_at(run, DRIVER_DIR "/%s/new_id", driver);
	trouble_done(&run->trouble);
	r = strcmp(driver, "kmem") == 0 ? auto_online_hold_offline(run) : 0;
	if (r < 0)
		return r;
	r = new_id_bind(run->sysfs, run->applier->run_dir, run->plan->device, driver,
			&run->trouble);
	if (r < 0)
		return run->trouble.message ? r : explain_bind(run, driver, r);
	/* Bound, and still a step that failed to clean up behind itself. */
	if (run->trouble.message)
		run_report(run, APPLY_UNDO_FAILED, -EIO, run->trouble.message);
	return check_bound(run, driver);
}

int driver_bind(struct run *run, const char *driver)
{
	int r;

	run_at(run, DRIVER_DIR "/%s/bind", driver);
	r = run_write(run, run->plan->device);
	if (r == -ENODEV)
		return bind_by_id(run, driver);
	if (r < 0)
		return explain_bind(run, driver, r);
	return check_bound(run, driver);
}

/* Unbinding kmem succeeds with blocks online, and their memory is then stuck until reboot
 * (dev_dax_kmem_remove()). */
static int check_no_block_online(struct run *run)
{
	_cleanup_free_ struct memory_block *blocks = NULL;
	size_t n = 0, online = 0, first = 0;
	int r;

	if (run->plan->n_ranges == 0)
		return run_fail(run, -EBUSY,
				"%s stays bound to kmem: its address ranges are not known, so "
				"nobody can tell whether its memory is online; read its mapping* "
				"as root",
				run->plan->device);
	r = run_read_blocks(run, &blocks, &n);
	if (r < 0)
		return r;
	for (size_t i = n; i-- > 0;)
		if (blocks[i].state != BLOCK_ABSENT && blocks[i].state != BLOCK_OFFLINE) {
			online++;
			first = i;
		}
	if (online == 0)
		return 0;
	return run_fail(run, -EBUSY,
			"%s stays bound to kmem: %zu of %zu blocks are online, the first is "
			"memory%llu, and unbinding now would leave their memory stuck until the "
			"next boot; take them offline first",
			run->plan->device, online, n, (unsigned long long)blocks[first].number);
}

int driver_kmem_is_unplugged(struct run *run)
{
	_cleanup_free_ char *state = NULL;
	int r;

	run_at(run, "sys/bus/dax/devices/%s/state", run->plan->device);
	r = sysfs_read_string(run->sysfs, &state, "%s", run->path);
	if (r == -ENOENT)
		return -ENOENT;
	return r < 0 ? trouble_read(&run->trouble, r, run->path) : strcmp(state, "unplugged") == 0;
}

/*
 * A block may come online between the look at it and the unbind. Where kmem has the attribute state
 * (7.3) the memory is removed first, all of it or nothing; elsewhere the look is all there is.
 */
static int remove_memory(struct run *run)
{
	int r;

	r = check_no_block_online(run);
	if (r < 0)
		return r;
	r = driver_kmem_is_unplugged(run);
	if (r != 0)
		return r > 0 || r == -ENOENT ? 0 : r;
	r = run_write(run, "unplugged");
	if (r < 0)
		return run_fail(run, r,
				"%s stays bound to kmem: its memory cannot be removed: %s (%s); "
				"the kernel's log may say more",
				run->plan->device, trouble_words(r), errno_name(r));
	return check_no_block_online(run);
}

static char *holders_to_string(const struct holder *holders, size_t n)
{
	_cleanup_free_ char *list = NULL;

	for (size_t i = 0; i < n; i++) {
		char *longer;

		if (asprintf(&longer, "%s%s%d (%s)", list ?: "", list ? ", " : "",
			     (int)holders[i].pid, holders[i].comm) < 0)
			return NULL;
		free(list);
		list = longer;
	}
	return TAKE_PTR(list);
}

/* Unbinding device_dax under a process that has it mapped ends that process with SIGBUS. */
static int check_not_held(struct run *run)
{
	_cleanup_free_ char *list = NULL;
	struct holder *holders = NULL;
	size_t n = 0;
	int r;

	r = dax_holders_read(run->sysfs, run->plan->device, &holders, &n);
	if (r == -ENODEV)
		return run_gone(run);
	if (r < 0)
		return run_fail(run, r,
				"cannot tell whether a process has %s open: %s (%s); it stays "
				"bound to device_dax",
				run->plan->device, trouble_words(r), errno_name(r));
	if (n == 0)
		return 0;
	list = holders_to_string(holders, n);
	dax_holders_free(holders, n);
	return run_fail(run, -EBUSY,
			"%s is in use by process %s and stays bound to device_dax; stop that "
			"first, or exclude the device with mode = devdax",
			run->plan->device, list ?: "?");
}

/*
 * A block that came online after the last look at it keeps its memory there, with no driver: to
 * switch anything off below it would be the end of the host. So only what is seen to be absent is.
 */
static int check_memory_left(struct run *run)
{
	const struct device_plan *plan = run->plan;
	_cleanup_free_ struct memory_block *blocks = NULL;
	size_t n = 0, there = 0, first = 0;
	int r;

	r = run_read_blocks(run, &blocks, &n);
	if (r < 0)
		return r;
	for (size_t i = n; i-- > 0;)
		if (blocks[i].state != BLOCK_ABSENT) {
			there++;
			first = i;
		}
	if (there == 0)
		return 0;
	return run_fail(run, -EBUSY,
			"%s was unbound from kmem, but %zu of its %zu blocks are still there, the "
			"first is memory%llu (%s): somebody brought memory online at that moment, "
			"and now it is stuck until the next boot; do not pull the device",
			plan->device, there, n, (unsigned long long)blocks[first].number,
			block_state_to_string(blocks[first].state));
}

int driver_unbind(struct run *run, const char *driver)
{
	_cleanup_free_ char *bound = NULL;
	int r;

	run_at(run, DRIVER_DIR "/%s/unbind", driver);
	if (strcmp(driver, "kmem") == 0)
		r = remove_memory(run);
	else if (strcmp(driver, "device_dax") == 0)
		r = check_not_held(run);
	else
		r = run_fail(run, -EOPNOTSUPP,
			     "%s is bound to driver %s, and whether that is in use cannot be seen; "
			     "unbind it by hand",
			     run->plan->device, driver);
	if (r < 0)
		return r;

	run_at(run, DRIVER_DIR "/%s/unbind", driver);
	r = run_write(run, run->plan->device);
	if (r < 0)
		return run_fail(run, r, "cannot unbind %s from %s: %s (%s)", run->plan->device,
				driver, trouble_words(r), errno_name(r));
	r = run_read_driver(run, &bound);
	if (r < 0)
		return r;
	if (bound)
		return run_fail(run, -EIO,
				"%s was unbound from %s without an error, but its driver is %s "
				"now; somebody else binds dax devices as well",
				run->plan->device, driver, bound);
	run_at(run, DRIVER_DIR "/%s/unbind", driver);
	return strcmp(driver, "kmem") == 0 ? check_memory_left(run) : 0;
}

int driver_check_kmem(struct run *run)
{
	_cleanup_free_ char *bound = NULL;
	int r;

	run_at(run, "sys/bus/dax/devices/%s/driver", run->plan->device);
	r = run_read_driver(run, &bound);
	if (r < 0)
		return r;
	if (!bound || strcmp(bound, "kmem") != 0)
		return run_fail(
			run, -EAGAIN,
			"%s is not bound to kmem any more, so its blocks are not its own; it "
			"is planned anew",
			run->plan->device);
	return 0;
}

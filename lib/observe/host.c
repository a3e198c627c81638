/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/host.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

#define MEMMAP_PARAM "sys/module/memory_hotplug/parameters/memmap_on_memory"
#define AUTO_ONLINE  "sys/devices/system/memory/auto_online_blocks"

/* A captured host says it in a file of its own, as sysfs does not; see contrib/capture-host. */
static int page_size_look(struct look *look, uint64_t *ret)
{
	long live;
	int r;

	*ret = 4096;
	if (!sysfs_is_live(look->sysfs)) {
		r = look_u64(look, ret, "capture/page_size");
		if (r < 0)
			return r;
		/* Everything derived divides by it. */
		if (*ret == 0)
			*ret = 4096;
		return 0;
	}
	live = sysconf(_SC_PAGESIZE);
	if (live > 0)
		*ret = (uint64_t)live;
	return 0;
}

static int block_size_look(struct look *look, uint64_t *ret)
{
	int r;

	r = look_hex(look, ret, "sys/devices/system/memory/block_size_bytes");
	if (r < 0 || *ret != 0)
		return r;
	return look_problem(look,
			    "the size of memory blocks is unknown: the kernel has no memory "
			    "hotplug (CONFIG_MEMORY_HOTPLUG), so no device can become memory");
}

static int auto_online_look(struct look *look, enum online_policy *ret)
{
	_cleanup_free_ char *text = NULL;
	int r, policy;

	r = look_string(look, &text, AUTO_ONLINE);
	if (r < 0 || !text)
		return r;
	policy = online_policy_from_string(text);
	if (policy < 0)
		return look_problem(look, AUTO_ONLINE " reads \"%s\", which is no known policy",
				    text);
	*ret = (enum online_policy)policy;
	return 0;
}

/* Absent: the kernel was built without CONFIG_MHP_MEMMAP_ON_MEMORY. */
static int memmap_param_look(struct look *look, enum memmap_param *ret)
{
	_cleanup_free_ char *text = NULL;
	int r, param;

	r = look_string(look, &text, MEMMAP_PARAM);
	if (r < 0 || !text)
		return r;
	param = memmap_param_from_string(text);
	if (param < 0)
		return look_problem(look, MEMMAP_PARAM " reads \"%s\", which is no known value",
				    text);
	*ret = (enum memmap_param)param;
	return 0;
}

static int driver_look(struct look *look, const char *driver, bool *ret)
{
	int r;

	r = sysfs_exists(look->sysfs, "sys/bus/dax/drivers/%s", driver);
	if (r < 0)
		return look_failed(look, r, "sys/bus/dax/drivers/%s", driver);
	*ret = r > 0;
	return 0;
}

static int dax_bus_look(struct look *look, struct host *host)
{
	int r;

	host->dax_autoprobe = -1;
	r = look_int(look, &host->dax_autoprobe, "sys/bus/dax/drivers_autoprobe");
	if (r < 0)
		return r;
	r = driver_look(look, "kmem", &host->kmem_loaded);
	return r < 0 ? r : driver_look(look, "device_dax", &host->device_dax_loaded);
}

int host_look(struct look *look, struct host *ret)
{
	int r;

	r = look_string(look, &ret->kernel_release, "proc/sys/kernel/osrelease");
	if (r < 0)
		return r;
	r = page_size_look(look, &ret->page_size);
	if (r < 0)
		return r;
	r = block_size_look(look, &ret->block_size);
	if (r < 0)
		return r;
	r = auto_online_look(look, &ret->auto_online);
	if (r < 0)
		return r;
	r = memmap_param_look(look, &ret->memmap_param);
	if (r < 0)
		return r;
	return dax_bus_look(look, ret);
}

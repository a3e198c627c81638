/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words are from drivers/cxl/core/hdm.c and region.c, which say more in dynamic debug messages
 * than in errnos. */
#include "apply/region-write.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "apply/trouble.h"
#include "base/cleanup.h"
#include "base/errno-util.h"

#define IN_ORDER                                                                                   \
	"capacity is given out and taken back in the order of a device's decoders, and another "   \
	"decoder of it, a region or firmware stands in the way"

struct words {
	int error;
	const char *text;
};

#define WORDS_MAX 5

static const struct words table[REGION_WRITE_MAX][WORDS_MAX] = {
	[REGION_WRITE_MODE] = {{EBUSY, "the decoder is in use by firmware, or by another agent"},
			       {ENXIO, "the device has no volatile capacity as it is partitioned"},
			       {EINVAL, "the device has no volatile capacity as it is "
					"partitioned"}},
	[REGION_WRITE_DPA_SIZE] =
		{{EBUSY, IN_ORDER},
		 {ENOSPC, "the device has not so much volatile capacity left in one piece; \"cxl "
			  "list -D\" tells what holds it"},
		 {ENXIO, "the device has no volatile capacity as it is partitioned"},
		 {EINVAL, "the size is no multiple of 256 MiB, or the decoder has no mode"}},
	[REGION_WRITE_FREE_DPA] = {{EBUSY, IN_ORDER}},
	[REGION_WRITE_CREATE] = {{EBUSY, "another agent makes regions at the same time"},
				 {EINVAL, "the window takes no volatile regions"},
				 {ENOENT,
				  "this kernel cannot make volatile regions there; Linux 6.3 can"}},
	[REGION_WRITE_INTERLEAVE] =
		{{EBUSY, "another agent is putting the same region together"},
		 {EINVAL, "the window cannot interleave so: a region takes the granularity of a "
			  "window of several host bridges, and a power-of-2 multiple of their "
			  "number"}},
	[REGION_WRITE_SIZE] =
		{{ERANGE, "the window has no free piece of this size; what is left of the region "
			  "of a device that was pulled keeps its addresses, and \"daxtierctl "
			  "plan\" tells whether they can be had back"},
		 {ENOSPC, "the window has no free piece of this size"},
		 {EBUSY, "another agent is putting the same region together"},
		 {ENXIO, "ways and granularity of the region are not set"},
		 {EINVAL, "the size is no multiple of 256 MiB times the ways"}},
	[REGION_WRITE_TARGET] =
		{{ENXIO, "the device cannot be reached at this position: it is below another host "
			 "bridge than the window says, or the switches between interleave in "
			 "another order"},
		 {EBUSY, "the decoder is in another region, or a host bridge or switch above it "
			 "has no decoder left"},
		 {EINVAL, "the decoder's mode or size does not fit the region, or something above "
			  "it cannot interleave so many ways at this granularity"},
		 {ENODEV, "the device has left"}},
	[REGION_WRITE_COMMIT] =
		{{ENXIO, "the kernel cannot invalidate the CPUs' caches, which it refuses in a "
			 "virtual machine unless the hypervisor hides itself (with QEMU: -cpu "
			 "host,-hypervisor); or a target of the region has left"},
		 {EBUSY, "decoders are committed in their order, and one before is not, or is held "
			 "by firmware"},
		 {ETIMEDOUT, "the hardware did not take the decoder's settings in time; the "
			     "kernel's log says which"},
		 {EIO, "the hardware refused the decoder's settings; the kernel's log says which"},
		 {EPERM, "the decoders are locked by firmware"}},
	[REGION_WRITE_ENABLE] =
		{{ENXIO, "the region is not committed, or one of its targets has left"},
		 {EBUSY, "its addresses, or the region, are in use by another driver; /proc/iomem "
			 "tells"},
		 {ENODEV, "the region is gone"},
		 {ENOENT, "the kernel has no driver for regions (CONFIG_CXL_REGION)"}},
	[REGION_WRITE_DISABLE] = {{ENODEV, "it is not bound any more"}},
	[REGION_WRITE_DECOMMIT] = {{EPERM, "the decoders are locked by firmware"},
				   {EBUSY,
				    "the decoders are locked by firmware, or a later one is still "
				    "committed"},
				   {ENXIO, "a target of the region has left"}},
	[REGION_WRITE_DELETE] = {{ENODEV, "the window has no such region"},
				 {EBUSY, "another agent is at work on it"}},
};

const char *region_words(enum region_write what, int error)
{
	for (size_t i = 0; i < WORDS_MAX && table[what][i].text; i++)
		if (table[what][i].error == -error)
			return table[what][i].text;
	return trouble_words(error);
}

int region_read_u64(struct run *run, uint64_t *ret)
{
	int r = sysfs_read_u64(run->sysfs, ret, "%s", run->path);

	return r < 0 ? trouble_read(&run->trouble, r, run->path) : 0;
}

int region_check_u64(struct run *run, uint64_t wanted)
{
	uint64_t now = 0;
	int r;

	r = region_read_u64(run, &now);
	if (r < 0 || now == wanted)
		return r;
	return run_fail(run, -EIO,
			"/%s took %" PRIu64 " without an error but reads %" PRIu64
			"; somebody else writes to it as well",
			run->path, wanted, now);
}

static int refused(struct run *run, enum region_write what, const char *value, int error)
{
	return run_fail(run, error, "/%s does not take \"%s\" (%s): %s", run->path, value,
			errno_name(error), region_words(what, error));
}

int region_put(struct run *run, enum region_write what, const char *value)
{
	int r = run_write(run, value);

	return r < 0 ? refused(run, what, value, r) : 0;
}

int region_put_u64(struct run *run, enum region_write what, uint64_t number)
{
	snprintf(run->number, sizeof(run->number), "%" PRIu64, number);
	return region_put(run, what, run->number);
}

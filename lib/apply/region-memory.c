/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory blocks at the addresses of a region. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "apply/region-kernel.h"
#include "apply/region-write.h"
#include "base/cleanup.h"
#include "sysfs/block.h"

/* What was given to the region; none: *ret_size stays 0. */
static int read_place(struct run *run, const char *region, uint64_t *ret_start, uint64_t *ret_size)
{
	int r;

	run_at(run, CXL_DEVICES "/%s/size", region);
	r = region_read_u64(run, ret_size);
	if (r < 0 || *ret_size == 0)
		return r;
	run_at(run, CXL_DEVICES "/%s/resource", region);
	return region_read_u64(run, ret_start);
}

static int check_absent(struct run *run, const char *region, const struct phys_range *range,
			uint64_t block_size)
{
	_cleanup_free_ struct memory_block *blocks = NULL;
	/* Also a block that belongs to the region with a part only. */
	struct phys_range whole = {
		.start = range->start - range->start % block_size,
		.end = range->end - range->end % block_size + (block_size - 1),
	};
	size_t n = 0;
	int r;

	r = memory_blocks_read(run->sysfs, &whole, 1, block_size, &blocks, &n);
	if (r < 0)
		return trouble_read(&run->trouble, r, "sys/devices/system/memory");
	for (size_t i = 0; i < n; i++)
		if (blocks[i].state != BLOCK_ABSENT)
			return run_fail(
				run, -EBUSY,
				"%s is not given up while there is memory%" PRIu64
				" (%s) at its addresses: the machine would be lost; what is "
				"online without a driver is stuck until the next boot",
				region, blocks[i].number, block_state_to_string(blocks[i].state));
	return 0;
}

int region_check_memory(struct run *run, const char *region)
{
	uint64_t start = 0, size = 0, block_size = 0;
	int r;

	r = read_place(run, region, &start, &size);
	if (r < 0)
		return r;
	run_at(run, "sys/devices/system/memory/block_size_bytes");
	r = sysfs_read_hex(run->sysfs, &block_size, "%s", run->path);
	if (r == 0 && block_size == 0)
		r = -EBADMSG;
	if (r < 0)
		return trouble_read(&run->trouble, r, run->path);
	run_at(run, CXL_DEVICES "/%s", region);
	if (size > 0)
		r = check_absent(run, region, &(struct phys_range){start, start + size - 1},
				 block_size);
	for (size_t i = 0; r == 0 && i < run->plan->n_ranges; i++)
		r = check_absent(run, region, &run->plan->ranges[i], block_size);
	return r;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_SYSFS_BLOCK_H
#define DAXTIER_SYSFS_BLOCK_H

/* Memory blocks as sysfs shows them; used to observe and, after a write, to verify. */

#include "model/facts.h"
#include "sysfs/sysfs.h"

/*
 * Fills state and zone of the block with this number. A block that is not there is BLOCK_ABSENT,
 * not an error. -EAGAIN: it changes faster than it can be read. -EBADMSG: a state this kernel alone
 * knows. -EOPNOTSUPP: it is online, and the kernel does not tell zones.
 */
int memory_block_read(struct sysfs *sysfs, uint64_t number, struct memory_block *ret);

/*
 * All blocks that the ranges cover after alignment, sorted by number, whether present or not.
 * The array is owned by the caller. A block shared by two ranges cannot occur: each range is
 * trimmed inwards. -ERANGE: more blocks than physical addresses can have.
 */
int memory_blocks_read(struct sysfs *sysfs, const struct phys_range *ranges, size_t n_ranges,
		       uint64_t block_size, struct memory_block **ret, size_t *ret_n);

/* The driver a dax device is bound to; NULL in *ret when it is unbound. -ENODEV when there is no
 * such device. */
int dax_driver_read(struct sysfs *sysfs, const char *device, char **ret);

/* The memmap knob; MEMMAP_KNOB_ABSENT where the kernel has none. */
int dax_knob_read(struct sysfs *sysfs, const char *device, enum memmap_knob *ret);

#endif

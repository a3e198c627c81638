/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_APPLY_NEW_ID_H
#define DAXTIER_APPLY_NEW_ID_H

#include "apply/trouble.h"
#include "sysfs/sysfs.h"

/*
 * Binds a device to a driver that is not of its type (drivers/dax/bus.c: a device made for
 * device_dax does not match kmem, and the other way round): its name goes on the driver's list of
 * ids, and comes off it again whatever happened in between, also after a crash.
 *
 * -EBUSY: other devices wait without a driver and would be bound along with this one. An error that
 * leaves trouble empty is what the driver's bind said. 0 with trouble filled: it is bound, but its
 * name is still on the list; the record stays until new_id_restore(), or the next call, has taken
 * it off.
 */
int new_id_bind(struct sysfs *sysfs, const char *run_dir, const char *device, const char *driver,
		struct trouble *trouble);

/*
 * Takes an id off that a process left on a driver's list when it was killed. Waits for a process
 * that is in the middle of it. 1: there was one; 0: nothing is recorded.
 */
int new_id_restore(struct sysfs *sysfs, const char *run_dir, struct trouble *trouble);

#endif

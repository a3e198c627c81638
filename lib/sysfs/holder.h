/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_SYSFS_HOLDER_H
#define DAXTIER_SYSFS_HOLDER_H

/* Who has the character device of a dax device open or mapped: such a device is never taken. */

#include <sys/types.h>

#include "model/facts.h"
#include "sysfs/sysfs.h"

/*
 * Every process that holds /dev/<device>, sorted by pid, in an array owned by the caller
 * (dax_holders_free(); NULL for none). On the running system a process counts when what it has open
 * or mapped is this device by number, whatever the node is called in its mount namespace; on a
 * captured host when the link's text ends in the device's name. Only a device bound to device_dax
 * has something to hold: for any other the list is empty, and no process is looked at.
 *
 * -ENODEV: there is no such device. -EACCES: no holder was found, but some process could not be
 * looked into, so that this says nothing; holders that were found are returned whatever else was
 * closed to the caller.
 */
int dax_holders_read(struct sysfs *sysfs, const char *device, struct holder **ret, size_t *ret_n);
void dax_holders_free(struct holder *holders, size_t n);

/*
 * The same for one proc directory. rdev: the device's number; 0 goes by the name alone, as for a
 * captured host.
 */
int dax_holders_scan(int proc_fd, dev_t rdev, const char *device, struct holder **ret,
		     size_t *ret_n);

#endif

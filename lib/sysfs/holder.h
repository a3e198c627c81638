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

/* One device of several whose holders are looked for in one pass over the processes. */
struct dax_holder_query {
	const char *device;
	struct holder *holders; /* the caller's, dax_holders_free() */
	size_t n;
	int error; /* 0, or as dax_holders_read() returns it; then there are no holders */

	dev_t rdev; /* these are for the scan's own use */
	bool found_open, found_mapped;
};

/* Fills in all of the queries but device, which is to be set. 0, or an error that ended it. */
int dax_holders_read_all(struct sysfs *sysfs, struct dax_holder_query *queries, size_t n);

/*
 * The same for one proc directory. rdev: the device's number; 0 goes by the name alone, as for a
 * captured host.
 */
int dax_holders_scan(int proc_fd, dev_t rdev, const char *device, struct holder **ret,
		     size_t *ret_n);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_APPLY_DRIVER_H
#define DAXTIER_APPLY_DRIVER_H

/* Binding a dax device to a driver and unbinding it, for the steps and for their undoing. */

#include "apply/run.h"

/* The device must be unbound. By bind, or through new_id where the driver is not of its type. For
 * kmem the lock on auto_online_blocks must be held; through new_id the memory comes up offline. */
int driver_bind(struct run *run, const char *driver);

/* To kmem with none of its memory online, whatever auto_online_blocks says; takes the lock on that,
 * and puts back what this plan held there. */
int driver_bind_kmem_offline(struct run *run);

/*
 * The device must be bound to it. -EBUSY, and nothing is done, while a block is online (kmem) or
 * may be, or while a process has the device open or mapped (device_dax); -EOPNOTSUPP for any other
 * driver, of which nobody can tell whether it is in use.
 */
int driver_unbind(struct run *run, const char *driver);

/* Of a device on kmem: 1: its memory is unplugged by its attribute state; 0: it is not; -ENOENT:
 * the kernel has no such attribute. */
int driver_kmem_is_unplugged(struct run *run);

/* -EAGAIN unless the device is bound to kmem: memory blocks without it are stuck ones. */
int driver_check_kmem(struct run *run);

#endif

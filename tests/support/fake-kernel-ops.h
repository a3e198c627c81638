/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_FAKE_KERNEL_OPS_H
#define DAXTIER_TESTS_FAKE_KERNEL_OPS_H

#include "sysfs/sysfs.h"

/* For sysfs_open(sysfs, root, &fake_kernel_ops, root): writes go to the model; reads, listings and
 * links followed go to the tree unless a fault of FAKE_KERNEL_READ strikes. */
extern const struct sysfs_ops fake_kernel_ops;

#endif

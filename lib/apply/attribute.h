/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_APPLY_ATTRIBUTE_H
#define DAXTIER_APPLY_ATTRIBUTE_H

/* One write(2) to an attribute, and what it reads afterwards. Paths as sysfs/ takes them. */

#include "apply/trouble.h"
#include "sysfs/sysfs.h"

/*
 * One write. EINTR and EAGAIN mean that the kernel did nothing for a reason of the moment, so they
 * are tried again a few times at once; everything else is the caller's to judge.
 */
int attribute_write(struct sysfs *sysfs, const char *path, const char *value);

/* Reads it as text; says what could not be read. */
int attribute_read(struct sysfs *sysfs, const char *path, char **ret, struct trouble *trouble);

/* The same for what reads back otherwise than it was written: -EIO unless path now reads value. */
int attribute_check(struct sysfs *sysfs, const char *path, const char *value,
		    struct trouble *trouble);

#endif

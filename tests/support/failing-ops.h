/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_FAILING_OPS_H
#define DAXTIER_TESTS_FAILING_OPS_H

/* Operations for a struct sysfs that touch real files and let chosen calls fail. */

#include "sysfs/sysfs.h"

struct failing_ops {
	unsigned fail_at;      /* the n-th call fails, from 1; 0: none */
	unsigned fail_count;   /* and so many after it; UINT_MAX: all the rest */
	const char *fail_path; /* every call whose path ends so fails; NULL: none */
	int error;	       /* negative errno */
	unsigned calls;	       /* made so far */
	/* Called ahead of each call, with its number: a test may change the tree there. May be
	 * NULL. */
	void (*before)(unsigned call, const char *path);
};

/* To be given to sysfs_open() with a struct failing_ops as userdata. */
extern const struct sysfs_ops failing_ops;

#endif

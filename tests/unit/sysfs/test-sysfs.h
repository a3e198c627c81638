/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_SYSFS_H
#define DAXTIER_TESTS_SYSFS_H

#include <check.h>

#include "sysfs/sysfs.h"

TCase *attribute_tests(void);
TCase *block_tests(void);
TCase *root_tests(void);

/* For every test: an empty tree, and it opened with the real operations. */
extern char *tree;
extern struct sysfs host;

void setup_tree(void);
void teardown_tree(void);

#endif

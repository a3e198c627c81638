/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_INITRAMFS_SUITES_H
#define DAXTIER_TESTS_INITRAMFS_SUITES_H

#include <check.h>

Suite *archive_suite(void);
Suite *packed_suite(void);
Suite *hostile_suite(void);

#endif

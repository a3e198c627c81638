/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_DOCTOR_SUITES_H
#define DAXTIER_TESTS_DOCTOR_SUITES_H

#include <check.h>

Suite *initramfs_suite(void);
Suite *agent_suite(void);
Suite *cxl_table_suite(void);
Suite *firmware_suite(void);
Suite *gunzip_suite(void);
Suite *hmat_suite(void);
Suite *host_suite(void);
Suite *kernel_suite(void);
Suite *module_suite(void);
Suite *tier_suite(void);
Suite *window_suite(void);

#endif

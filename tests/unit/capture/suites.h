/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_CAPTURE_SUITES_H
#define DAXTIER_TESTS_CAPTURE_SUITES_H

#include <check.h>

TCase *manifest_tests(void);
TCase *oom_tests(void);
TCase *take_tests(void);
TCase *tar_tests(void);
TCase *unpack_tests(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_BASE_H
#define DAXTIER_TESTS_BASE_H

#include <check.h>

TCase *errno_util_tests(void);
TCase *format_tests(void);
TCase *parse_tests(void);
TCase *strv_tests(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TEST_CONFIG_SUITES_H
#define TEST_CONFIG_SUITES_H

#include <check.h>

TCase *text_tests(void);
TCase *keys_tests(void);
TCase *values_tests(void);
TCase *syntax_tests(void);
TCase *rules_tests(void);
TCase *load_tests(void);
TCase *json_tests(void);
TCase *shipped_tests(void);

#endif

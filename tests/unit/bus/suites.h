/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_BUS_SUITES_H
#define DAXTIER_TESTS_BUS_SUITES_H

#include <check.h>

Suite *properties_suite(void);
Suite *man_page_suite(void);

#endif

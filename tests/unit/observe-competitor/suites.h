/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_OBSERVE_COMPETITOR_SUITES_H
#define DAXTIER_TESTS_OBSERVE_COMPETITOR_SUITES_H

#include <check.h>

Suite *competitor_suite(void);
Suite *udev_rules_suite(void);

#endif

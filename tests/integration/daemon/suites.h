/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_DAEMON_SUITES_H
#define DAXTIER_TESTS_DAEMON_SUITES_H

#include <check.h>

Suite *suite_hot_add(void);
Suite *suite_adopt(void);
Suite *suite_claim(void);
Suite *suite_policy(void);
Suite *suite_failure(void);
Suite *suite_crash(void);
Suite *suite_many(void);
Suite *suite_identity(void);
Suite *suite_idle(void);
Suite *suite_leftovers(void);
Suite *suite_surprise(void);
Suite *suite_stuck(void);
Suite *suite_eject(void);
Suite *suite_release(void);
Suite *suite_release_ends(void);
Suite *suite_release_killed(void);
Suite *suite_apply(void);
Suite *suite_callers(void);
Suite *suite_interface(void);
Suite *suite_examples(void);

#endif

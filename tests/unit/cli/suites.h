/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_CLI_SUITES_H
#define DAXTIER_TESTS_CLI_SUITES_H

#include <check.h>

Suite *style_suite(void);
Suite *text_suite(void);
Suite *table_suite(void);
Suite *progress_suite(void);
Suite *view_suite(void);
Suite *command_suite(void);
Suite *offline_suite(void);
Suite *doctor_suite(void);
Suite *metric_suite(void);
Suite *metrics_suite(void);
Suite *replace_file_suite(void);
Suite *replay_suite(void);
Suite *tiers_suite(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_DAXTIERCTL_H
#define DAXTIER_TESTS_DAXTIERCTL_H

/* Running daxtierctl in a test. */

#include <check.h>

#include "process.h"

#define NOBODY 65534

/* Exit statuses as daxtierctl(1) tells them. */
enum {
	OK = 0,
	FAILURE = 1,
	UNREACHABLE = 3,
	NO_DEVICE = 4,
	CONFIG_INVALID = 5,
	NOT_DONE = 6,
};

#define RUN_AS(result, uid, ...)                                                                   \
	process_run((result), (uid), (const char *[]){DAXTIERCTL, __VA_ARGS__, NULL})
#define RUN(result, ...) RUN_AS((result), PROCESS_OWN_UID, __VA_ARGS__)

Suite *work_suite(void);

#endif

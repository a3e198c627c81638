/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_DAXTIERCTL_H
#define DAXTIER_TESTS_DAXTIERCTL_H

/* Running daxtierctl in a test, against the bus driver. */

#include <check.h>

#include "bus-client.h"
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

void assert_outcome(const struct process_result *result, int status, const char *out,
		    const char *err);

/* With these arguments, for the shell to split; both of its outputs are process->out. */
void daxtierctl_start(struct process *process, const char *arguments);
void assert_line(struct process *process, const char *wanted); /* NULL: there are no more */
void assert_end(struct process *process, int status);

/* Of Apply and Release since the last time, as the driver tells them. */
void assert_call(struct bus_client *client, const char *wanted);
void assert_no_call(struct bus_client *client);
void wait_for_call(struct bus_client *client, const char *wanted);

Suite *apply_suite(void);
Suite *release_suite(void);
Suite *errors_suite(void);
Suite *monitor_suite(void);
Suite *metrics_suite(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* daxtierctl metrics: of a daemon, without one, and where they cannot be written. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "bus-client.h"
#include "daxtierctl.h"
#include "tree.h"

static struct bus_client client;

static void setup(void)
{
	setenv("LC_ALL", "C.UTF-8", 1);
	bus_client_start(&client, PRIVATE_BUS_OPEN, "online.json");
}

static void teardown(void)
{
	bus_client_stop(&client);
}

START_TEST(test_metrics)
{
	_cleanup_free_ char *file = NULL, *written = NULL;
	struct process_result result;

	RUN(&result, "metrics");
	ck_assert_msg(result.status == OK, "%s", result.err);
	ck_assert_str_eq(result.err, "");
	ck_assert_ptr_nonnull(strstr(result.out, "\ndaxtier_up 1\n"));
	ck_assert_ptr_nonnull(strstr(result.out, "\ndaxtier_devices{state=\"online\"} 2\n"));
	ck_assert_ptr_nonnull(strstr(result.out, "\n# EOF\n"));
	process_result_done(&result);

	RUN(&result, "metrics", "--format=prometheus");
	ck_assert_msg(result.status == OK, "%s", result.err);
	ck_assert_str_eq(result.err, "");
	ck_assert_ptr_nonnull(strstr(result.out, "\n# TYPE daxtier_daemon_info gauge\n"));
	ck_assert_ptr_null(strstr(result.out, "# EOF"));
	process_result_done(&result);

	ck_assert_int_gt(asprintf(&file, "--output=%s/metrics.prom", client.private_bus.directory),
			 0);
	RUN(&result, "metrics", file);
	ck_assert_msg(result.status == OK, "%s", result.err);
	ck_assert_str_eq(result.err, "");
	ck_assert_str_eq(result.out, "");
	process_result_done(&result);
	written = tree_get(client.private_bus.directory, "metrics.prom");
	ck_assert_ptr_nonnull(strstr(written, "\ndaxtier_up 1\n"));
}
END_TEST

START_TEST(test_metrics_that_cannot_be_written)
{
	struct process_result result;

	RUN(&result, "metrics", "--output=/nonexistent/metrics.prom");
	ck_assert_int_eq(result.status, FAILURE);
	ck_assert_str_eq(result.out, "");
	ck_assert_str_eq(result.err, "daxtierctl: cannot write /nonexistent/metrics.prom: No such "
				     "file or directory\n");
	process_result_done(&result);
}
END_TEST

/* A file that stayed as it was would show devices that may be gone. */
START_TEST(test_metrics_without_a_daemon)
{
	_cleanup_free_ char *file = NULL, *written = NULL;
	struct process_result result;
	struct private_bus bus;

	private_bus_start(&bus, PRIVATE_BUS_OPEN);
	ck_assert_int_gt(asprintf(&file, "--output=%s/metrics.prom", bus.directory), 0);
	tree_put(bus.directory, "metrics.prom", "daxtier_up 1\ndaxtier_device_info{} 1\n");
	RUN(&result, "metrics", "--format=prometheus", file);
	ck_assert_int_eq(result.status, UNREACHABLE);
	ck_assert_str_eq(result.out, "");
	ck_assert_int_eq(strncmp(result.err, "daxtierctl: daxtierd is not running", 35), 0);
	process_result_done(&result);
	written = tree_get(bus.directory, "metrics.prom");
	ck_assert_ptr_nonnull(strstr(written, "\ndaxtier_up 0\n"));
	ck_assert_ptr_null(strstr(written, "daxtier_device_info{"));
	private_bus_stop(&bus);
}
END_TEST

Suite *metrics_suite(void)
{
	Suite *suite = suite_create("daxtierctl metrics");
	TCase *with = tcase_create("with a daemon"), *without = tcase_create("without");

	tcase_add_checked_fixture(with, setup, teardown);
	tcase_set_timeout(with, 60);
	tcase_add_test(with, test_metrics);
	tcase_add_test(with, test_metrics_that_cannot_be_written);
	suite_add_tcase(suite, with);
	tcase_set_timeout(without, 60);
	tcase_add_test(without, test_metrics_without_a_daemon);
	suite_add_tcase(suite, without);
	return suite;
}

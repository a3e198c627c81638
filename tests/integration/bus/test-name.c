/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Losing the name, or never having it, ends the daemon. */
#include <check.h>
#include <stdlib.h>

#include "bus-client.h"

static struct private_bus bus;

static void setup(void)
{
	private_bus_start(&bus, PRIVATE_BUS_OPEN);
}

static void teardown(void)
{
	private_bus_stop(&bus);
}

static void start_driver(struct process *driver)
{
	_cleanup_free_ char *line = NULL;

	process_start(driver, (const char *[]){BUS_DRIVER, FIXTURES "/bus/empty.json", NULL});
	line = process_read_line(driver);
	ck_assert_pstr_eq(line, "ready");
}

static void assert_lost(struct process *driver, const char *why)
{
	_cleanup_free_ char *line = process_read_line(driver), *end = NULL;

	ck_assert_msg(line && strncmp(line, "lost: ", 6) == 0 && strstr(line, why), "%s", line);
	/* It ends by itself: its standard input is still open. */
	end = process_read_line(driver);
	ck_assert_ptr_null(end);
	ck_assert_int_eq(process_wait(driver), EXIT_FAILURE);
}

START_TEST(test_name_is_taken)
{
	struct process first, second;

	start_driver(&first);
	process_start(&second, (const char *[]){BUS_DRIVER, FIXTURES "/bus/empty.json", NULL});
	assert_lost(&second, "is daxtierd already running? (EEXIST)");
	/* The first one does not notice. */
	ck_assert_int_eq(process_wait(&first), EXIT_SUCCESS);
}
END_TEST

START_TEST(test_nobody_can_take_the_name)
{
	struct process driver;
	sd_bus *thief;

	start_driver(&driver);
	ck_assert_int_ge(sd_bus_open_system(&thief), 0);
	ck_assert_int_eq(sd_bus_request_name(thief, DAXTIER_BUS_NAME, SD_BUS_NAME_REPLACE_EXISTING),
			 -EEXIST);
	sd_bus_flush_close_unref(thief);
	ck_assert_int_eq(process_wait(&driver), EXIT_SUCCESS);
}
END_TEST

/* At an early boot: what was published meanwhile is there when the bus is. */
START_TEST(test_bus_comes_later)
{
	_cleanup_free_ char *done = NULL, *ready = NULL;
	struct process_result result;
	struct private_bus late;
	struct process driver;

	private_bus_prepare(&late, PRIVATE_BUS_OPEN);
	process_start(&driver, (const char *[]){BUS_DRIVER, FIXTURES "/bus/empty.json", NULL});
	process_write(&driver, "{\"Device\":{\"Name\":\"dax5.0\",\"State\":\"pending\"}}\n"
			       "{\"Device\":{\"Name\":\"dax5.0\",\"State\":\"online\"}}\n");
	for (int i = 0; i < 2; i++) {
		free(done);
		done = process_read_line(&driver);
		ck_assert_pstr_eq(done, "done 0");
	}
	private_bus_launch(&late);
	ready = process_read_line(&driver);
	ck_assert_pstr_eq(ready, "ready");
	process_run(&result, PROCESS_OWN_UID,
		    (const char *[]){"busctl", "--system", "get-property", DAXTIER_BUS_NAME,
				     "/org/daxtier1/device/dax5_2e0", DAXTIER_DEVICE_INTERFACE,
				     "State", NULL});
	ck_assert_str_eq(result.out, "s \"online\"\n");
	process_result_done(&result);
	ck_assert_int_eq(process_wait(&driver), EXIT_SUCCESS);
	private_bus_stop(&late);
}
END_TEST

START_TEST(test_bus_ends)
{
	struct process driver;

	start_driver(&driver);
	private_bus_stop(&bus);
	assert_lost(&driver, "the connection to the bus ended");
	private_bus_start(&bus, PRIVATE_BUS_OPEN);
}
END_TEST

Suite *bus_name_suite(void);
Suite *bus_name_suite(void)
{
	Suite *suite = suite_create("bus name");
	TCase *tcase = tcase_create("name");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, test_name_is_taken);
	tcase_add_test(tcase, test_nobody_can_take_the_name);
	tcase_add_test(tcase, test_bus_comes_later);
	tcase_add_test(tcase, test_bus_ends);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nobody, however often he calls, keeps others from being heard. */
#include <check.h>
#include <stdlib.h>
#include <unistd.h>

#include "polkit-client.h"

#define PER_USER   4
#define PER_CLIENT 8

/* One user's questions do not pile up, on however many connections, and root needs none. */
START_TEST(test_limit_of_questions)
{
	struct waiting waiting[PER_USER], another;
	sd_bus *first = connect_nobody(), *second = connect_nobody();

	polkit_start("hold");
	for (int i = 0; i < PER_USER; i++) {
		polkit_call(first, &waiting[i], 0, "Reload", "");
		expect_line(&polkit, "check " MANAGE " 0 Reload -");
	}
	polkit_call(second, &another, 0, "Reload", "");
	polkit_expect(second, &another, DAXTIER_ERROR_BUSY, "too many calls");
	reload_by_root();
	bus_client_command(&client, "{'Reloads':true}", 1);

	process_write(&polkit, "no\n");
	expect_line(&polkit, "answered 4");
	for (int i = 0; i < PER_USER; i++)
		polkit_expect(first, &waiting[i], SD_BUS_ERROR_ACCESS_DENIED, "polkit");
	polkit_call(second, &another, 0, "Reload", "");
	expect_line(&polkit, "check " MANAGE " 0 Reload -");
	process_write(&polkit, "yes\n");
	expect_line(&polkit, "answered 1");
	polkit_expect(second, &another, NULL, NULL);
	polkit_stop();
	sd_bus_flush_close_unref(first);
	sd_bus_flush_close_unref(second);
}
END_TEST

/* Nor do the calls of one connection that are carried out, even root's; a place is free again once
 * one was answered. */
START_TEST(test_limit_of_a_client)
{
	struct waiting waiting[PER_CLIENT], another;

	bus_client_command(&client, "{'Hold':true}", 0);
	for (int i = 0; i < PER_CLIENT; i++)
		polkit_call(client.bus, &waiting[i], 0, "Release", "sbt", "dax0.0", 0, UINT64_C(0));
	polkit_call(client.bus, &another, 0, "Reload", "");
	polkit_expect(client.bus, &another, DAXTIER_ERROR_BUSY, "too many calls of this client");
	bus_client_command(&client, "{'Reloads':true}", 0);
	bus_client_command(&client, "{'Hold':false}", 0);
	for (int i = 0; i < PER_CLIENT; i++)
		polkit_expect(client.bus, &waiting[i], NULL, NULL);
	reload_by_root();
}
END_TEST

/* More than any match rules would do for, if each call had one. */
#define CLIENTS 66

/* Many connections are no reason not to hear another one. */
START_TEST(test_many_clients)
{
	static struct waiting waiting[CLIENTS][PER_CLIENT];
	sd_bus *buses[CLIENTS];

	bus_client_command(&client, "{'Hold':true}", 0);
	for (int i = 0; i < CLIENTS; i++) {
		ck_assert_int_ge(sd_bus_open_system(&buses[i]), 0);
		for (int k = 0; k < PER_CLIENT; k++)
			polkit_call(buses[i], &waiting[i][k], 0, "Release", "sbt", "dax0.0", 0,
				    UINT64_C(0));
	}
	reload_by_root();
	bus_client_command(&client, "{'Reloads':true}", 1);
	bus_client_command(&client, "{'Hold':false}", 0);
	for (int i = 0; i < CLIENTS; i++) {
		for (int k = 0; k < PER_CLIENT; k++)
			polkit_expect(buses[i], &waiting[i][k], NULL, NULL);
		sd_bus_flush_close_unref(buses[i]);
	}
}
END_TEST

Suite *bus_limits_suite(void);
Suite *bus_limits_suite(void)
{
	Suite *suite = suite_create("bus limits");
	TCase *tcase = tcase_create("limits");

	tcase_add_checked_fixture(tcase, polkit_setup, polkit_teardown);
	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, test_limit_of_a_client);
	tcase_add_test(tcase, test_many_clients);
	if (geteuid() == 0)
		tcase_add_test(tcase, test_limit_of_questions);
	suite_add_tcase(suite, tcase);
	return suite;
}

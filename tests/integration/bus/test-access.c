/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may call what: by the policy of the bus, and on a bus that lets everything through. */
#include <check.h>
#include <stdlib.h>

#include "bus-client.h"

#define NOBODY 65534

static struct bus_client client;

static void setup(void)
{
	bus_client_start(&client, PRIVATE_BUS_OPEN, "online.json");
}

static void teardown(void)
{
	bus_client_stop(&client);
}

static void busctl(struct process_result *result, uid_t uid, const char *member)
{
	const char *argument = strcmp(member, "Plan") == 0 ? "s" : NULL;

	process_run(result, uid,
		    (const char *[]){"busctl", "--system", "call", DAXTIER_BUS_NAME,
				     DAXTIER_BUS_PATH, DAXTIER_MANAGER_INTERFACE, member, argument,
				     "", NULL});
}

/* On a bus whose policy lets everything through: the daemon's own check. Needs a second user. */
START_TEST(test_reload_by_another_user)
{
	struct process_result result;

	busctl(&result, NOBODY, "Reload");
	ck_assert_int_ne(result.status, 0);
	ck_assert_msg(strstr(result.err, "denied") != NULL, "%s", result.err);
	process_result_done(&result);
	bus_client_command(&client, "{'Reloads':true}", 0);

	busctl(&result, NOBODY, "Plan");
	ck_assert_msg(result.status == 0, "%s", result.err);
	process_result_done(&result);
}
END_TEST

#define CALL(...)                                                                                  \
	((const char *[]){"busctl", "--system", "call", DAXTIER_BUS_NAME, DAXTIER_BUS_PATH,        \
			  DAXTIER_MANAGER_INTERFACE, __VA_ARGS__, NULL})

/* Likewise what changes a device. */
START_TEST(test_requests_by_another_user)
{
	static const char *const release[] = {"Release", "sbt", "dax0.0", "false", "0"};
	struct process_result result;

	process_run(&result, NOBODY,
		    CALL(release[0], release[1], release[2], release[3], release[4]));
	ck_assert_int_ne(result.status, 0);
	ck_assert_msg(strstr(result.err, "denied") != NULL, "%s", result.err);
	process_result_done(&result);
	process_run(&result, NOBODY, CALL("Apply", "sb", "dax0.0", "true"));
	ck_assert_int_ne(result.status, 0);
	ck_assert_msg(strstr(result.err, "denied") != NULL, "%s", result.err);
	process_result_done(&result);
	bus_client_assert_calls(&client, (const char *[]){NULL});

	bus_client_command(&client, "{'Rehearsal':{'Device':'dax0.0'}}", 0);
	process_run(&result, NOBODY, CALL("Rehearse", "sb", "dax0.0", "false"));
	ck_assert_msg(result.status == 0, "%s", result.err);
	process_result_done(&result);
}
END_TEST

static void setup_system(void)
{
	bus_client_start(&client, PRIVATE_BUS_SYSTEM, "online.json");
}

static void assert_may(uid_t uid, int may, const char *const argv[])
{
	struct process_result result;

	process_run(&result, uid, argv);
	if (may)
		ck_assert_msg(result.status == 0, "%s: %s", argv[2], result.err);
	else
		ck_assert_msg(result.status != 0 && strstr(result.err, "denied"), "%s: %s", argv[2],
			      result.err);
	process_result_done(&result);
}

#define BUSCTL(...) ((const char *[]){"busctl", "--system", __VA_ARGS__, NULL})

/* The policy that is shipped, on a bus that is otherwise closed. */
START_TEST(test_policy)
{
	assert_may(NOBODY, 1, BUSCTL("introspect", DAXTIER_BUS_NAME, DAXTIER_BUS_PATH));
	assert_may(NOBODY, 1,
		   BUSCTL("introspect", DAXTIER_BUS_NAME, "/org/daxtier1/device/dax0_2e0"));
	assert_may(NOBODY, 1, BUSCTL("tree", DAXTIER_BUS_NAME));
	assert_may(NOBODY, 1,
		   BUSCTL("get-property", DAXTIER_BUS_NAME, "/org/daxtier1/device/dax0_2e0",
			  DAXTIER_DEVICE_INTERFACE, "State"));
	assert_may(NOBODY, 1,
		   BUSCTL("call", DAXTIER_BUS_NAME, DAXTIER_BUS_PATH,
			  "org.freedesktop.DBus.ObjectManager", "GetManagedObjects"));
	assert_may(NOBODY, 1,
		   BUSCTL("call", DAXTIER_BUS_NAME, DAXTIER_BUS_PATH, DAXTIER_MANAGER_INTERFACE,
			  "Plan", "s", ""));
	assert_may(NOBODY, 0,
		   BUSCTL("call", DAXTIER_BUS_NAME, DAXTIER_BUS_PATH, DAXTIER_MANAGER_INTERFACE,
			  "Reload"));
	assert_may(NOBODY, 0,
		   BUSCTL("call", DAXTIER_BUS_NAME, DAXTIER_BUS_PATH, DAXTIER_MANAGER_INTERFACE,
			  "Apply", "sb", "", "false"));
	assert_may(NOBODY, 0,
		   BUSCTL("call", DAXTIER_BUS_NAME, DAXTIER_BUS_PATH, DAXTIER_MANAGER_INTERFACE,
			  "Release", "sbt", "dax0.0", "false", "0"));
	bus_client_command(&client, "{'Rehearsal':{'Device':'dax0.0'}}", 0);
	assert_may(NOBODY, 1,
		   BUSCTL("call", DAXTIER_BUS_NAME, DAXTIER_BUS_PATH, DAXTIER_MANAGER_INTERFACE,
			  "Rehearse", "sb", "dax0.0", "false"));
	bus_client_assert_calls(&client, (const char *[]){NULL});
	bus_client_command(&client, "{'Reloads':true}", 0);
	assert_may(PROCESS_OWN_UID, 1,
		   BUSCTL("call", DAXTIER_BUS_NAME, DAXTIER_BUS_PATH, DAXTIER_MANAGER_INTERFACE,
			  "Reload"));
	bus_client_command(&client, "{'Reloads':true}", 1);
}
END_TEST

/* The same policy seen from below: only root may be org.daxtier1. */
START_TEST(test_policy_of_the_name)
{
	_cleanup_free_ char *line = NULL;
	struct process driver;
	struct private_bus bus;

	private_bus_start(&bus, PRIVATE_BUS_SYSTEM);
	process_start(&driver, (const char *[]){BUS_DRIVER, FIXTURES "/bus/empty.json", NULL});
	line = process_read_line(&driver);
	ck_assert_msg(line && strstr(line, "lost: ") == line && strstr(line, "(EACCES)"), "%s",
		      line);
	ck_assert_int_eq(process_wait(&driver), EXIT_FAILURE);
	private_bus_stop(&bus);
}
END_TEST

Suite *bus_access_suite(void);
Suite *bus_access_suite(void)
{
	Suite *suite = suite_create("bus access");
	TCase *tcase = tcase_create("access");
	TCase *policy = tcase_create("policy");

	/* With one user there is one side of the policy to look at, with root there are both. */
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 30);
	tcase_set_timeout(policy, 30);
	if (geteuid() == 0) {
		tcase_add_test(tcase, test_reload_by_another_user);
		tcase_add_test(tcase, test_requests_by_another_user);
		tcase_add_checked_fixture(policy, setup_system, teardown);
		tcase_add_test(policy, test_policy);
	} else {
		tcase_add_test(policy, test_policy_of_the_name);
	}
	suite_add_tcase(suite, tcase);
	suite_add_tcase(suite, policy);
	return suite;
}

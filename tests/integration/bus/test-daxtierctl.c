/* SPDX-License-Identifier: GPL-2.0-or-later */
/* daxtierctl against a daemon that says what it is told to. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "bus-client.h"
#include "daxtierctl.h"
#include "golden.h"
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

static struct json_object *parse(const char *text)
{
	struct json_object *object = json_tokener_parse(text);

	ck_assert_msg(object != NULL, "no JSON: %s", text);
	return object;
}

static void assert_silent_success(struct process_result *result)
{
	ck_assert_msg(result->status == OK, "%s", result->err);
	ck_assert_str_eq(result->err, "");
}

START_TEST(test_status)
{
	struct process_result result;

	RUN(&result, "status");
	assert_silent_success(&result);
	golden_assert("cli/status-online-bus.txt", result.out);
	process_result_done(&result);
	/* Without a verb too. */
	RUN(&result, NULL);
	assert_silent_success(&result);
	golden_assert("cli/status-online-bus.txt", result.out);
	process_result_done(&result);
}
END_TEST

START_TEST(test_status_as_json)
{
	struct process_result pretty, plain;
	struct json_object *a, *b;

	RUN(&pretty, "status", "--json=pretty");
	RUN(&plain, "status", "--json=short");
	assert_silent_success(&pretty);
	assert_silent_success(&plain);
	ck_assert_uint_eq(strcspn(plain.out, "\n") + 1, strlen(plain.out));
	a = parse(pretty.out);
	b = parse(plain.out);
	assert_json_eq(a, b);
	/* The daemon of the test is of no such host as this one. */
	ck_assert_uint_eq(json_object_array_length(json_object_object_get(a, "Memory")), 0);
	json_object_object_del(a, "Memory");
	json_object_object_del(client.document, "Memory");
	assert_json_eq(a, client.document);
	json_object_put(a);
	json_object_put(b);
	process_result_done(&pretty);
	process_result_done(&plain);
}
END_TEST

/* dax2.0 before dax10.0, in whatever order they came. */
START_TEST(test_devices_are_sorted)
{
	static const char *const wanted[] = {"dax0.0", "dax0.7", "dax1.0", "dax2.0", "dax10.0"};
	struct process_result result;
	struct json_object *document, *devices;

	bus_client_command(&client, "{'Device':{'Name':'dax0.7'}}", 0);
	RUN(&result, "status", "--json=short");
	document = parse(result.out);
	devices = json_object_object_get(document, "Devices");
	ck_assert_uint_eq(json_object_array_length(devices), ARRAY_SIZE(wanted));
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		struct json_object *device = json_object_array_get_idx(devices, i);

		ck_assert_str_eq(json_object_get_string(json_object_object_get(device, "Name")),
				 wanted[i]);
	}
	json_object_put(document);
	process_result_done(&result);
}
END_TEST

START_TEST(test_show)
{
	struct process_result result;
	struct json_object *document, *devices;

	RUN(&result, "show", "/dev/dax1.0");
	assert_silent_success(&result);
	ck_assert_int_eq(strncmp(result.out, "dax1.0\n", 7), 0);
	ck_assert_ptr_nonnull(strstr(result.out, "in DRAM it would exceed the budget"));
	process_result_done(&result);

	RUN(&result, "--json=pretty", "show", "dax0.0");
	assert_silent_success(&result);
	document = parse(result.out);
	devices = json_object_object_get(client.document, "Devices");
	ck_assert_int_eq(json_object_get_int(json_object_object_get(document, "Version")), 1);
	assert_json_eq(json_object_object_get(document, "Device"),
		       json_object_array_get_idx(devices, 0));
	json_object_put(document);
	process_result_done(&result);
}
END_TEST

START_TEST(test_show_of_no_device)
{
	struct process_result result;

	RUN(&result, "show", "dax3.0");
	ck_assert_int_eq(result.status, NO_DEVICE);
	ck_assert_str_eq(result.out, "");
	ck_assert_str_eq(result.err, "daxtierctl: there is no dax device dax3.0; there is dax0.0, "
				     "dax1.0, dax2.0, dax10.0\n");
	process_result_done(&result);
	RUN(&result, "show", "mem0");
	ck_assert_int_eq(result.status, NO_DEVICE);
	ck_assert_str_eq(
		result.err,
		"daxtierctl: there is no dax device mem0, for that is a CXL memory device, "
		"of which \"daxtierctl status\" tells; there is dax0.0, dax1.0, dax2.0, "
		"dax10.0\n");
	process_result_done(&result);
}
END_TEST

#define PLANS                                                                                      \
	"[{'Device':'dax0.0','State':'pending','Reason':'a rule','Steps':["                        \
	"{'Step':'load-module','Value':'kmem'}]},"                                                 \
	"{'Device':'dax1.0','State':'online','Reason':'all is well','Steps':[]}]"

START_TEST(test_plan)
{
	struct process_result result;

	bus_client_publish_host(&client, "{'Problems':['one thing']}");
	bus_client_command(&client, "{'Plans':" PLANS "}", 0);
	RUN(&result, "plan");
	assert_silent_success(&result);
	ck_assert_str_eq(result.out, "dax0.0: 1 step\n"
				     "  Reason             a rule\n"
				     "   1. load-module         load the module kmem\n"
				     "\n"
				     "dax1.0: online, nothing to do\n"
				     "  Reason             all is well\n"
				     "\n"
				     "What could not be read or trusted\n"
				     "  one thing\n");
	process_result_done(&result);
	RUN(&result, "plan", "dax1.0");
	assert_silent_success(&result);
	ck_assert_ptr_null(strstr(result.out, "dax0.0"));
	ck_assert_ptr_nonnull(strstr(result.out, "dax1.0: online, nothing to do\n"));
	process_result_done(&result);
}
END_TEST

#define REGION_PLANS                                                                               \
	"[{'Device':'dax0.0','Purpose':'release','State':'pending','Reason':'a request',"          \
	"'Targets':[{'Memdev':'mem1'}],'Steps':[]},"                                               \
	"{'Device':'mem0','Purpose':'create-region','State':'pending','Reason':'together',"        \
	"'Targets':[{'Memdev':'mem0'},{'Memdev':'mem1'}],'Steps':[]}]"

/* A region of several is known by the first one's name, and meant by that of each. */
START_TEST(test_plan_of_a_memory_device)
{
	static const char *const names[] = {"mem0", "mem1"};
	struct process_result result;

	bus_client_command(&client, "{'Plans':" REGION_PLANS "}", 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		RUN(&result, "plan", names[i]);
		assert_silent_success(&result);
		ck_assert_int_eq(strncmp(result.out, "mem0: ", 6), 0);
		ck_assert_ptr_null(strstr(result.out, "dax0.0"));
		process_result_done(&result);
	}
	RUN(&result, "plan", "mem2");
	ck_assert_int_eq(result.status, NO_DEVICE);
	ck_assert_str_eq(result.out, "");
	process_result_done(&result);
}
END_TEST

START_TEST(test_plan_as_json)
{
	struct process_result result;
	struct json_object *document, *plans;

	bus_client_command(&client, "{'Plans':" PLANS "}", 0);
	RUN(&result, "plan", "--json=short");
	assert_silent_success(&result);
	document = parse(result.out);
	ck_assert_str_eq(json_object_get_string(json_object_object_get(document, "Source")),
			 "daemon");
	ck_assert_uint_eq(json_object_array_length(json_object_object_get(document, "Problems")),
			  0);
	plans = json_object_object_get(document, "Plans");
	ck_assert_uint_eq(json_object_array_length(plans), 2);
	json_object_put(document);
	process_result_done(&result);
}
END_TEST

/* What the daemon has in force is not what was asked for. */
START_TEST(test_plan_by_another_policy)
{
	struct process_result result;

	RUN(&result, "plan", "--config=/nonexistent/daxtier.conf");
	ck_assert_int_eq(result.status, CONFIG_INVALID);
	ck_assert_str_eq(result.out, "");
	ck_assert_ptr_nonnull(strstr(result.err, "/nonexistent/daxtier.conf"));
	process_result_done(&result);
}
END_TEST

START_TEST(test_plan_that_fails)
{
	struct process_result result;

	RUN(&result, "plan", "dax9.9");
	ck_assert_int_eq(result.status, NO_DEVICE);
	ck_assert_str_eq(result.err, "daxtierctl: There is no dax device dax9.9; \"daxtierctl "
				     "status\" lists those there are\n");
	process_result_done(&result);
	RUN(&result, "plan", "sda");
	ck_assert_int_eq(result.status, FAILURE);
	ck_assert_ptr_nonnull(strstr(result.err, "\"sda\" is not the name of a dax device"));
	process_result_done(&result);
	bus_client_command(&client, "{'Plan':-12}", 0);
	RUN(&result, "plan");
	ck_assert_int_eq(result.status, FAILURE);
	ck_assert_ptr_nonnull(strstr(result.err, "Cannot make a plan"));
	process_result_done(&result);
}
END_TEST

START_TEST(test_reload)
{
	struct process_result result;

	RUN(&result, "reload");
	assert_silent_success(&result);
	ck_assert_str_eq(result.out,
			 "The new configuration is in force. It changes nothing for any device.\n");
	process_result_done(&result);
	bus_client_command(&client, "{'Reloads':true}", 1);

	bus_client_command(&client, "{'Reload':-22,'ReloadErrors':['a:1: one','b:2: two']}", 0);
	RUN(&result, "reload");
	ck_assert_int_eq(result.status, CONFIG_INVALID);
	ck_assert_str_eq(result.out, "");
	ck_assert_str_eq(result.err, "a:1: one\nb:2: two\ndaxtierctl: 2 errors; the old "
				     "configuration stays in force\n");
	process_result_done(&result);
}
END_TEST

/* The reload is what counts: that its outcome cannot be shown is no failure of it. */
START_TEST(test_reload_without_plans)
{
	struct process_result result;

	bus_client_command(&client, "{'Plan':-12}", 0);
	RUN(&result, "reload");
	ck_assert_int_eq(result.status, OK);
	ck_assert_str_eq(result.out, "");
	ck_assert_str_eq(result.err, "daxtierctl: the new configuration is in force, but what it "
				     "changes could not be asked; see: daxtierctl plan\n");
	process_result_done(&result);
	bus_client_command(&client, "{'Reloads':true}", 1);
}
END_TEST

START_TEST(test_reload_by_another_user)
{
	struct process_result result;

	process_run(&result, NOBODY, (const char *[]){DAXTIERCTL, "reload", NULL});
	ck_assert_int_eq(result.status, FAILURE);
	ck_assert_str_eq(result.err,
			 "daxtierctl: not allowed: Reload is for root, and uid 65534 called; run "
			 "it as root, as with sudo, or let polkit authorize you, see "
			 "org.daxtier1(5)\n");
	process_result_done(&result);
	bus_client_command(&client, "{'Reloads':true}", 0);
	process_run(&result, NOBODY, (const char *[]){DAXTIERCTL, "status", NULL});
	assert_silent_success(&result);
	process_result_done(&result);
}
END_TEST

#define NOT_RUNNING                                                                                \
	"daxtierctl: daxtierd is not running; start it with: systemctl enable --now daxtierd; "    \
	"why it ended, if it did: journalctl -u daxtierd\n"
#define LOOK "daxtierctl: \"daxtierctl status --root=/\" looks at this host without it\n"

/* Whoever looks must not thereby start the daemon; another client's call does. */
START_TEST(test_no_daemon)
{
	static const char *const verbs[] = {"reload", "apply", "status"};
	struct process_result result;
	struct private_bus bus;

	private_bus_start(&bus, PRIVATE_BUS_OPEN);
	tree_putf(bus.directory, "services/org.daxtier1.service",
		  "[D-BUS Service]\nName=%s\nExec=/bin/sh -c \"touch %s/started; exit 1\"\n",
		  DAXTIER_BUS_NAME, bus.directory);
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		RUN(&result, verbs[i]);
		ck_assert_int_eq(result.status, UNREACHABLE);
		ck_assert_str_eq(result.out, "");
		ck_assert_str_eq(result.err, i < 2 ? NOT_RUNNING : NOT_RUNNING LOOK);
		process_result_done(&result);
	}
	RUN(&result, "show", "dax0.0");
	ck_assert_int_eq(result.status, UNREACHABLE);
	process_result_done(&result);
	RUN(&result, "release", "dax0.0");
	ck_assert_int_eq(result.status, UNREACHABLE);
	process_result_done(&result);
	RUN(&result, "release", "--dry-run", "dax0.0");
	ck_assert_int_eq(result.status, UNREACHABLE);
	process_result_done(&result);
	ck_assert(!tree_has(bus.directory, "started"));

	process_run(&result, PROCESS_OWN_UID,
		    (const char *[]){"busctl", "--system", "introspect", DAXTIER_BUS_NAME,
				     DAXTIER_BUS_PATH, NULL});
	ck_assert_int_ne(result.status, 0);
	process_result_done(&result);
	ck_assert(tree_has(bus.directory, "started"));
	private_bus_stop(&bus);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("daxtierctl");
	TCase *with = tcase_create("with a daemon"), *without = tcase_create("without");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(with, setup, teardown);
	tcase_set_timeout(with, 60);
	tcase_add_test(with, test_status);
	tcase_add_test(with, test_status_as_json);
	tcase_add_test(with, test_devices_are_sorted);
	tcase_add_test(with, test_show);
	tcase_add_test(with, test_show_of_no_device);
	tcase_add_test(with, test_plan);
	tcase_add_test(with, test_plan_of_a_memory_device);
	tcase_add_test(with, test_plan_as_json);
	tcase_add_test(with, test_plan_by_another_policy);
	tcase_add_test(with, test_plan_that_fails);
	tcase_add_test(with, test_reload);
	tcase_add_test(with, test_reload_without_plans);
	/* Needs a second user. */
	if (geteuid() == 0)
		tcase_add_test(with, test_reload_by_another_user);
	suite_add_tcase(suite, with);
	tcase_set_timeout(without, 60);
	tcase_add_test(without, test_no_daemon);
	suite_add_tcase(suite, without);

	runner = srunner_create(suite);
	srunner_add_suite(runner, apply_suite());
	srunner_add_suite(runner, release_suite());
	srunner_add_suite(runner, errors_suite());
	srunner_add_suite(runner, monitor_suite());
	srunner_add_suite(runner, metrics_suite());
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* daxtierctl monitor: what it tells, in which order, and how it ends. */
#include <regex.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bus-client.h"
#include "daxtierctl.h"

static struct bus_client client;
static struct process monitor;

static void setup(void)
{
	setenv("LC_ALL", "C.UTF-8", 1);
	bus_client_start(&client, PRIVATE_BUS_OPEN, "online.json");
}

static void teardown(void)
{
	bus_client_stop(&client);
}

static int matches(const char *text, const char *pattern)
{
	regex_t regex;
	int r;

	ck_assert_int_eq(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
	r = regexec(&regex, text, 0, NULL, 0);
	regfree(&regex);
	return r == 0;
}

#define CLOCK	    "^[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\\.[0-9]{3}  "
#define CLOCK_WIDTH 14
#define PRESENT                                                                                    \
	"daxtierd  0.1.0 is there; dax0.0 online, dax1.0 online, dax2.0 devdax, dax10.0 unmanaged"
#define NOT_RUNNING "daxtierd  is not running; waiting for it"

/* What stands behind the time of day. */
static void assert_event(const char *wanted)
{
	_cleanup_free_ char *line = process_read_line(&monitor);

	ck_assert_ptr_nonnull(line);
	ck_assert_msg(matches(line, CLOCK), "%s", line);
	ck_assert_str_eq(line + CLOCK_WIDTH, wanted);
}

static void start(const char *arguments)
{
	_cleanup_free_ char *command = NULL;

	ck_assert_int_gt(asprintf(&command, "monitor %s", arguments), 0);
	daxtierctl_start(&monitor, command);
}

static void stop(void)
{
	ck_assert_int_eq(kill(monitor.pid, SIGTERM), 0);
	assert_end(&monitor, 128 + SIGTERM);
}

START_TEST(test_changes)
{
	start("");
	assert_event(PRESENT);
	bus_client_publish(&client, "dax0.0", "{'State':'releasing'}");
	assert_event("dax0.0    online → releasing");
	bus_client_publish(&client, "dax0.0",
			   "{'State':'releasing','StateDetail':'1 of 8 blocks','BlocksOnline':7}");
	assert_event("dax0.0    releasing, 1 of 8 blocks");
	bus_client_publish(&client, "dax0.0",
			   "{'State':'failed','Reason':'so it is','LastError':'EBUSY',"
			   "'LastErrorMessage':'block 40 is in use'}");
	assert_event("dax0.0    releasing → failed; EBUSY: block 40 is in use; so it is");
	bus_client_publish(&client, "dax0.0", NULL);
	assert_event("dax0.0    failed → online; every block is online in zone Movable");
	bus_client_publish(&client, "dax1.0", "{'UsableSize':1073741824,'Holders':'1 (init)'}");
	assert_event("dax1.0    UsableSize 15.9 GiB → 1 GiB, Holders \"\" → 1 (init)");
	bus_client_publish_host(&client, "{'MovableTotal':0,'Problems':['one','two']}");
	assert_event("host      MovableTotal 16.8 GiB → 0 B, Problems one; two");
	bus_client_publish_host(&client, "{'MovableTotal':0,'Problems':[]}");
	assert_event("host      Problems none");
	stop();
}
END_TEST

/* They are a list of the host's, and a line each for who watches a card go in. */
START_TEST(test_memory_devices)
{
	static const char mem8[] = "{'Name':'mem8','Serial':200,'Ram':1073741824,'Pmem':0,";
	_cleanup_free_ char *before = NULL, *after = NULL;

	ck_assert_int_gt(
		asprintf(&before,
			 "{'Memdevs':[%s'Region':'','Holds':'','State':'pending',"
			 "'Reason':'so it is'},{'Name':'mem9','Serial':201,'Ram':0,'Pmem':0,"
			 "'Region':'region7','Holds':'region7','State':'','Reason':''}]}",
			 mem8),
		0);
	ck_assert_int_gt(asprintf(&after,
				  "{'Claimed':false,'Memdevs':[%s'Region':'region8',"
				  "'Holds':'region8','State':'','Reason':''}]}",
				  mem8),
			 0);
	bus_client_publish_host(&client, "{'Memdevs':[]}");
	start("");
	assert_event(PRESENT);
	bus_client_publish_host(&client, before);
	assert_event("mem8      appeared: serial 0xc8, pending; so it is");
	assert_event("mem9      appeared: serial 0xc9, in region7");
	bus_client_publish_host(&client, after);
	assert_event("host      Claimed true → false");
	assert_event("mem9      disappeared");
	assert_event("mem8      pending → in region8");
	stop();
}
END_TEST

START_TEST(test_devices_come_and_go)
{
	start("");
	assert_event(PRESENT);
	bus_client_command(&client,
			   "{'Device':{'Name':'dax3.0','Kind':'cxl','Size':1073741824,"
			   "'State':'pending'}}",
			   0);
	assert_event("dax3.0    appeared: cxl, 1 GiB, pending");
	bus_client_command(&client,
			   "{'Device':{'Name':'dax3.0','Kind':'cxl','Size':1073741824,"
			   "'State':'online'}}",
			   0);
	assert_event("dax3.0    pending → online");
	bus_client_command(&client, "{'Remove':'dax3.0'}", 0);
	assert_event("dax3.0    disappeared");
	stop();
}
END_TEST

/* Of one device; the daemon matters to it as well. */
START_TEST(test_one_device)
{
	start("/dev/dax1.0");
	assert_event(PRESENT);
	bus_client_publish(&client, "dax0.0", "{'State':'releasing'}");
	bus_client_publish_host(&client, "{'MovableTotal':0}");
	bus_client_publish(&client, "dax1.0", "{'State':'stuck'}");
	assert_event("dax1.0    online → stuck");
	stop();
}
END_TEST

static void start_driver(void)
{
	process_start(&client.driver,
		      (const char *[]){BUS_DRIVER, FIXTURES "/bus/online.json", NULL});
	assert_line(&client.driver, "ready");
}

/* Whatever the daemon does, who follows it goes on; and what is new is new against what is now. */
START_TEST(test_restart)
{
	start("");
	assert_event(PRESENT);
	bus_client_publish(&client, "dax0.0", "{'State':'releasing'}");
	assert_event("dax0.0    online → releasing");
	ck_assert_int_eq(process_stop(&client.driver, SIGKILL), 128 + SIGKILL);
	assert_event(NOT_RUNNING);
	start_driver();
	assert_event(PRESENT);
	bus_client_publish(&client, "dax0.0", "{'State':'failed'}");
	assert_event("dax0.0    online → failed");
	stop();
}
END_TEST

/* It is waited for, and not started. */
START_TEST(test_no_daemon_yet)
{
	ck_assert_int_eq(process_stop(&client.driver, SIGTERM), 128 + SIGTERM);
	start("");
	assert_event(NOT_RUNNING);
	start_driver();
	assert_event(PRESENT);
	stop();
}
END_TEST

static struct json_object *read_event(const char *wanted)
{
	_cleanup_free_ char *line = process_read_line(&monitor);
	struct json_object *event = line ? json_tokener_parse(line) : NULL;

	ck_assert_msg(event != NULL, "%s", line ?: "nothing");
	ck_assert_int_eq(json_object_get_int(json_object_object_get(event, "Version")), 1);
	ck_assert_str_eq(json_object_get_string(json_object_object_get(event, "Event")), wanted);
	ck_assert(matches(json_object_get_string(json_object_object_get(event, "Time")),
			  "^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-9:]{8}\\.[0-9]{6}Z$"));
	return event;
}

static void assert_member(struct json_object *event, const char *key, const char *wanted)
{
	struct json_object *value = json_tokener_parse(wanted);

	assert_json_eq(json_object_object_get(event, key), value);
	json_object_put(value);
}

/* One document a line, with all that has changed. */
START_TEST(test_json)
{
	struct json_object *event;

	start("--json=short");
	event = read_event("daemon-present");
	assert_json_eq(json_object_object_get(event, "Host"),
		       json_object_object_get(client.document, "Host"));
	assert_json_eq(json_object_object_get(event, "Devices"),
		       json_object_object_get(client.document, "Devices"));
	json_object_put(event);

	bus_client_publish(&client, "dax0.0", "{'State':'releasing','BlocksOnline':3}");
	event = read_event("device-changed");
	assert_member(event, "Device", "\"dax0.0\"");
	assert_member(event, "State", "\"releasing\"");
	assert_member(event, "Changed", "{\"State\":\"releasing\",\"BlocksOnline\":3}");
	assert_member(event, "Before", "{\"State\":\"online\",\"BlocksOnline\":8}");
	json_object_put(event);

	bus_client_command(&client, "{'Remove':'dax0.0'}", 0);
	event = read_event("device-removed");
	assert_member(event, "Device", "\"dax0.0\"");
	json_object_put(event);

	bus_client_publish(&client, "dax0.0", NULL);
	event = read_event("device-added");
	assert_json_eq(
		json_object_object_get(event, "Properties"),
		json_object_array_get_idx(json_object_object_get(client.document, "Devices"), 0));
	json_object_put(event);

	bus_client_publish_host(&client, "{'Claimed':false}");
	event = read_event("host-changed");
	assert_member(event, "Changed", "{\"Claimed\":false}");
	assert_member(event, "Before", "{\"Claimed\":true}");
	json_object_put(event);

	ck_assert_int_eq(process_stop(&client.driver, SIGKILL), 128 + SIGKILL);
	json_object_put(read_event("daemon-absent"));
	stop();
	start_driver();
}
END_TEST

START_TEST(test_interrupted)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

	start("");
	assert_event(PRESENT);
	ck_assert_int_eq(kill(monitor.pid, signals[_i]), 0);
	assert_end(&monitor, 128 + signals[_i]);
}
END_TEST

/* Nobody should have to wait for an answer that does not come. */
START_TEST(test_interrupted_before_an_answer)
{
	ck_assert_int_eq(kill(client.driver.pid, SIGSTOP), 0);
	start("");
	/* For it to ask; earlier, a signal ends it in any case. */
	nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
	ck_assert_int_eq(kill(monitor.pid, SIGINT), 0);
	assert_end(&monitor, 128 + SIGINT);
	ck_assert_int_eq(kill(client.driver.pid, SIGCONT), 0);
}
END_TEST

/* As in "monitor | head -n 1": it does not stay for a line that nobody will read. */
START_TEST(test_reader_leaves)
{
	start("");
	assert_event(PRESENT);
	close(monitor.out);
	monitor.out = -1;
	ck_assert_int_eq(process_wait(&monitor), 128 + SIGPIPE);
}
END_TEST

START_TEST(test_bus_goes)
{
	struct private_bus bus;

	setenv("LC_ALL", "C.UTF-8", 1);
	private_bus_start(&bus, PRIVATE_BUS_OPEN);
	start("");
	assert_event(NOT_RUNNING);
	private_bus_stop(&bus);
	assert_line(&monitor, "daxtierctl: the system bus has gone");
	assert_end(&monitor, UNREACHABLE);
}
END_TEST

START_TEST(test_output_is_full)
{
	struct process_result result;

	process_run(
		&result, PROCESS_OWN_UID,
		(const char *[]){"sh", "-c", "exec \"$0\" monitor >/dev/full", DAXTIERCTL, NULL});
	ck_assert_int_eq(result.status, FAILURE);
	ck_assert_str_eq(result.err, "daxtierctl: cannot write to standard output: No space left "
				     "on device\n");
	process_result_done(&result);
}
END_TEST

Suite *monitor_suite(void)
{
	Suite *suite = suite_create("daxtierctl monitor");
	TCase *tcase = tcase_create("monitor"), *without = tcase_create("without a daemon");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_changes);
	tcase_add_test(tcase, test_memory_devices);
	tcase_add_test(tcase, test_devices_come_and_go);
	tcase_add_test(tcase, test_one_device);
	tcase_add_test(tcase, test_restart);
	tcase_add_test(tcase, test_no_daemon_yet);
	tcase_add_test(tcase, test_json);
	tcase_add_loop_test(tcase, test_interrupted, 0, 3);
	tcase_add_test(tcase, test_interrupted_before_an_answer);
	tcase_add_test(tcase, test_reader_leaves);
	tcase_add_test(tcase, test_output_is_full);
	suite_add_tcase(suite, tcase);
	tcase_set_timeout(without, 60);
	tcase_add_test(without, test_bus_goes);
	suite_add_tcase(suite, without);
	return suite;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* daxtierctl apply, and what it has in common with release. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "bus-client.h"
#include "daxtierctl.h"

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

START_TEST(test_apply)
{
	struct process_result result;

	RUN(&result, "apply", "dax0.0");
	assert_outcome(&result, OK, "dax0.0: online; every block is online in zone Movable\n", "");
	process_result_done(&result);
	assert_call(&client, "Apply dax0.0 -");

	RUN(&result, "apply", "--force", "/dev/dax0.0");
	ck_assert_int_eq(result.status, OK);
	process_result_done(&result);
	assert_call(&client, "Apply dax0.0 force");

	RUN(&result, "apply");
	ck_assert_int_eq(result.status, OK);
	ck_assert_str_eq(result.err, "");
	ck_assert_ptr_nonnull(strstr(result.out, "dax0.0: online"));
	ck_assert_ptr_nonnull(strstr(result.out, "\ndax10.0: unmanaged"));
	process_result_done(&result);
	assert_call(&client, "Apply - -");
}
END_TEST

/* What it asks afterwards may get no answer, and nobody should have to wait for that. */
START_TEST(test_interrupted_after_the_work)
{
	struct process apply;
	int status;

	bus_client_command(&client, "{'Freeze':true}", 0);
	daxtierctl_start(&apply, "apply dax0.0");
	ck_assert_int_eq(waitpid(client.driver.pid, &status, WUNTRACED), client.driver.pid);
	ck_assert(WIFSTOPPED(status));
	/* For it to ask; earlier, it ends with a word that it no longer waits. */
	nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
	ck_assert_int_eq(process_stop(&apply, SIGINT), 128 + SIGINT);
	ck_assert_int_eq(kill(client.driver.pid, SIGCONT), 0);
}
END_TEST

/* The call succeeds, the device is none the better. */
START_TEST(test_apply_in_vain)
{
	static const char *const states[] = {"partial", "mismatch", "held-back", "failed", "stuck"};
	struct process_result result;

	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		_cleanup_free_ char *changes = NULL, *wanted = NULL;

		ck_assert_int_gt(
			asprintf(&changes, "{'State':'%s','Reason':'so it is'}", states[i]), 0);
		ck_assert_int_gt(asprintf(&wanted, "dax0.0: %s; so it is\n", states[i]), 0);
		bus_client_publish(&client, "dax0.0", changes);
		RUN(&result, "apply", "dax0.0");
		assert_outcome(&result, NOT_DONE, wanted,
			       "daxtierctl: what can be done: daxtierctl show dax0.0\n");
		process_result_done(&result);
		/* Of all devices, some may well be so by policy. */
		RUN(&result, "apply");
		ck_assert_int_eq(result.status, OK);
		process_result_done(&result);
	}
}
END_TEST

START_TEST(test_apply_of_a_memory_device)
{
	struct process_result result;

	RUN(&result, "apply", "mem0");
	assert_outcome(&result, OK, "mem0: in region0\n", "");
	process_result_done(&result);
	assert_call(&client, "Apply mem0 -");

	bus_client_publish_host(&client, "{'Memdevs':[{'Name':'mem0','Serial':1,'Region':'',"
					 "'State':'failed','Reason':'no window has room'}]}");
	RUN(&result, "apply", "mem0");
	assert_outcome(&result, NOT_DONE, "mem0: failed; no window has room\n",
		       "daxtierctl: what can be done: daxtierctl status\n");
	process_result_done(&result);

	RUN(&result, "apply", "mem7");
	assert_outcome(&result, NO_DEVICE, "", "daxtierctl: mem7 left in the meantime\n");
	process_result_done(&result);
}
END_TEST

/* StateDetail comes alone when it is all that changes. */
START_TEST(test_progress_that_was_begun_before)
{
	struct process release;

	bus_client_publish(&client, "dax0.0", "{'State':'applying','StateDetail':'1 of 8 blocks'}");
	bus_client_command(&client, "{'Hold':true}", 0);
	daxtierctl_start(&release, "apply dax0.0");
	wait_for_call(&client, "Apply dax0.0 -");
	bus_client_publish(&client, "dax0.0", "{'State':'applying','StateDetail':'7 of 8 blocks'}");
	assert_line(&release, "dax0.0: applying, 7 of 8 blocks");
	bus_client_publish(&client, "dax0.0", NULL);
	assert_line(&release, "dax0.0: online");
	bus_client_command(&client, "{'Hold':false}", 0);
	assert_line(&release, "dax0.0: online; every block is online in zone Movable");
	assert_end(&release, OK);
}
END_TEST

/* What the daemon says behind its answer is not listened to any more. */
START_TEST(test_changes_after_the_answer)
{
	struct process apply;

	bus_client_command(&client, "{'Hold':true}", 0);
	daxtierctl_start(&apply, "apply dax0.0");
	wait_for_call(&client, "Apply dax0.0 -");
	ck_assert_int_eq(kill(apply.pid, SIGSTOP), 0);
	bus_client_command(&client, "{'Hold':false}", 0);
	for (int i = 1; i <= 8; i++) {
		_cleanup_free_ char *changes = NULL;

		ck_assert_int_gt(asprintf(&changes,
					  "{'State':'applying','StateDetail':'%d of 8 blocks'}", i),
				 0);
		bus_client_publish(&client, "dax0.0", changes);
	}
	bus_client_publish(&client, "dax0.0", NULL);
	ck_assert_int_eq(kill(apply.pid, SIGCONT), 0);
	assert_line(&apply, "dax0.0: online; every block is online in zone Movable");
	assert_end(&apply, OK);
}
END_TEST

START_TEST(test_other_errors)
{
	struct process_result result;

	bus_client_command(&client, "{'Apply':-19,'Release':-19}", 0);
	RUN(&result, "release", "dax9.9");
	assert_outcome(&result, NO_DEVICE, "",
		       "daxtierctl: There is no dax device dax9.9; \"daxtierctl status\" lists "
		       "those there are\n");
	process_result_done(&result);
	RUN(&result, "apply", "mem9");
	ck_assert_int_eq(result.status, NO_DEVICE);
	process_result_done(&result);
	RUN(&result, "release", "sda");
	ck_assert_int_eq(result.status, FAILURE);
	ck_assert_ptr_nonnull(strstr(result.err, "\"sda\" is not the name of a dax device"));
	process_result_done(&result);
}
END_TEST

START_TEST(test_another_user)
{
	struct process_result result;

	RUN_AS(&result, NOBODY, "release", "dax0.0");
	ck_assert_int_eq(result.status, FAILURE);
	ck_assert_ptr_nonnull(strstr(result.err, "daxtierctl: not allowed: "));
	process_result_done(&result);
	RUN_AS(&result, NOBODY, "apply");
	ck_assert_int_eq(result.status, FAILURE);
	ck_assert_ptr_nonnull(strstr(result.err, "daxtierctl: not allowed: "));
	process_result_done(&result);
	assert_no_call(&client);
	/* The driver has none: it was asked. */
	RUN_AS(&result, NOBODY, "release", "--dry-run", "dax0.0");
	ck_assert_int_eq(result.status, NO_DEVICE);
	process_result_done(&result);
}
END_TEST

Suite *apply_suite(void)
{
	Suite *suite = suite_create("daxtierctl apply");
	TCase *tcase = tcase_create("apply");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_apply);
	tcase_add_test(tcase, test_interrupted_after_the_work);
	tcase_add_test(tcase, test_apply_in_vain);
	tcase_add_test(tcase, test_apply_of_a_memory_device);
	tcase_add_test(tcase, test_progress_that_was_begun_before);
	tcase_add_test(tcase, test_changes_after_the_answer);
	tcase_add_test(tcase, test_other_errors);
	/* Needs a second user. */
	if (geteuid() == 0)
		tcase_add_test(tcase, test_another_user);
	suite_add_tcase(suite, tcase);
	return suite;
}

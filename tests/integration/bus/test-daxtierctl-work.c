/* SPDX-License-Identifier: GPL-2.0-or-later */
/* daxtierctl apply and release: verbs that wait for work. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
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

/* How many calls came since the last time; the last of them in *ret, "" without any. */
static int take_calls(char **ret)
{
	char *line;
	int n = 0;

	*ret = strdup("");
	process_write(&client.driver, "{\"Calls\":true}\n");
	while ((line = process_read_line(&client.driver)) && strncmp(line, "call ", 5) == 0) {
		free(*ret);
		*ret = strdup(line + strlen("call "));
		free(line);
		n++;
	}
	ck_assert_ptr_nonnull(line);
	free(line);
	return n;
}

static void assert_call(const char *wanted)
{
	_cleanup_free_ char *call = NULL;

	ck_assert_int_eq(take_calls(&call), 1);
	ck_assert_str_eq(call, wanted);
}

static void assert_no_call(void)
{
	_cleanup_free_ char *call = NULL;

	ck_assert_int_eq(take_calls(&call), 0);
}

/* The test's own timeout ends it. */
static void wait_for_call(const char *wanted)
{
	for (;;) {
		_cleanup_free_ char *call = NULL;

		if (take_calls(&call) > 0) {
			ck_assert_str_eq(call, wanted);
			return;
		}
		nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
	}
}

/* What it says on either output, line by line. */
static void start(struct process *process, const char *command)
{
	_cleanup_free_ char *text = NULL;

	ck_assert_int_gt(asprintf(&text, "exec \"$0\" %s 2>&1", command), 0);
	process_start(process, (const char *[]){"sh", "-c", text, DAXTIERCTL, NULL});
}

static void assert_line(struct process *process, const char *wanted)
{
	_cleanup_free_ char *line = process_read_line(process);

	ck_assert_pstr_eq(line, wanted);
}

static void assert_end(struct process *process, int status)
{
	assert_line(process, NULL);
	ck_assert_int_eq(process_wait(process), status);
}

static void assert_outcome(const struct process_result *result, int status, const char *out,
			   const char *err)
{
	ck_assert_str_eq(result->err, err);
	ck_assert_str_eq(result->out, out);
	ck_assert_int_eq(result->status, status);
}

START_TEST(test_release)
{
	static const char said[] =
		"dax0.0: released; \"daxtierctl apply dax0.0\" takes it up again\n";
	struct process_result result;

	RUN(&result, "release", "dax0.0");
	assert_outcome(&result, OK, said, "");
	process_result_done(&result);
	assert_call("Release dax0.0 - 30000000");

	RUN(&result, "release", "/dev/dax0.0", "--deadline=2min");
	assert_outcome(&result, OK, said, "");
	process_result_done(&result);
	assert_call("Release dax0.0 - 120000000");

	RUN(&result, "release", "dax0.0", "--deadline=0");
	assert_outcome(&result, OK, said, "");
	process_result_done(&result);
	assert_call("Release dax0.0 - 0");
}
END_TEST

START_TEST(test_eject)
{
	struct process_result result;

	RUN(&result, "release", "--eject", "dax0.0", "--deadline=18446744073709s");
	assert_outcome(&result, OK,
		       "dax0.0: released; region0 is gone, and the card with serial number 0xabc1 "
		       "can be pulled\n",
		       "");
	process_result_done(&result);
	assert_call("Release dax0.0 eject 18446744073709000000");

	bus_client_publish(&client, "dax0.0", "{'Serials':[1,2]}");
	RUN(&result, "release", "--eject", "dax0.0");
	assert_outcome(&result, OK,
		       "dax0.0: released; region0 is gone, and the cards with serial numbers 0x1, "
		       "0x2 can be pulled\n",
		       "");
	process_result_done(&result);
}
END_TEST

/* What the daemon publishes while the call waits; that of other devices is not shown. */
START_TEST(test_progress)
{
	struct process release;

	bus_client_command(&client, "{'Hold':true}", 0);
	start(&release, "release dax0.0");
	wait_for_call("Release dax0.0 - 30000000");
	bus_client_publish(&client, "dax0.0", "{'State':'releasing'}");
	bus_client_publish(&client, "dax1.0", "{'State':'applying'}");
	bus_client_publish(&client, "dax0.0",
			   "{'State':'releasing','StateDetail':'1 of 8 blocks'}");
	bus_client_publish(&client, "dax0.0",
			   "{'State':'releasing','StateDetail':'1 of 8 blocks','BlocksOnline':3}");
	bus_client_publish(&client, "dax0.0",
			   "{'State':'releasing','StateDetail':'8 of 8 blocks'}");
	bus_client_publish(&client, "dax0.0", "{'State':'released'}");
	assert_line(&release, "dax0.0: releasing");
	assert_line(&release, "dax0.0: releasing, 1 of 8 blocks");
	assert_line(&release, "dax0.0: releasing, 8 of 8 blocks");
	assert_line(&release, "dax0.0: released");
	bus_client_command(&client, "{'Hold':false}", 0);
	assert_line(&release, "dax0.0: released; \"daxtierctl apply dax0.0\" takes it up again");
	assert_end(&release, OK);
}
END_TEST

/* StateDetail comes alone when it is all that changes. */
START_TEST(test_progress_that_was_begun_before)
{
	struct process release;

	bus_client_publish(&client, "dax0.0", "{'State':'applying','StateDetail':'1 of 8 blocks'}");
	bus_client_command(&client, "{'Hold':true}", 0);
	start(&release, "apply dax0.0");
	wait_for_call("Apply dax0.0 -");
	bus_client_publish(&client, "dax0.0", "{'State':'applying','StateDetail':'7 of 8 blocks'}");
	assert_line(&release, "dax0.0: applying, 7 of 8 blocks");
	bus_client_publish(&client, "dax0.0", NULL);
	assert_line(&release, "dax0.0: online");
	bus_client_command(&client, "{'Hold':false}", 0);
	assert_line(&release, "dax0.0: online; every block is online in zone Movable");
	assert_end(&release, OK);
}
END_TEST

/* Whoever stops waiting stops nothing else. */
START_TEST(test_interrupted)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct process release;

	bus_client_command(&client, "{'Hold':true}", 0);
	start(&release, "release dax0.0");
	wait_for_call("Release dax0.0 - 30000000");
	ck_assert_int_eq(kill(release.pid, signals[_i]), 0);
	assert_line(&release, "daxtierctl: no longer waiting, but daxtierd goes on; \"daxtierctl "
			      "apply dax0.0\" ends the release");
	assert_end(&release, 128 + signals[_i]);
	assert_no_call();
	bus_client_command(&client, "{'Hold':false}", 0);
}
END_TEST

START_TEST(test_daemon_dies)
{
	struct process release;

	bus_client_command(&client, "{'Hold':true}", 0);
	start(&release, "release dax0.0");
	wait_for_call("Release dax0.0 - 30000000");
	ck_assert_int_eq(process_stop(&client.driver, SIGKILL), 128 + SIGKILL);
	assert_line(&release,
		    "daxtierctl: daxtierd does not answer: Message recipient disconnected "
		    "from message bus without replying; see: systemctl status daxtierd");
	assert_end(&release, UNREACHABLE);
	process_start(&client.driver,
		      (const char *[]){BUS_DRIVER, FIXTURES "/bus/online.json", NULL});
	assert_line(&client.driver, "ready");
}
END_TEST

#define HINT                                                                                       \
	"daxtierctl: a longer --deadline may help; \"daxtierctl release --dry-run dax0.0\" tells " \
	"what is "                                                                                 \
	"known "                                                                                   \
	"to be in the way\n"

static const struct {
	const char *error, *hint;
} not_done[] = {
	{"Busy", ""}, {"Refused", ""}, {"StepFailed", ""}, {"Deadline", HINT}, {"Canceled", ""},
};

START_TEST(test_not_done)
{
	_cleanup_free_ char *command = NULL, *wanted = NULL;
	struct process_result result;

	ck_assert_int_gt(asprintf(&command, "{'Error':'%s','Message':'block 40 is in use'}",
				  not_done[_i].error),
			 0);
	ck_assert_int_gt(asprintf(&wanted,
				  "daxtierctl: dax0.0 was not released: block 40 is in use\n%s",
				  not_done[_i].hint),
			 0);
	bus_client_command(&client, command, 0);
	RUN(&result, "release", "dax0.0");
	assert_outcome(&result, NOT_DONE, "", wanted);
	process_result_done(&result);

	RUN(&result, "apply", "--force", "dax0.0");
	assert_outcome(&result, NOT_DONE, "",
		       "daxtierctl: dax0.0 was not applied: block 40 is in use\n");
	process_result_done(&result);
	RUN(&result, "apply");
	assert_outcome(&result, NOT_DONE, "",
		       "daxtierctl: some device was not applied: block 40 is in use\n");
	process_result_done(&result);
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

START_TEST(test_apply)
{
	struct process_result result;

	RUN(&result, "apply", "dax0.0");
	assert_outcome(&result, OK, "dax0.0: online; every block is online in zone Movable\n", "");
	process_result_done(&result);
	assert_call("Apply dax0.0 -");

	RUN(&result, "apply", "--force", "/dev/dax0.0");
	ck_assert_int_eq(result.status, OK);
	process_result_done(&result);
	assert_call("Apply dax0.0 force");

	RUN(&result, "apply");
	ck_assert_int_eq(result.status, OK);
	ck_assert_str_eq(result.err, "");
	ck_assert_ptr_nonnull(strstr(result.out, "dax0.0: online"));
	ck_assert_ptr_nonnull(strstr(result.out, "\ndax10.0: unmanaged"));
	process_result_done(&result);
	assert_call("Apply - -");
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
		assert_outcome(&result, NOT_DONE, wanted, "");
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
	assert_call("Apply mem0 -");

	bus_client_publish_host(&client, "{'Memdevs':[{'Name':'mem0','Serial':1,'Region':'',"
					 "'State':'failed','Reason':'no window has room'}]}");
	RUN(&result, "apply", "mem0");
	assert_outcome(&result, NOT_DONE, "mem0: failed; no window has room\n", "");
	process_result_done(&result);

	RUN(&result, "apply", "mem7");
	assert_outcome(&result, NO_DEVICE, "", "daxtierctl: mem7 left in the meantime\n");
	process_result_done(&result);
}
END_TEST

#define REHEARSAL                                                                                  \
	"{'Device':'dax0.0','Possible':%s,'Reason':'so it is','Memory':1073741824,'Node':2,"       \
	"'Used':1048576,'UsedHere':524288,'Elsewhere':2097152,'Fits':true,'BlocksOnline':8,"       \
	"'Region':'','Unmovable':[]}"

static void set_rehearsal(const char *possible)
{
	_cleanup_free_ char *command = NULL;

	ck_assert_int_gt(asprintf(&command, "{'Rehearsal':" REHEARSAL "}", possible), 0);
	bus_client_command(&client, command, 0);
}

START_TEST(test_rehearsal)
{
	struct process_result result;
	struct json_object *document, *rehearsal;

	set_rehearsal("true");
	RUN(&result, "release", "--dry-run", "dax0.0");
	assert_outcome(
		&result, OK,
		"dax0.0: can be released, as far as is known\n"
		"  Reason             so it is\n"
		"  Online             1 GiB in 8 blocks\n"
		"  In use             at most 512 KiB of it, of 1 MiB in use on node 2\n"
		"  Elsewhere          2 MiB is free or easily freed on other nodes: it fits\n",
		"");
	process_result_done(&result);

	RUN(&result, "release", "--dry-run", "--eject", "--json=short", "dax0.0");
	ck_assert_str_eq(result.err, "");
	ck_assert_int_eq(result.status, OK);
	document = json_tokener_parse(result.out);
	rehearsal = json_object_object_get(document, "Rehearsal");
	ck_assert_int_eq(json_object_get_int(json_object_object_get(document, "Version")), 1);
	ck_assert_int_eq(json_object_get_int(json_object_object_get(rehearsal, "BlocksOnline")), 8);
	json_object_put(document);
	process_result_done(&result);

	set_rehearsal("false");
	RUN(&result, "release", "--dry-run", "dax0.0");
	ck_assert_int_eq(result.status, NOT_DONE);
	ck_assert_int_eq(strncmp(result.out, "dax0.0: cannot be released\n", 27), 0);
	process_result_done(&result);
	RUN(&result, "release", "--dry-run", "--json=pretty", "dax0.0");
	ck_assert_int_eq(result.status, NOT_DONE);
	process_result_done(&result);
	/* Whoever rehearses does nothing. */
	assert_no_call();
}
END_TEST

START_TEST(test_rehearsal_of_no_device)
{
	struct process_result result;

	RUN(&result, "release", "--dry-run", "dax9.9");
	ck_assert_int_eq(result.status, NO_DEVICE);
	ck_assert_str_eq(result.out, "");
	process_result_done(&result);
}
END_TEST

START_TEST(test_another_user)
{
	struct process_result result;

	RUN_AS(&result, NOBODY, "release", "dax0.0");
	ck_assert_int_eq(result.status, FAILURE);
	ck_assert_ptr_nonnull(strstr(result.err, "daxtierctl: only root may do that: "));
	process_result_done(&result);
	RUN_AS(&result, NOBODY, "apply");
	ck_assert_int_eq(result.status, FAILURE);
	ck_assert_ptr_nonnull(strstr(result.err, "daxtierctl: only root may do that: "));
	process_result_done(&result);
	assert_no_call();
	set_rehearsal("true");
	RUN_AS(&result, NOBODY, "release", "--dry-run", "dax0.0");
	ck_assert_int_eq(result.status, OK);
	process_result_done(&result);
}
END_TEST

Suite *work_suite(void)
{
	Suite *suite = suite_create("daxtierctl apply and release");
	TCase *tcase = tcase_create("work");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_release);
	tcase_add_test(tcase, test_eject);
	tcase_add_test(tcase, test_progress);
	tcase_add_test(tcase, test_progress_that_was_begun_before);
	tcase_add_loop_test(tcase, test_interrupted, 0, 3);
	tcase_add_test(tcase, test_daemon_dies);
	tcase_add_loop_test(tcase, test_not_done, 0, ARRAY_SIZE(not_done));
	tcase_add_test(tcase, test_other_errors);
	tcase_add_test(tcase, test_apply);
	tcase_add_test(tcase, test_apply_in_vain);
	tcase_add_test(tcase, test_apply_of_a_memory_device);
	tcase_add_test(tcase, test_rehearsal);
	tcase_add_test(tcase, test_rehearsal_of_no_device);
	/* Needs a second user. */
	if (geteuid() == 0)
		tcase_add_test(tcase, test_another_user);
	suite_add_tcase(suite, tcase);
	return suite;
}

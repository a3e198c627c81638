/* SPDX-License-Identifier: GPL-2.0-or-later */
/* daxtierctl release: a verb that waits for work, and its rehearsal. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

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

START_TEST(test_release)
{
	static const char said[] =
		"dax0.0: released; \"daxtierctl apply dax0.0\" takes it up again\n";
	struct process_result result;

	RUN(&result, "release", "dax0.0");
	assert_outcome(&result, OK, said, "");
	process_result_done(&result);
	assert_call(&client, "Release dax0.0 - 30000000");

	RUN(&result, "release", "/dev/dax0.0", "--deadline=2min");
	assert_outcome(&result, OK, said, "");
	process_result_done(&result);
	assert_call(&client, "Release dax0.0 - 120000000");

	RUN(&result, "release", "dax0.0", "--deadline=0");
	assert_outcome(&result, OK, said, "");
	process_result_done(&result);
	assert_call(&client, "Release dax0.0 - 0");
}
END_TEST

/* Of a card nothing else may be in use when somebody pulls it. */
START_TEST(test_eject)
{
	struct process_result result;

	bus_client_publish_host(&client, "{'Memdevs':[{'Name':'mem0','Serial':43969,'Holds':''}]}");
	RUN(&result, "release", "--eject", "dax0.0", "--deadline=18446744073709s");
	assert_outcome(&result, OK,
		       "dax0.0: released, and region0 is gone\n"
		       "mem0, serial number 0xabc1: nothing else is on it, and the card can be "
		       "pulled\n",
		       "");
	process_result_done(&result);
	assert_call(&client, "Release dax0.0 eject 18446744073709000000");

	bus_client_publish(&client, "dax0.0", "{'Serials':[1,2,3]}");
	bus_client_publish_host(&client, "{'Memdevs':[{'Name':'mem1','Serial':1,'Holds':''},"
					 "{'Name':'mem2','Serial':2,'Holds':'region1 "
					 "(decoder3.0)'}]}");
	RUN(&result, "release", "--eject", "dax0.0");
	assert_outcome(
		&result, OK,
		"dax0.0: released, and region0 is gone\n"
		"mem1, serial number 0x1: nothing else is on it, and the card can be pulled\n"
		"mem2, serial number 0x2: not to be pulled yet, its decoders still hold region1 "
		"(decoder3.0)\n"
		"the memory device with serial number 0x3 has left already\n",
		"");
	process_result_done(&result);
}
END_TEST

/* What is on a card is asked after the call: it may have changed while that lasted. */
START_TEST(test_eject_asks_anew)
{
	struct process release;

	bus_client_command(&client, "{'Hold':true}", 0);
	daxtierctl_start(&release, "release --eject dax0.0");
	wait_for_call(&client, "Release dax0.0 eject 30000000");
	bus_client_publish_host(&client, "{'Memdevs':[{'Name':'mem0','Serial':43969,"
					 "'Holds':'region9 (decoder2.1)'}]}");
	bus_client_command(&client, "{'Hold':false}", 0);
	assert_line(&release, "dax0.0: released, and region0 is gone");
	assert_line(&release, "mem0, serial number 0xabc1: not to be pulled yet, its decoders "
			      "still hold region9 (decoder2.1)");
	assert_end(&release, OK);
}
END_TEST

/* What the daemon publishes while the call waits; that of other devices is not shown. */
START_TEST(test_progress)
{
	struct process release;

	bus_client_command(&client, "{'Hold':true}", 0);
	daxtierctl_start(&release, "release dax0.0");
	wait_for_call(&client, "Release dax0.0 - 30000000");
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

/* What is for a person does not get into what a program reads. */
START_TEST(test_progress_and_outcome)
{
	_cleanup_free_ char *command = NULL, *seen = NULL;
	struct process release;

	ck_assert_int_gt(asprintf(&command, "exec \"$0\" release dax0.0 2>%s/progress",
				  client.private_bus.directory),
			 0);
	bus_client_command(&client, "{'Hold':true}", 0);
	process_start(&release, (const char *[]){"sh", "-c", command, DAXTIERCTL, NULL});
	wait_for_call(&client, "Release dax0.0 - 30000000");
	bus_client_publish(&client, "dax0.0",
			   "{'State':'releasing','StateDetail':'1 of 8 blocks'}");
	bus_client_command(&client, "{'Hold':false}", 0);
	assert_line(&release, "dax0.0: released; \"daxtierctl apply dax0.0\" takes it up again");
	assert_end(&release, OK);
	seen = tree_get(client.private_bus.directory, "progress");
	ck_assert_str_eq(seen, "dax0.0: releasing, 1 of 8 blocks\n");
}
END_TEST

/* One document, and nothing else on either output. */
START_TEST(test_release_as_json)
{
	struct json_object *document, *released, *cards, *card;
	struct process release;
	char *line;

	bus_client_publish_host(&client, "{'Memdevs':[{'Name':'mem1','Serial':1,'Holds':''}]}");
	bus_client_publish(&client, "dax0.0", "{'Serials':[1,2]}");
	bus_client_command(&client, "{'Hold':true}", 0);
	daxtierctl_start(&release, "release --eject --json=short dax0.0");
	wait_for_call(&client, "Release dax0.0 eject 30000000");
	bus_client_publish(&client, "dax0.0", "{'State':'releasing','Serials':[1,2]}");
	bus_client_command(&client, "{'Hold':false}", 0);
	line = process_read_line(&release);
	document = json_tokener_parse(line);
	ck_assert_msg(document != NULL, "%s", line);
	free(line);
	released = json_object_object_get(document, "Released");
	ck_assert_str_eq(json_object_get_string(json_object_object_get(released, "Device")),
			 "dax0.0");
	ck_assert_str_eq(json_object_get_string(json_object_object_get(released, "Region")),
			 "region0");
	cards = json_object_object_get(released, "Cards");
	ck_assert_uint_eq(json_object_array_length(cards), 2);
	card = json_object_object_get(json_object_array_get_idx(cards, 0), "Memdev");
	ck_assert_str_eq(json_object_get_string(json_object_object_get(card, "Name")), "mem1");
	ck_assert_ptr_null(json_object_object_get(json_object_array_get_idx(cards, 1), "Memdev"));
	json_object_put(document);
	assert_end(&release, OK);
}
END_TEST

/* All that a terminal gets until the program at its other end is gone. */
static char *read_terminal(int fd)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_fclose_ FILE *f = NULL;
	char buffer[512];
	size_t size;
	ssize_t n;

	f = open_memstream(&text, &size);
	ck_assert_ptr_nonnull(f);
	/* At the end it is EIO. */
	while ((n = read(fd, buffer, sizeof(buffer))) > 0)
		fwrite(buffer, 1, (size_t)n, f);
	ck_assert_int_eq(fclose(TAKE_PTR(f)), 0);
	return TAKE_PTR(text);
}

/* The bar takes its own place again and again, and none in the end. */
START_TEST(test_progress_on_a_terminal)
{
	static const char wanted[] =
		"\rdax0.0 releasing  \033[K"
		"\rdax0.0 releasing  [███████████████···············]  50 %  4 of 8 blocks\033[K"
		"\r\033[Kdax0.0: released; \"daxtierctl apply dax0.0\" takes it up again\r\n";
	_cleanup_close_ int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	_cleanup_free_ char *command = NULL, *text = NULL;
	struct process release;

	ck_assert_int_ge(terminal, 0);
	ck_assert_int_eq(grantpt(terminal), 0);
	ck_assert_int_eq(unlockpt(terminal), 0);
	ck_assert_int_gt(
		asprintf(&command,
			 "NO_COLOR=1 TERM=xterm COLUMNS=80 exec \"$0\" release dax0.0 >%s 2>&1",
			 ptsname(terminal)),
		0);
	bus_client_command(&client, "{'Hold':true}", 0);
	process_start(&release, (const char *[]){"sh", "-c", command, DAXTIERCTL, NULL});
	wait_for_call(&client, "Release dax0.0 - 30000000");
	bus_client_publish(&client, "dax0.0", "{'State':'releasing'}");
	bus_client_publish(&client, "dax0.0",
			   "{'State':'releasing','StateDetail':'4 of 8 blocks'}");
	bus_client_command(&client, "{'Hold':false}", 0);
	text = read_terminal(terminal);
	ck_assert_str_eq(text, wanted);
	ck_assert_int_eq(process_wait(&release), OK);
}
END_TEST

/* Whoever stops waiting stops nothing else. */
START_TEST(test_interrupted)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct process release;

	bus_client_command(&client, "{'Hold':true}", 0);
	daxtierctl_start(&release, "release dax0.0");
	wait_for_call(&client, "Release dax0.0 - 30000000");
	ck_assert_int_eq(kill(release.pid, signals[_i]), 0);
	assert_line(&release, "daxtierctl: no longer waiting, but daxtierd goes on; \"daxtierctl "
			      "apply dax0.0\" ends the release");
	assert_end(&release, 128 + signals[_i]);
	assert_no_call(&client);
	bus_client_command(&client, "{'Hold':false}", 0);
}
END_TEST

/* As by nohup(1): the end of a login is no reason to stop waiting then. */
START_TEST(test_not_interrupted)
{
	struct process release;

	bus_client_command(&client, "{'Hold':true}", 0);
	process_start(&release, (const char *[]){"sh", "-c",
						 "trap '' HUP INT; exec \"$0\" release dax0.0 2>&1",
						 DAXTIERCTL, NULL});
	wait_for_call(&client, "Release dax0.0 - 30000000");
	ck_assert_int_eq(kill(release.pid, SIGHUP), 0);
	ck_assert_int_eq(kill(release.pid, SIGINT), 0);
	bus_client_command(&client, "{'Hold':false}", 0);
	assert_line(&release, "dax0.0: released; \"daxtierctl apply dax0.0\" takes it up again");
	assert_end(&release, OK);
}
END_TEST

START_TEST(test_daemon_dies)
{
	struct process release;

	bus_client_command(&client, "{'Hold':true}", 0);
	daxtierctl_start(&release, "release dax0.0");
	wait_for_call(&client, "Release dax0.0 - 30000000");
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

#define OTHERS "daxtierctl: \"daxtierctl monitor\" shows how far the others are\n"

static const struct {
	const char *error, *release_hint, *apply_hint;
} not_done[] = {
	{"Busy", OTHERS, OTHERS}, {"Refused", "", ""},	{"StepFailed", "", ""},
	{"Deadline", HINT, ""},	  {"Canceled", "", ""},
};

/* Runs daxtierctl with these arguments, and compares what it complains of. */
static void assert_not_done(const char *const arguments[], const char *said, const char *hint)
{
	_cleanup_free_ char *wanted = NULL;
	struct process_result result;

	ck_assert_int_gt(asprintf(&wanted, "daxtierctl: %s: block 40 is in use\n%s", said, hint),
			 0);
	process_run(&result, PROCESS_OWN_UID, arguments);
	assert_outcome(&result, NOT_DONE, "", wanted);
	process_result_done(&result);
}

#define ARGUMENTS(...) ((const char *const[]){DAXTIERCTL, __VA_ARGS__, NULL})

START_TEST(test_not_done)
{
	_cleanup_free_ char *command = NULL;

	ck_assert_int_gt(asprintf(&command, "{'Error':'%s','Message':'block 40 is in use'}",
				  not_done[_i].error),
			 0);
	bus_client_command(&client, command, 0);
	assert_not_done(ARGUMENTS("release", "dax0.0"), "dax0.0 was not released",
			not_done[_i].release_hint);
	assert_not_done(ARGUMENTS("apply", "--force", "dax0.0"), "dax0.0 was not applied",
			not_done[_i].apply_hint);
	assert_not_done(ARGUMENTS("apply"), "some device was not applied", not_done[_i].apply_hint);
}
END_TEST

START_TEST(test_left_meanwhile)
{
	struct process_result result;

	bus_client_command(&client,
			   "{'Error':'NoSuchDevice','Message':'it has left with its memory'}", 0);
	RUN(&result, "release", "dax0.0");
	assert_outcome(&result, NO_DEVICE, "",
		       "daxtierctl: dax0.0 was not released: it has left with its memory\n");
	process_result_done(&result);
	RUN(&result, "release", "dax9.0");
	assert_outcome(&result, NO_DEVICE, "",
		       "daxtierctl: it has left with its memory; \"daxtierctl status\" lists those "
		       "there are\n");
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
	assert_no_call(&client);
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

Suite *release_suite(void)
{
	Suite *suite = suite_create("daxtierctl release");
	TCase *tcase = tcase_create("release");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_release);
	tcase_add_test(tcase, test_eject);
	tcase_add_test(tcase, test_eject_asks_anew);
	tcase_add_test(tcase, test_progress);
	tcase_add_test(tcase, test_progress_and_outcome);
	tcase_add_test(tcase, test_release_as_json);
	tcase_add_test(tcase, test_progress_on_a_terminal);
	tcase_add_loop_test(tcase, test_interrupted, 0, 3);
	tcase_add_test(tcase, test_not_interrupted);
	tcase_add_test(tcase, test_daemon_dies);
	tcase_add_loop_test(tcase, test_not_done, 0, ARRAY_SIZE(not_done));
	tcase_add_test(tcase, test_left_meanwhile);
	tcase_add_test(tcase, test_rehearsal);
	tcase_add_test(tcase, test_rehearsal_of_no_device);
	suite_add_tcase(suite, tcase);
	return suite;
}

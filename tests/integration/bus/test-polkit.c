/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is not root is whom polkit is asked about, and nobody waits for that but he. Needs root,
 * which can be a second user besides.
 */
#include <check.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "polkit-client.h"

#define IS_ROOT "Reload is for root, and uid 65534 called"

static void expect_reload(int interactive, const char *error, const char *part)
{
	sd_bus *nobody = connect_nobody();
	struct waiting waiting;

	polkit_call(nobody, &waiting, interactive, "Reload", "");
	polkit_expect(nobody, &waiting, error, part);
	bus_client_command(&client, "{'Reloads':true}", error ? 0 : 1);
	sd_bus_flush_close_unref(nobody);
}

START_TEST(test_authorized)
{
	polkit_start("yes");
	expect_reload(0, NULL, NULL);
	expect_line(&polkit, "check " MANAGE " 0 Reload -");
	polkit_stop();
}
END_TEST

/* Each method that changes something asks, and of which device. */
START_TEST(test_authorized_for_a_device)
{
	sd_bus *nobody = connect_nobody();
	struct waiting waiting;

	polkit_start("yes");
	polkit_call(nobody, &waiting, 0, "Apply", "sb", "dax0.0", 1);
	polkit_expect(nobody, &waiting, NULL, NULL);
	expect_line(&polkit, "check " MANAGE " 0 Apply dax0.0");
	polkit_call(nobody, &waiting, 0, "Apply", "sb", "", 0);
	polkit_expect(nobody, &waiting, NULL, NULL);
	expect_line(&polkit, "check " MANAGE " 0 Apply -");
	polkit_call(nobody, &waiting, 0, "Release", "sbt", "dax1.0", 1, UINT64_C(7));
	polkit_expect(nobody, &waiting, NULL, NULL);
	expect_line(&polkit, "check " MANAGE " 0 Release dax1.0");
	polkit_stop();
	bus_client_assert_calls(&client, (const char *[]){"Apply dax0.0 force", "Apply - -",
							  "Release dax1.0 eject 7", NULL});
	sd_bus_flush_close_unref(nobody);
}
END_TEST

START_TEST(test_refused)
{
	polkit_start("no");
	expect_reload(1, SD_BUS_ERROR_ACCESS_DENIED, "polkit does not authorize for " MANAGE);
	expect_line(&polkit, "check " MANAGE " 1 Reload -");
	polkit_stop();
}
END_TEST

/* Only a call that says that it waits for a person makes polkit ask one, where there is an agent.
 */
START_TEST(test_interaction_is_required)
{
	polkit_start("challenge");
	expect_reload(0, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED, "pkttyagent");
	expect_line(&polkit, "check " MANAGE " 0 Reload -");
	expect_reload(1, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED, "pkttyagent");
	expect_line(&polkit, "check " MANAGE " 1 Reload -");
	polkit_stop();
}
END_TEST

START_TEST(test_absent)
{
	sd_bus *nobody = connect_nobody();
	struct waiting waiting;

	polkit_call(nobody, &waiting, 1, "Reload", "");
	polkit_wait(nobody, &waiting);
	ck_assert_pstr_eq(waiting.message, IS_ROOT); /* and not a word of polkit */
	polkit_expect(nobody, &waiting, SD_BUS_ERROR_ACCESS_DENIED, "");
	bus_client_command(&client, "{'Reloads':true}", 0);
	sd_bus_flush_close_unref(nobody);
}
END_TEST

START_TEST(test_nonsense)
{
	polkit_start("nonsense");
	expect_reload(0, SD_BUS_ERROR_ACCESS_DENIED, IS_ROOT ", and polkit did not decide");
	expect_line(&polkit, "check " MANAGE " 0 Reload -");
	polkit_stop();
}
END_TEST

START_TEST(test_leaves_in_the_middle)
{
	polkit_start("leave");
	expect_reload(0, SD_BUS_ERROR_ACCESS_DENIED, IS_ROOT ", and polkit did not decide: ");
	ck_assert_int_eq(process_wait(&polkit), 0);
}
END_TEST

/* What is wrong with a call is said before anybody is asked. */
START_TEST(test_arguments_come_first)
{
	sd_bus *nobody = connect_nobody();
	struct waiting waiting;
	char name[70] = "dax0.";

	memset(name + 5, '0', 60);
	polkit_start("yes");
	polkit_call(nobody, &waiting, 0, "Apply", "sb", "dax", 0);
	polkit_expect(nobody, &waiting, SD_BUS_ERROR_INVALID_ARGS, "not the name");
	polkit_call(nobody, &waiting, 0, "Release", "sbt", name, 0, UINT64_C(0));
	polkit_expect(nobody, &waiting, SD_BUS_ERROR_INVALID_ARGS, "not the name");
	polkit_stop();
	bus_client_assert_calls(&client, (const char *[]){NULL});
	sd_bus_flush_close_unref(nobody);
}
END_TEST

/* A person who types a password holds up nobody else. */
START_TEST(test_slow)
{
	sd_bus *nobody = connect_nobody();
	struct waiting waiting;

	polkit_start("hold");
	polkit_call(nobody, &waiting, 1, "Reload", "");
	expect_line(&polkit, "check " MANAGE " 1 Reload -");
	reload_by_root();
	bus_client_command(&client, "{'Reloads':true}", 1);
	ck_assert_int_eq(waiting.answered, 0);
	process_write(&polkit, "yes\n");
	expect_line(&polkit, "answered 1");
	polkit_expect(nobody, &waiting, NULL, NULL);
	bus_client_command(&client, "{'Reloads':true}", 2);
	polkit_stop();
	sd_bus_flush_close_unref(nobody);
}
END_TEST

/*
 * Nobody waits for ever: 25 s for rules and a disk, 5 min for a person, here the hundredth part,
 * which is still enough for all that the test does before the person's time is over.
 */
START_TEST(test_too_slow)
{
	sd_bus *nobody = connect_nobody();
	struct waiting person, rules;

	bus_client_command(&client, "{'Haste':100}", 0);
	polkit_start("hold");
	polkit_call(nobody, &person, 1, "Reload", "");
	expect_line(&polkit, "check " MANAGE " 1 Reload -");
	polkit_call(nobody, &rules, 0, "Reload", "");
	expect_line(&polkit, "check " MANAGE " 0 Reload -");
	polkit_expect(nobody, &rules, SD_BUS_ERROR_ACCESS_DENIED, "polkit did not decide");
	ck_assert_int_eq(person.answered, 0);
	expect_line(&polkit, "cancel");
	polkit_expect(nobody, &person, SD_BUS_ERROR_ACCESS_DENIED, "polkit did not decide");
	expect_line(&polkit, "cancel");
	bus_client_command(&client, "{'Reloads':true}", 0);
	polkit_stop();
	sd_bus_flush_close_unref(nobody);
}
END_TEST

/* Milliseconds for a call that nobody answers, for want of memory. */
#define PATIENCE 300

static void wait_a_little(sd_bus *bus, const struct waiting *waiting)
{
	for (int ms = 0; !waiting->answered && ms < PATIENCE; ms += 10)
		if (sd_bus_process(bus, NULL) == 0)
			sd_bus_wait(bus, UINT64_C(10000));
}

#define ALLOCATIONS_MAX 100

/* Whether an allocation failed, the n-th from now on until the answer or its time is over. */
static bool reload_failing(sd_bus *bus, struct waiting *waiting, unsigned n)
{
	_cleanup_free_ char *fail = NULL, *line = NULL;

	ck_assert_int_gt(asprintf(&fail, "{\"Fail\":%u}\n", n), 0);
	process_write(&client.driver, fail);
	expect_line(&client.driver, "done 0");
	polkit_call(bus, waiting, 0, "Reload", "");
	wait_a_little(bus, waiting);
	process_write(&client.driver, "{\"Failed\":true}\n");
	line = process_read_line(&client.driver);
	return strcmp(line, "done 1") == 0;
}

/* A call that cannot be kept is not carried out, and takes no place away: more than there are. */
START_TEST(test_without_memory)
{
	static struct waiting waiting[ALLOCATIONS_MAX];
	sd_bus *nobody = connect_nobody();
	unsigned n = 0;
	int reloads = 0;

	polkit_start("yes");
	while (reload_failing(nobody, &waiting[n], n + 1)) {
		n++;
		ck_assert_uint_lt(n, ALLOCATIONS_MAX);
	}
	ck_assert_uint_gt(n, 0);
	/* Answers come in their order, so all that were late are there with that of the last. */
	polkit_wait(nobody, &waiting[n]);
	ck_assert_pstr_eq(waiting[n].error, NULL);
	for (unsigned i = 0; i <= n; i++) {
		reloads += waiting[i].answered && !waiting[i].error;
		sd_bus_slot_unref(waiting[i].slot);
		free(waiting[i].error);
		free(waiting[i].message);
	}
	bus_client_command(&client, "{'Reloads':true}", reloads);
	process_write(&polkit, "no\n");
	sd_bus_flush_close_unref(nobody);
	process_stop(&polkit, SIGKILL);
}
END_TEST

/* Whoever leaves while polkit is asked takes back his own question, and no other. */
START_TEST(test_client_leaves_the_question)
{
	sd_bus *leaves = connect_nobody(), *stays = connect_nobody();
	struct waiting gone, waiting;

	polkit_start("hold");
	polkit_call(stays, &waiting, 1, "Release", "sbt", "dax1.0", 0, UINT64_C(0));
	expect_line(&polkit, "check " MANAGE " 1 Release dax1.0");
	polkit_call(leaves, &gone, 1, "Release", "sbt", "dax0.0", 0, UINT64_C(0));
	expect_line(&polkit, "check " MANAGE " 1 Release dax0.0");
	sd_bus_slot_unref(gone.slot);
	sd_bus_close_unref(leaves);
	expect_line(&polkit, "cancel");
	process_write(&polkit, "yes\n");
	expect_line(&polkit, "answered 1");
	polkit_expect(stays, &waiting, NULL, NULL);
	bus_client_assert_calls(&client, (const char *[]){"Release dax1.0 - 0", NULL});
	polkit_stop();
	sd_bus_flush_close_unref(stays);
}
END_TEST

/* And once his call was granted only his wait ends. */
START_TEST(test_client_leaves_the_work)
{
	sd_bus *leaves = connect_nobody(), *stays = connect_nobody();
	struct waiting gone, too, waiting;

	polkit_start("yes");
	bus_client_command(&client, "{'Hold':true,'Tell':true}", 0);
	polkit_call(stays, &waiting, 0, "Release", "sbt", "dax1.0", 0, UINT64_C(0));
	expect_line(&polkit, "check " MANAGE " 0 Release dax1.0");
	expect_line(&client.driver, "kept");
	polkit_call(leaves, &gone, 0, "Release", "sbt", "dax0.0", 0, UINT64_C(0));
	expect_line(&polkit, "check " MANAGE " 0 Release dax0.0");
	expect_line(&client.driver, "kept");
	polkit_call(leaves, &too, 0, "Release", "sbt", "dax0.1", 0, UINT64_C(0));
	expect_line(&polkit, "check " MANAGE " 0 Release dax0.1");
	expect_line(&client.driver, "kept");
	polkit_stop();
	bus_client_assert_calls(&client,
				(const char *[]){"Release dax1.0 - 0", "Release dax0.0 - 0",
						 "Release dax0.1 - 0", NULL});
	sd_bus_slot_unref(gone.slot);
	sd_bus_slot_unref(too.slot);
	sd_bus_close_unref(leaves);
	expect_line(&client.driver, "left");
	expect_line(&client.driver, "left");
	ck_assert_int_eq(waiting.answered, 0);
	bus_client_command(&client, "{'Hold':false}", 0);
	polkit_expect(stays, &waiting, NULL, NULL);
	sd_bus_flush_close_unref(stays);
}
END_TEST

Suite *bus_polkit_suite(void);
Suite *bus_polkit_suite(void)
{
	Suite *suite = suite_create("bus polkit");
	TCase *tcase = tcase_create("polkit");

	if (geteuid() != 0)
		return suite;
	tcase_add_checked_fixture(tcase, polkit_setup, polkit_teardown);
	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, test_authorized);
	tcase_add_test(tcase, test_authorized_for_a_device);
	tcase_add_test(tcase, test_refused);
	tcase_add_test(tcase, test_interaction_is_required);
	tcase_add_test(tcase, test_absent);
	tcase_add_test(tcase, test_nonsense);
	tcase_add_test(tcase, test_leaves_in_the_middle);
	tcase_add_test(tcase, test_arguments_come_first);
	tcase_add_test(tcase, test_slow);
	tcase_add_test(tcase, test_too_slow);
	tcase_add_test(tcase, test_without_memory);
	tcase_add_test(tcase, test_client_leaves_the_question);
	tcase_add_test(tcase, test_client_leaves_the_work);
	suite_add_tcase(suite, tcase);
	return suite;
}

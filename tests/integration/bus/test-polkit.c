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

#include "bus-client.h"

#define NOBODY	65534
#define MANAGE	"org.daxtier1.manage"
#define IS_ROOT "Reload is for root, and uid 65534 called"

static struct bus_client client;
static struct process polkit;

static void setup(void)
{
	bus_client_start(&client, PRIVATE_BUS_OPEN, "online.json");
}

static void teardown(void)
{
	bus_client_stop(&client);
}

static void expect_line(struct process *process, const char *wanted)
{
	_cleanup_free_ char *line = process_read_line(process);

	ck_assert_pstr_eq(line, wanted);
}

static void start_polkit(const char *mode)
{
	process_start(&polkit, (const char *[]){MOCK_POLKIT, mode, NULL});
	expect_line(&polkit, "ready");
}

/* It must not have been asked anything else, either. */
static void stop_polkit(void)
{
	_cleanup_free_ char *line = NULL;

	process_write(&polkit, "no\n");
	line = process_read_line(&polkit);
	ck_assert_pstr_eq(line, "answered 0");
	ck_assert_int_eq(process_wait(&polkit), 0);
}

/* A connection of somebody who may do nothing by himself: the bus looks who connects. */
static sd_bus *connect_nobody(void)
{
	sd_bus *bus;
	const char *name;

	ck_assert_int_eq(seteuid(NOBODY), 0);
	ck_assert_int_ge(sd_bus_open_system(&bus), 0);
	ck_assert_int_eq(seteuid(0), 0);
	ck_assert_int_ge(sd_bus_get_unique_name(bus, &name), 0);
	return bus;
}

struct waiting {
	int answered; /* 1: done */
	char *error, *message;
	sd_bus_slot *slot;
};

static int on_reply(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
	const sd_bus_error *error = sd_bus_message_get_error(reply);
	struct waiting *waiting = userdata;

	(void)ret_error;
	waiting->answered = 1;
	if (error) {
		waiting->error = strdup(error->name);
		waiting->message = strdup(error->message ?: "");
	}
	return 1;
}

static void call(sd_bus *bus, struct waiting *waiting, int interactive, const char *member,
		 const char *types, ...)
{
	sd_bus_message *m;
	va_list ap;

	*waiting = (struct waiting){};
	ck_assert_int_ge(sd_bus_message_new_method_call(bus, &m, DAXTIER_BUS_NAME, DAXTIER_BUS_PATH,
							DAXTIER_MANAGER_INTERFACE, member),
			 0);
	va_start(ap, types);
	ck_assert_int_ge(sd_bus_message_appendv(m, types, ap), 0);
	va_end(ap);
	ck_assert_int_ge(sd_bus_message_set_allow_interactive_authorization(m, interactive), 0);
	ck_assert_int_ge(sd_bus_call_async(bus, &waiting->slot, m, on_reply, waiting, 0), 0);
	ck_assert_int_ge(sd_bus_flush(bus), 0);
	sd_bus_message_unref(m);
}

static void wait_for_answer(sd_bus *bus, const struct waiting *waiting)
{
	while (!waiting->answered)
		if (sd_bus_process(bus, NULL) == 0)
			ck_assert_int_ge(sd_bus_wait(bus, UINT64_C(60000000)), 1);
}

/* error NULL: it was carried out. */
static void expect(sd_bus *bus, struct waiting *waiting, const char *error, const char *part)
{
	wait_for_answer(bus, waiting);
	ck_assert_msg((!error && !waiting->error) ||
			      (error && waiting->error && strcmp(error, waiting->error) == 0 &&
			       strstr(waiting->message, part)),
		      "%s: %s", waiting->error ?: "carried out", waiting->message ?: "");
	sd_bus_slot_unref(waiting->slot);
	free(waiting->error);
	free(waiting->message);
}

static void expect_reload(int interactive, const char *error, const char *part)
{
	sd_bus *nobody = connect_nobody();
	struct waiting waiting;

	call(nobody, &waiting, interactive, "Reload", "");
	expect(nobody, &waiting, error, part);
	bus_client_command(&client, "{'Reloads':true}", error ? 0 : 1);
	sd_bus_flush_close_unref(nobody);
}

START_TEST(test_authorized)
{
	start_polkit("yes");
	expect_reload(0, NULL, NULL);
	expect_line(&polkit, "check " MANAGE " 0 Reload -");
	stop_polkit();
}
END_TEST

/* Each method that changes something asks, and of which device. */
START_TEST(test_authorized_for_a_device)
{
	sd_bus *nobody = connect_nobody();
	struct waiting waiting;

	start_polkit("yes");
	call(nobody, &waiting, 0, "Apply", "sb", "dax0.0", 1);
	expect(nobody, &waiting, NULL, NULL);
	expect_line(&polkit, "check " MANAGE " 0 Apply dax0.0");
	call(nobody, &waiting, 0, "Apply", "sb", "", 0);
	expect(nobody, &waiting, NULL, NULL);
	expect_line(&polkit, "check " MANAGE " 0 Apply -");
	call(nobody, &waiting, 0, "Release", "sbt", "dax1.0", 1, UINT64_C(7));
	expect(nobody, &waiting, NULL, NULL);
	expect_line(&polkit, "check " MANAGE " 0 Release dax1.0");
	stop_polkit();
	bus_client_assert_calls(&client, (const char *[]){"Apply dax0.0 force", "Apply - -",
							  "Release dax1.0 eject 7", NULL});
	sd_bus_flush_close_unref(nobody);
}
END_TEST

START_TEST(test_refused)
{
	start_polkit("no");
	expect_reload(1, SD_BUS_ERROR_ACCESS_DENIED, "polkit does not authorize for " MANAGE);
	expect_line(&polkit, "check " MANAGE " 1 Reload -");
	stop_polkit();
}
END_TEST

/* Only a call that says that it waits for a person makes polkit ask one, where there is an agent.
 */
START_TEST(test_interaction_is_required)
{
	start_polkit("challenge");
	expect_reload(0, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED, "pkttyagent");
	expect_line(&polkit, "check " MANAGE " 0 Reload -");
	expect_reload(1, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED, "pkttyagent");
	expect_line(&polkit, "check " MANAGE " 1 Reload -");
	stop_polkit();
}
END_TEST

START_TEST(test_absent)
{
	sd_bus *nobody = connect_nobody();
	struct waiting waiting;

	call(nobody, &waiting, 1, "Reload", "");
	wait_for_answer(nobody, &waiting);
	ck_assert_pstr_eq(waiting.message, IS_ROOT); /* and not a word of polkit */
	expect(nobody, &waiting, SD_BUS_ERROR_ACCESS_DENIED, "");
	bus_client_command(&client, "{'Reloads':true}", 0);
	sd_bus_flush_close_unref(nobody);
}
END_TEST

START_TEST(test_nonsense)
{
	start_polkit("nonsense");
	expect_reload(0, SD_BUS_ERROR_ACCESS_DENIED, IS_ROOT ", and polkit did not decide");
	expect_line(&polkit, "check " MANAGE " 0 Reload -");
	stop_polkit();
}
END_TEST

START_TEST(test_leaves_in_the_middle)
{
	start_polkit("leave");
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
	start_polkit("yes");
	call(nobody, &waiting, 0, "Apply", "sb", "dax", 0);
	expect(nobody, &waiting, SD_BUS_ERROR_INVALID_ARGS, "not the name");
	call(nobody, &waiting, 0, "Release", "sbt", name, 0, UINT64_C(0));
	expect(nobody, &waiting, SD_BUS_ERROR_INVALID_ARGS, "not the name");
	stop_polkit();
	bus_client_assert_calls(&client, (const char *[]){NULL});
	sd_bus_flush_close_unref(nobody);
}
END_TEST

static void reload_by_root(void)
{
	struct bus_reply reply;

	bus_client_call(&client, &reply, DAXTIER_BUS_PATH, DAXTIER_MANAGER_INTERFACE, "Reload", "");
	ck_assert_msg(!reply.error, "%s: %s", reply.error, reply.message);
	bus_reply_done(&reply);
}

/* A person who types a password holds up nobody else. */
START_TEST(test_slow)
{
	sd_bus *nobody = connect_nobody();
	struct waiting waiting;

	start_polkit("hold");
	call(nobody, &waiting, 1, "Reload", "");
	expect_line(&polkit, "check " MANAGE " 1 Reload -");
	reload_by_root();
	bus_client_command(&client, "{'Reloads':true}", 1);
	ck_assert_int_eq(waiting.answered, 0);
	process_write(&polkit, "yes\n");
	expect_line(&polkit, "answered 1");
	expect(nobody, &waiting, NULL, NULL);
	bus_client_command(&client, "{'Reloads':true}", 2);
	stop_polkit();
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
	start_polkit("hold");
	call(nobody, &person, 1, "Reload", "");
	expect_line(&polkit, "check " MANAGE " 1 Reload -");
	call(nobody, &rules, 0, "Reload", "");
	expect_line(&polkit, "check " MANAGE " 0 Reload -");
	expect(nobody, &rules, SD_BUS_ERROR_ACCESS_DENIED, "polkit did not decide");
	ck_assert_int_eq(person.answered, 0);
	expect_line(&polkit, "cancel");
	expect(nobody, &person, SD_BUS_ERROR_ACCESS_DENIED, "polkit did not decide");
	expect_line(&polkit, "cancel");
	bus_client_command(&client, "{'Reloads':true}", 0);
	stop_polkit();
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
	call(bus, waiting, 0, "Reload", "");
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

	start_polkit("yes");
	while (reload_failing(nobody, &waiting[n], n + 1)) {
		n++;
		ck_assert_uint_lt(n, ALLOCATIONS_MAX);
	}
	ck_assert_uint_gt(n, 0);
	/* Answers come in their order, so all that were late are there with that of the last. */
	wait_for_answer(nobody, &waiting[n]);
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

	start_polkit("hold");
	call(stays, &waiting, 1, "Release", "sbt", "dax1.0", 0, UINT64_C(0));
	expect_line(&polkit, "check " MANAGE " 1 Release dax1.0");
	call(leaves, &gone, 1, "Release", "sbt", "dax0.0", 0, UINT64_C(0));
	expect_line(&polkit, "check " MANAGE " 1 Release dax0.0");
	sd_bus_slot_unref(gone.slot);
	sd_bus_close_unref(leaves);
	expect_line(&polkit, "cancel");
	process_write(&polkit, "yes\n");
	expect_line(&polkit, "answered 1");
	expect(stays, &waiting, NULL, NULL);
	bus_client_assert_calls(&client, (const char *[]){"Release dax1.0 - 0", NULL});
	stop_polkit();
	sd_bus_flush_close_unref(stays);
}
END_TEST

/* And once his call was granted only his wait ends. */
START_TEST(test_client_leaves_the_work)
{
	sd_bus *leaves = connect_nobody(), *stays = connect_nobody();
	struct waiting gone, too, waiting;

	start_polkit("yes");
	bus_client_command(&client, "{'Hold':true,'Tell':true}", 0);
	call(stays, &waiting, 0, "Release", "sbt", "dax1.0", 0, UINT64_C(0));
	expect_line(&polkit, "check " MANAGE " 0 Release dax1.0");
	expect_line(&client.driver, "kept");
	call(leaves, &gone, 0, "Release", "sbt", "dax0.0", 0, UINT64_C(0));
	expect_line(&polkit, "check " MANAGE " 0 Release dax0.0");
	expect_line(&client.driver, "kept");
	call(leaves, &too, 0, "Release", "sbt", "dax0.1", 0, UINT64_C(0));
	expect_line(&polkit, "check " MANAGE " 0 Release dax0.1");
	expect_line(&client.driver, "kept");
	stop_polkit();
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
	expect(stays, &waiting, NULL, NULL);
	sd_bus_flush_close_unref(stays);
}
END_TEST

#define PER_USER   4
#define PER_CLIENT 8

/* One user's questions do not pile up, on however many connections, and root needs none. */
START_TEST(test_limit_of_questions)
{
	struct waiting waiting[PER_USER], another;
	sd_bus *first = connect_nobody(), *second = connect_nobody();

	start_polkit("hold");
	for (int i = 0; i < PER_USER; i++) {
		call(first, &waiting[i], 0, "Reload", "");
		expect_line(&polkit, "check " MANAGE " 0 Reload -");
	}
	call(second, &another, 0, "Reload", "");
	expect(second, &another, DAXTIER_ERROR_BUSY, "too many calls");
	reload_by_root();
	bus_client_command(&client, "{'Reloads':true}", 1);

	process_write(&polkit, "no\n");
	expect_line(&polkit, "answered 4");
	for (int i = 0; i < PER_USER; i++)
		expect(first, &waiting[i], SD_BUS_ERROR_ACCESS_DENIED, "polkit");
	call(second, &another, 0, "Reload", "");
	expect_line(&polkit, "check " MANAGE " 0 Reload -");
	process_write(&polkit, "yes\n");
	expect_line(&polkit, "answered 1");
	expect(second, &another, NULL, NULL);
	stop_polkit();
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
		call(client.bus, &waiting[i], 0, "Release", "sbt", "dax0.0", 0, UINT64_C(0));
	call(client.bus, &another, 0, "Reload", "");
	expect(client.bus, &another, DAXTIER_ERROR_BUSY, "too many calls of this client");
	bus_client_command(&client, "{'Reloads':true}", 0);
	bus_client_command(&client, "{'Hold':false}", 0);
	for (int i = 0; i < PER_CLIENT; i++)
		expect(client.bus, &waiting[i], NULL, NULL);
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
			call(buses[i], &waiting[i][k], 0, "Release", "sbt", "dax0.0", 0,
			     UINT64_C(0));
	}
	reload_by_root();
	bus_client_command(&client, "{'Reloads':true}", 1);
	bus_client_command(&client, "{'Hold':false}", 0);
	for (int i = 0; i < CLIENTS; i++) {
		for (int k = 0; k < PER_CLIENT; k++)
			expect(buses[i], &waiting[i][k], NULL, NULL);
		sd_bus_flush_close_unref(buses[i]);
	}
}
END_TEST

Suite *bus_polkit_suite(void);
Suite *bus_polkit_suite(void)
{
	Suite *suite = suite_create("bus polkit");
	TCase *limits = tcase_create("limits"), *tcase = tcase_create("polkit");

	tcase_add_checked_fixture(limits, setup, teardown);
	tcase_set_timeout(limits, 30);
	tcase_add_test(limits, test_limit_of_a_client);
	tcase_add_test(limits, test_many_clients);
	suite_add_tcase(suite, limits);
	if (geteuid() != 0)
		return suite;
	tcase_add_checked_fixture(tcase, setup, teardown);
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
	tcase_add_test(tcase, test_limit_of_questions);
	suite_add_tcase(suite, tcase);
	return suite;
}

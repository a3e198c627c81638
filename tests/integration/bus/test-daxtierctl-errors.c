/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What daxtierctl makes of a no, for people and for programs, and whom it lets polkit ask. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bus-client.h"
#include "daxtierctl.h"
#include "tree.h"

static struct bus_client client;
static struct process polkit;

static void setup(void)
{
	setenv("LC_ALL", "C.UTF-8", 1);
	bus_client_start(&client, PRIVATE_BUS_OPEN, "online.json");
}

static void teardown(void)
{
	bus_client_stop(&client);
}

static void start_polkit(const char *mode)
{
	process_start(&polkit, (const char *[]){MOCK_POLKIT, mode, NULL});
	assert_line(&polkit, "ready");
}

#define WHY                                                                                        \
	"Reload is for root, and uid 65534 called, whom polkit would have to ask for a password "  \
	"first; let it, with an agent such as pkttyagent, or be root\n"

/* A desktop has an agent that could ask; a pipe has none. */
START_TEST(test_nobody_to_ask)
{
	struct process_result result;

	start_polkit("challenge");
	RUN_AS(&result, NOBODY, "reload");
	assert_line(&polkit, "check org.daxtier1.manage 1 Reload -");
	assert_outcome(&result, FAILURE, "",
		       "daxtierctl: that takes a password, and nobody could be asked for one: " WHY
		       "daxtierctl: run it on a terminal, or run it as root, as with sudo\n");
	process_result_done(&result);

	RUN_AS(&result, NOBODY, "reload", "--no-ask-password");
	assert_line(&polkit, "check org.daxtier1.manage 0 Reload -");
	assert_outcome(
		&result, FAILURE, "",
		"daxtierctl: that takes a password, and nobody could be asked for one: " WHY
		"daxtierctl: leave out --no-ask-password, or run it as root, as with sudo\n");
	process_result_done(&result);

	RUN_AS(&result, NOBODY, "apply", "dax0.0");
	assert_line(&polkit, "check org.daxtier1.manage 1 Apply dax0.0");
	process_result_done(&result);
	RUN_AS(&result, NOBODY, "release", "dax0.0");
	assert_line(&polkit, "check org.daxtier1.manage 1 Release dax0.0");
	process_result_done(&result);
	process_stop(&polkit, SIGTERM);
	assert_no_call(&client);
}
END_TEST

START_TEST(test_refused)
{
	struct process_result result;

	start_polkit("no");
	RUN_AS(&result, NOBODY, "reload");
	assert_outcome(&result, FAILURE, "",
		       "daxtierctl: not allowed: Reload is for root, and uid 65534 called, whom "
		       "polkit does not authorize for org.daxtier1.manage; run it as root, as with "
		       "sudo, or let polkit authorize you, see org.daxtier1(5)\n");
	process_result_done(&result);
	process_stop(&polkit, SIGTERM);
}
END_TEST

/* Leaves in the file agent.log how it was called and how it ended. */
static const char agent[] = "#!/bin/bash\n"
			    "echo \"$1 N $3\" >>\"$AGENT_LOG\"\n"
			    "trap 'echo ended >>\"$AGENT_LOG\"; exit' TERM\n"
			    "eval \"exec $2>&-\"\n"
			    "while :; do /bin/sleep 0.05; done\n";

/* Runs it with standard input on a terminal, as in "daxtierctl … | tee log", and PATH as it stands
 * in the directory. */
static void run_on_a_terminal(struct process_result *result, const char *arguments)
{
	_cleanup_close_ int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	const char *directory = client.private_bus.directory;
	_cleanup_free_ char *command = NULL;

	ck_assert_int_ge(terminal, 0);
	ck_assert_int_eq(grantpt(terminal), 0);
	ck_assert_int_eq(unlockpt(terminal), 0);
	ck_assert_int_eq(chmod(ptsname(terminal), 0666), 0);
	ck_assert_int_gt(asprintf(&command,
				  "export AGENT_LOG=%s/agent/log PATH=%s/agent:/nowhere TERM=dumb; "
				  "exec \"$0\" %s <%s",
				  directory, directory, arguments, ptsname(terminal)),
			 0);
	process_run(result, NOBODY, (const char *[]){"/bin/sh", "-c", command, DAXTIERCTL, NULL});
}

static void put_agent(const char *text)
{
	_cleanup_free_ char *path = NULL;

	tree_put(client.private_bus.directory, "agent/log", "");
	ck_assert_int_gt(asprintf(&path, "%s/agent/log", client.private_bus.directory), 0);
	ck_assert_int_eq(chmod(path, 0666), 0);
	if (!text)
		return;
	tree_put(client.private_bus.directory, "agent/pkttyagent", text);
	free(path);
	ck_assert_int_gt(asprintf(&path, "%s/agent/pkttyagent", client.private_bus.directory), 0);
	ck_assert_int_eq(chmod(path, 0755), 0);
}

/* There while the call waits, and gone when daxtierctl is. */
START_TEST(test_agent)
{
	_cleanup_free_ char *log = NULL;
	struct process_result result;

	put_agent(agent);
	start_polkit("yes");
	run_on_a_terminal(&result, "reload");
	assert_line(&polkit, "check org.daxtier1.manage 1 Reload -");
	ck_assert_str_eq(result.err, "");
	ck_assert_int_eq(result.status, OK);
	process_result_done(&result);
	log = tree_get(client.private_bus.directory, "agent/log");
	ck_assert_str_eq(log, "--notify-fd N --fallback\nended\n");
	process_stop(&polkit, SIGTERM);
}
END_TEST

/* Whoever only looks, or says so, meets no agent. */
START_TEST(test_no_agent)
{
	static const char *const arguments[] = {"status", "release --dry-run dax0.0",
						"reload --no-ask-password"};
	_cleanup_free_ char *log = NULL;
	struct process_result result;

	put_agent(agent);
	for (size_t i = 0; i < ARRAY_SIZE(arguments); i++) {
		run_on_a_terminal(&result, arguments[i]);
		process_result_done(&result);
	}
	log = tree_get(client.private_bus.directory, "agent/log");
	ck_assert_str_eq(log, "");
}
END_TEST

/* As after setpriv(1): polkit has the agent, and does not ask it. */
START_TEST(test_agent_in_vain)
{
	struct process_result result;

	put_agent(agent);
	start_polkit("challenge");
	run_on_a_terminal(&result, "reload");
	ck_assert_int_eq(result.status, FAILURE);
	ck_assert_ptr_nonnull(strstr(result.err, "daxtierctl: log in, for polkit asks nobody "
						 "outside of a session, or run it as root"));
	process_result_done(&result);
	process_stop(&polkit, SIGTERM);
}
END_TEST

START_TEST(test_missing_agent)
{
	struct process_result result;

	put_agent(NULL);
	start_polkit("challenge");
	run_on_a_terminal(&result, "reload");
	ck_assert_int_eq(result.status, FAILURE);
	ck_assert_ptr_nonnull(strstr(result.err, "daxtierctl: install pkttyagent, which comes with "
						 "polkit, or run it as root, as with sudo\n"));
	process_result_done(&result);
	process_stop(&polkit, SIGTERM);
}
END_TEST

static const struct {
	const char *arguments[3];
	int status;
} not_done[] = {
	{{"release", "--json=short", "dax0.0"}, NOT_DONE},
	{{"apply", "--json=pretty", "dax0.0"}, NOT_DONE},
};

/* What the daemon tells programs of an error, and not only its words. */
START_TEST(test_error_as_json)
{
	struct json_object *document, *error, *wanted;
	struct process_result result;

	bus_client_command(&client, "{'Error':'StepFailed','Message':'block 40 is in use'}", 0);
	RUN(&result, not_done[_i].arguments[0], not_done[_i].arguments[1],
	    not_done[_i].arguments[2]);
	ck_assert_int_eq(result.status, not_done[_i].status);
	document = json_tokener_parse(result.out);
	ck_assert_msg(document != NULL, "%s", result.out);
	error = json_object_object_get(document, "Error");
	wanted = json_tokener_parse("{\"Name\":\"org.daxtier1.Error.StepFailed\",\"Message\":"
				    "\"block 40 is in use\",\"Errno\":16,\"Error\":\"EBUSY\","
				    "\"Step\":\"offline-blocks\",\"Path\":\"a/b\"}");
	assert_json_eq(error, wanted);
	ck_assert_int_eq(json_object_get_int(json_object_object_get(document, "Version")), 1);
	json_object_put(wanted);
	json_object_put(document);
	/* And the person at the terminal hears of it as ever. */
	ck_assert_ptr_nonnull(strstr(result.err, ": block 40 is in use\n"));
	process_result_done(&result);
}
END_TEST

/* One that is no error of the work; and of show, which looks for itself. */
START_TEST(test_no_device_as_json)
{
	static const char *const verbs[] = {"plan", "show"};
	struct process_result result;
	struct json_object *document, *error;

	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		RUN(&result, verbs[i], "--json=short", "dax9.9");
		ck_assert_int_eq(result.status, NO_DEVICE);
		document = json_tokener_parse(result.out);
		ck_assert_msg(document != NULL, "%s", result.out);
		error = json_object_object_get(document, "Error");
		ck_assert_str_eq(json_object_get_string(json_object_object_get(error, "Name")),
				 "org.daxtier1.Error.NoSuchDevice");
		json_object_put(document);
		process_result_done(&result);
	}
}
END_TEST

Suite *errors_suite(void)
{
	Suite *suite = suite_create("daxtierctl errors");
	TCase *json = tcase_create("json"), *tcase = tcase_create("errors");

	tcase_add_checked_fixture(json, setup, teardown);
	tcase_set_timeout(json, 60);
	tcase_add_loop_test(json, test_error_as_json, 0, ARRAY_SIZE(not_done));
	tcase_add_test(json, test_no_device_as_json);
	suite_add_tcase(suite, json);
	/* Needs a second user. */
	if (geteuid() != 0)
		return suite;
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_nobody_to_ask);
	tcase_add_test(tcase, test_refused);
	tcase_add_test(tcase, test_agent);
	tcase_add_test(tcase, test_no_agent);
	tcase_add_test(tcase, test_agent_in_vain);
	tcase_add_test(tcase, test_missing_agent);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: what is wrong with one, and what one prints about itself. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/verb.h"
#include "process.h"
#include "suites.h"

#define ARGUMENTS_MAX 6

/* Runs daxtierctl where there is no bus. */
static void run(struct process_result *result, const char *const arguments[ARGUMENTS_MAX])
{
	const char *argv[ARGUMENTS_MAX + 2] = {DAXTIERCTL};

	for (size_t i = 0; i < ARGUMENTS_MAX && arguments[i]; i++)
		argv[i + 1] = arguments[i];
	setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/socket", 1);
	process_run(result, PROCESS_OWN_UID, argv);
}

static const struct {
	const char *arguments[ARGUMENTS_MAX];
	const char *says; /* on standard error */
} wrong[] = {
	{{"statsu"},
	 "there is no verb \"statsu\"; the verbs are:\n  status, show, plan, apply, release, "
	 "monitor, check-config, doctor, capture, reload, metrics\n"},
	{{""}, "there is no verb \"\""},
	{{"a\033[31mb\nc"}, "there is no verb \"a [31mb c\""},
	{{"--frobnicate"},
	 "there is no option \"--frobnicate\", or not in this form; the options are:\n"
	 "  --json=pretty|short --root=DIR --config=FILE --deadline=SPAN --eject --dry-run "
	 "--force --format=openmetrics|prometheus --output=FILE --diff --mask-serials "
	 "--no-ask-password --help --version\n"},
	{{"-x"}, "there is no option \"-x\""},
	{{"status", "-xy"}, "there is no option \"-x\""},
	{{"--eject", "-xh"}, "there is no option \"-x\""},
	{{"-\303\266"}, "there is no option \""},
	{{"--help=yes"}, "there is no option \"--help=yes\""},
	{{"status", "--json"}, "--json needs a value, as in --json=pretty"},
	{{"plan", "--root"}, "--root needs a value, as in --root=DIR\n"},
	{{"plan", "--roo"}, "--roo needs a value, as in --root=DIR\n"},
	{{"release", "a", "--deadline"}, "--deadline needs a value, as in --deadline=SPAN\n"},
	{{"release", "a", "--deadline=soon"},
	 "--deadline=soon is not a time, or too long; use a number with us, ms, s, min or h"},
	{{"release", "a", "--deadline=-1"}, "--deadline=-1 is not a time"},
	{{"release", "a", "--deadline=18446744073709551615h"},
	 "--deadline=18446744073709551615h is not a time, or too long"},
	{{"release", "a", "--eject=yes"}, "there is no option \"--eject=yes\""},
	{{"status", "--json=yaml"}, "--json=yaml is not known; use --json=pretty or --json=short"},
	{{"status", "dax0.0"}, "\"dax0.0\" is too much; use: daxtierctl status\n"},
	{{"show"}, "show of what? Use: daxtierctl show DEVICE\n"},
	{{"show", "dax0.0", "dax1.0"}, "\"dax1.0\" is too much; use: daxtierctl show DEVICE\n"},
	{{"plan", "a", "b"}, "\"b\" is too much; use: daxtierctl plan [DEVICE]\n"},
	{{"check-config", "a", "b"}, "use: daxtierctl check-config [FILE]\n"},
	{{"reload", "now"}, "use: daxtierctl reload\n"},
	{{"apply", "a", "b"}, "use: daxtierctl apply [DEVICE]\n"},
	{{"apply", ""}, "apply of \"\"? That names nothing; use: daxtierctl apply [DEVICE]\n"},
	{{"apply", "--force", ""}, "apply of \"\"? That names nothing"},
	{{"apply", "/dev/"}, "apply of \"/dev/\"? That names nothing"},
	{{"monitor", ""}, "monitor of \"\"? That names nothing"},
	{{"apply", "--force"},
	 "apply --force of what? It takes memory offline, so name the device"},
	{{"apply", "a", "--eject"}, "apply does not take --eject; these verbs do:\n  release\n"},
	{{"apply", "a", "--deadline=1"}, "apply does not take --deadline"},
	{{"apply", "a", "--dry-run"}, "apply does not take --dry-run"},
	{{"release"}, "release of what? Use: daxtierctl release DEVICE\n"},
	{{"release", "a", "--force"}, "release does not take --force; these verbs do:\n  apply\n"},
	{{"capture", "a", "--json=short"},
	 "capture does not take --json; these verbs do:\n  status, "
	 "show, plan, apply, release, monitor, check-config, doctor, reload\n"},
	{{"status", "--no-ask-password"},
	 "status does not take --no-ask-password; these verbs do:\n  apply, release, reload\n"},
	{{"reload", "--no-ask-password=yes"}, "there is no option \"--no-ask-password=yes\""},
	{{"reload", "--root=/"},
	 "reload does not take --root; these verbs do:\n  status, show, plan, "
	 "check-config, doctor, capture\n"},
	{{"check-config", "--config=a"},
	 "check-config does not take --config; these verbs "
	 "do:\n  plan\n"},
	{{"--config=a"}, "status does not take --config"},
	{{"metrics", "--format=xml"},
	 "--format=xml is not known; use --format=openmetrics or --format=prometheus\n"},
	{{"metrics", "--output"}, "--output needs a value, as in --output=FILE\n"},
	{{"metrics", "dax0.0"}, "\"dax0.0\" is too much; use: daxtierctl metrics\n"},
	{{"metrics", "--json=short"}, "metrics does not take --json"},
	{{"status", "--output=a"}, "status does not take --output; these verbs do:\n  metrics\n"},
};

START_TEST(test_wrong_command_line)
{
	struct process_result result;

	run(&result, wrong[_i].arguments);
	ck_assert_int_eq(result.status, STATUS_USAGE);
	ck_assert_str_eq(result.out, "");
	ck_assert_int_eq(strncmp(result.err, "daxtierctl: ", strlen("daxtierctl: ")), 0);
	ck_assert_msg(strstr(result.err, wrong[_i].says) != NULL, "%s", result.err);
	ck_assert_ptr_nonnull(strstr(result.err, "See \"daxtierctl --help\".\n"));
	process_result_done(&result);
}
END_TEST

#define NO_BUS                                                                                     \
	"daxtierctl: cannot connect to the system bus: No such file or directory; is dbus "        \
	"running?\n"
#define NO_STATUS                                                                                  \
	NO_BUS "daxtierctl: \"daxtierctl status --root=/\" looks at this host without it\n"

static const struct {
	const char *arguments[ARGUMENTS_MAX];
	const char *says;
} without_a_bus[] = {
	{{NULL}, NO_STATUS},
	{{"status"}, NO_STATUS},
	{{"show", "dax0.0"}, NO_BUS},
	{{"apply"}, NO_BUS},
	{{"apply", "dax0.0", "--force"}, NO_BUS},
	{{"release", "dax0.0", "--eject", "--deadline=0"}, NO_BUS},
	{{"reload"}, NO_BUS},
};

START_TEST(test_no_bus)
{
	struct process_result result;

	run(&result, without_a_bus[_i].arguments);
	ck_assert_int_eq(result.status, STATUS_UNREACHABLE);
	ck_assert_str_eq(result.out, "");
	ck_assert_str_eq(result.err, without_a_bus[_i].says);
	process_result_done(&result);
}
END_TEST

static const struct {
	const char *arguments[ARGUMENTS_MAX];
	const char *says;
} without_a_bus_as_json[] = {
	{{"status", "--json=pretty"}, NO_STATUS},
	{{"--json", "short"}, NO_STATUS},
	{{"show", "dax0.0", "--json=short"}, NO_BUS},
	{{"apply", "--json=short"}, NO_BUS},
	{{"release", "dax0.0", "--json=short"}, NO_BUS},
	{{"release", "dax0.0", "--dry-run", "--json=short"}, NO_BUS},
	{{"reload", "--json=short"}, NO_BUS},
};

/* Who reads documents gets one. */
START_TEST(test_no_bus_as_json)
{
	struct process_result result;
	struct json_object *document, *error;

	run(&result, without_a_bus_as_json[_i].arguments);
	ck_assert_int_eq(result.status, STATUS_UNREACHABLE);
	ck_assert_str_eq(result.err, without_a_bus_as_json[_i].says);
	document = json_tokener_parse(result.out);
	ck_assert_uint_eq(get_u64(document, "Version"), JSON_SCHEMA_VERSION);
	ck_assert(json_object_object_get_ex(document, "Error", &error));
	ck_assert_str_eq(get_text(error, "Name"), "");
	ck_assert_str_eq(get_text(error, "Message"), "No such file or directory");
	ck_assert_int_eq(get_int(error, "Errno"), 0);
	json_object_put(document);
	process_result_done(&result);
}
END_TEST

START_TEST(test_help)
{
	struct process_result result;

	run(&result, (const char *[ARGUMENTS_MAX]){"plan", "--help"});
	ck_assert_int_eq(result.status, STATUS_OK);
	ck_assert_str_eq(result.err, "");
	for (size_t i = 0; i < n_verbs; i++) {
		_cleanup_free_ char *line = NULL;

		ck_assert_int_gt(asprintf(&line, "\n  %s ", verbs[i].name), 0);
		ck_assert_msg(strstr(result.out, line) != NULL, "%s", line);
		ck_assert_ptr_nonnull(strstr(result.out, verbs[i].summary));
	}
	for (const char *line = result.out; *line; line += strcspn(line, "\n") + 1)
		ck_assert_uint_le(strcspn(line, "\n"), 80);
	process_result_done(&result);
}
END_TEST

START_TEST(test_version)
{
	struct process_result result;

	run(&result, (const char *[ARGUMENTS_MAX]){"--version"});
	ck_assert_int_eq(result.status, STATUS_OK);
	ck_assert_str_eq(result.out, "daxtierctl " PROJECT_VERSION "\n");
	process_result_done(&result);
}
END_TEST

START_TEST(test_output_that_does_not_arrive)
{
	struct process_result result;

	process_run(&result, PROCESS_OWN_UID,
		    (const char *[]){"sh", "-c", "\"$0\" --help >/dev/full", DAXTIERCTL, NULL});
	ck_assert_int_eq(result.status, STATUS_FAILURE);
	ck_assert_str_eq(result.err, "daxtierctl: cannot write to standard output: No space left "
				     "on device\n");
	process_result_done(&result);
}
END_TEST

Suite *command_suite(void)
{
	Suite *suite = suite_create("command line");
	TCase *tcase = tcase_create("command line");

	tcase_add_loop_test(tcase, test_wrong_command_line, 0, ARRAY_SIZE(wrong));
	tcase_add_loop_test(tcase, test_no_bus, 0, ARRAY_SIZE(without_a_bus));
	tcase_add_loop_test(tcase, test_no_bus_as_json, 0, ARRAY_SIZE(without_a_bus_as_json));
	tcase_add_test(tcase, test_help);
	tcase_add_test(tcase, test_version);
	tcase_add_test(tcase, test_output_that_does_not_arrive);
	suite_add_tcase(suite, tcase);
	return suite;
}

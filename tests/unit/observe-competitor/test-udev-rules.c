/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules written for these tests, in the shapes that distributions and packages give theirs. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "observe/udev-rules.h"
#include "suites.h"

/* The line is one of the rules, and only where there is an effect. */
static enum udev_rules_effect effect_of(const char *rules)
{
	_cleanup_free_ char *copy = strdup(rules);
	enum udev_rules_effect effect;
	const char *line = NULL;
	size_t n = strlen(rules);

	ck_assert_ptr_nonnull(copy);
	effect = udev_rules_parse(copy, &line);
	ck_assert_int_eq(effect != UDEV_RULES_HARMLESS, line != NULL);
	if (line)
		ck_assert(line >= copy && line + strlen(line) <= copy + n);
	return effect;
}

static bool competes(const char *rules)
{
	return effect_of(rules) == UDEV_RULES_COMPETE;
}

static const char *const competing[] = {
	"SUBSYSTEM==\"memory\", ACTION==\"add\", ATTR{state}==\"offline\", "
	"ATTR{state}=\"online\"\n",
	/* no newline at the end, blanks around the operator, another online state */
	"SUBSYSTEM == \"memory\" , ATTR{state} = \"online_movable\"",
	/* everything else is jumped over */
	"SUBSYSTEM!=\"memory\", GOTO=\"end\"\n"
	"ACTION!=\"add\", GOTO=\"end\"\n"
	"ATTR{state}=\"online\"\n"
	"LABEL=\"end\"\n",
	"ACTION==\"add\", KERNEL==\"memory[0-9]*\", ATTR{state}:=\"online_kernel\"\n",
	"DEVPATH==\"/devices/system/memory/memory*\", \\\n\tATTR{state}=\"online\"\n",
	"SUBSYSTEM==\"memory\", RUN+=\"/bin/sh -c 'echo online > /sys$devpath/state'\"\n",
	"SUBSYSTEM==e\"memory\", RUN{program}+=e\"/bin/sh -c \\\"echo online\\\"\"\n",
	/* a comment does not continue on the next line */
	"# nothing here \\\nSUBSYSTEM==\"memory\", ATTR{state}=\"online\"\n",
	"SUBSYSTEM==\"dax\", RUN+=\"/usr/bin/daxctl reconfigure-device -m system-ram $kernel\"\n",
	"SUBSYSTEM==\"dax\", PROGRAM==\"/usr/bin/daxctl list\", SYMLINK+=\"d\"\n",
	"SUBSYSTEM==\"dax\", IMPORT{program}=\"/usr/bin/daxctl list\"\n",
	/* the other way round */
	"SUBSYSTEM==\"memory\", ATTR{state}=\"offline\"\n",
	"SUBSYSTEM==\"memory\", RUN+=\"/bin/sh -c 'echo offline > /sys$devpath/state'\"\n",
};

START_TEST(test_competing)
{
	ck_assert_msg(competes(competing[_i]), "%s", competing[_i]);
}
END_TEST

static const char *const harmless[] = {
	"",
	"\n\n",
	/* only looks */
	"SUBSYSTEM==\"memory\", ATTR{state}==\"online\", TAG+=\"seen\"\n",
	"SUBSYSTEM==\"memory\", ATTR{state}!=\"online\", TAG+=\"seen\"\n",
	/* of something else */
	"SUBSYSTEM==\"cpu\", ATTR{online}==\"0\", ATTR{online}=\"1\"\n",
	"SUBSYSTEM==\"cpu\", ATTR{state}=\"online\"\n",
	/* not rules */
	"# SUBSYSTEM==\"memory\", ATTR{state}=\"online\"\n",
	"  \t# RUN+=\"daxctl\"\n",
	"SUBSYSTEM==\"memory\", ATTR{state}=online\n",
	"SUBSYSTEM==\"memory\" ATTR{state\n",
	"\"memory\" = \"online\"\n",
	"SUBSYSTEM==\"mem",
	/* a mention is no call */
	"SUBSYSTEM==\"dax\", ENV{COMMENT}=\"daxctl\"\n",
	"SUBSYSTEM==\"dax\", ACTION==\"add\", ENV{SYSTEMD_WANTS}+=\"daxtierd.service\"\n",
	/* nor is a key that begins alike */
	"SUBSYSTEM==\"memory\", RUNNING=\"online\"\n",
	"SUBSYSTEM==\"memory\", ATTR{state_of}=\"online\"\n",
};

START_TEST(test_harmless)
{
	ck_assert_msg(effect_of(harmless[_i]) == UDEV_RULES_HARMLESS, "%s", harmless[_i]);
}
END_TEST

/* In the shapes that the rule of daxctl's package has had. */
static const char *const of_daxctl[] = {
	"ACTION==\"add\", SUBSYSTEM==\"dax\", \\\n RUN+=\"/usr/bin/daxctl -C $env{DEVNAME}\"\n",
	"SUBSYSTEM==\"dax\", RUN+=\"/usr/bin/daxctl reconfigure-device --check-config $kernel\"\n",
	"ACTION==\"add\", SUBSYSTEM==\"dax\", ENV{SYSTEMD_WANTS}=\"daxdev-reconfigure@$env{DEVNAME}"
	".service\"\n",
	"SUBSYSTEM==\"dax\", TAG+=\"systemd\", PROGRAM=\"/usr/bin/systemd-escape -p "
	"--template=daxdev-reconfigure@.service $env{DEVNAME}\", ENV{SYSTEMD_WANTS}=\"%c\"\n",
};

START_TEST(test_asks_daxctl_config)
{
	_cleanup_free_ char *both = NULL;

	ck_assert_msg(effect_of(of_daxctl[_i]) == UDEV_RULES_DAXCTL_CONFIG, "%s", of_daxctl[_i]);
	/* What does something beside it counts. */
	ck_assert_int_gt(asprintf(&both, "%s%s", competing[0], of_daxctl[_i]), 0);
	ck_assert_int_eq(effect_of(both), UDEV_RULES_COMPETE);
}
END_TEST

START_TEST(test_line_that_does_it)
{
	char text[] =
		"SUBSYSTEM!=\"memory\", GOTO=\"end\"\nATTR{state}=\"online\"\nLABEL=\"end\"\n";
	const char *line = NULL;

	ck_assert_int_eq(udev_rules_parse(text, &line), UDEV_RULES_COMPETE);
	ck_assert_str_eq(line, "ATTR{state}=\"online\"");
}
END_TEST

START_TEST(test_lines_that_matter)
{
	char condition[] = "SUBSYSTEM!=\"memory\", GOTO=\"end\"\n";
	char action[] = "ATTR{state}=\\\n\"online\"\n", other[] = "LABEL=\"end\"\n";
	char comment[] = "# RUN+=\"daxctl\"\n";

	ck_assert(udev_rule_matters(condition));
	ck_assert(udev_rule_matters(action));
	ck_assert(!udev_rule_matters(other));
	ck_assert(!udev_rule_matters(comment));
}
END_TEST

/* Whatever is cut off, nothing behind it is read; the sanitizer looks on. */
START_TEST(test_cut_anywhere)
{
	for (size_t i = 0; i < ARRAY_SIZE(competing); i++) {
		for (size_t n = 0; n < strlen(competing[i]); n++) {
			_cleanup_free_ char *copy = strndup(competing[i], n);

			ck_assert_ptr_nonnull(copy);
			effect_of(copy);
		}
	}
}
END_TEST

Suite *udev_rules_suite(void)
{
	Suite *suite = suite_create("udev rules");
	TCase *tcase = tcase_create("udev rules");

	tcase_add_loop_test(tcase, test_competing, 0, ARRAY_SIZE(competing));
	tcase_add_loop_test(tcase, test_harmless, 0, ARRAY_SIZE(harmless));
	tcase_add_loop_test(tcase, test_asks_daxctl_config, 0, ARRAY_SIZE(of_daxctl));
	tcase_add_test(tcase, test_line_that_does_it);
	tcase_add_test(tcase, test_lines_that_matter);
	tcase_add_test(tcase, test_cut_anywhere);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What only a whole rule, or all of them together, can be wrong in. */

#include <string.h>

#include "base/cleanup.h"
#include "outcome.h"
#include "suites.h"

#define NO_MODE "has no mode; add mode = system-ram, devdax or ignore"
#define NAME	" is not a name for a rule; use letters, digits, -, _ and ., at most 64"

static const struct {
	const char *text, *errors;
} wrong[] = {
	{"[rule a]\n", "t:1: [rule a]: " NO_MODE},
	{"[rule a]\n\n[rule b]\nmode = devdax\n[rule c]\nzone = kernel\n",
	 "t:1: [rule a]: " NO_MODE "\nt:5: [rule c]: " NO_MODE},
	/* In order of lines, though the first is only known at the end of the rule. */
	{"[rule a]\nzone = x\n", "t:1: [rule a]: " NO_MODE
				 "\nt:2: [rule a] zone: \"x\" is not known; use movable or kernel"},
	{"[rule]\nmode = devdax\n", "t:1: [rule]: has no name; use [rule NAME]"},
	/* Its keys are looked at all the same. */
	{"[rule]\nmode = x\n",
	 "t:1: [rule]: has no name; use [rule NAME]\n"
	 "t:2: [rule] mode: \"x\" is not known; use system-ram, devdax or ignore"},
	{"[rule a b]\nmode = devdax\n", "t:1: [rule]: \"a b\"" NAME},
	{"[rule a/b]\n", "t:1: [rule]: \"a/b\"" NAME},
	{"[rule \xc3\xa4]\n", "t:1: [rule]: \"\xc3\xa4\"" NAME},
	{"[rule 0123456789012345678901234567890123456789012345678901234567890123x]\n",
	 "t:1: [rule]: \"012345678901234567890123456789012345678901234567890123456789…\"" NAME},
	{"[rulea]\n",
	 "t:1: there is no section \"rulea\"; use daemon, memmap, regions, movable or rule NAME "
	 "(did you mean rule?)"},
	{"[rule a]\nmode = devdax\n[rule a]\nmode = ignore\n",
	 "t:3: [rule a]: the rule at t:1 has this name already; use another"},
	/* A rule that is itself wrong still has its name. */
	{"[rule a]\n[rule a]\n[rule a]\nzone = x\n",
	 "t:1: [rule a]: " NO_MODE "\n"
	 "t:2: [rule a]: the rule at t:1 has this name already; use another\n"
	 "t:3: [rule a]: the rule at t:1 has this name already; use another\n"
	 "t:4: [rule a] zone: \"x\" is not known; use movable or kernel"},
	{"[rule a]\nmode = devdax\nzone = movable\n",
	 "t:3: [rule a] zone: applies to mode = system-ram only, and this rule has mode = devdax; "
	 "remove one of them"},
	{"[rule a]\nmemmap-on-memory = auto\nzone = kernel\nmode = ignore\n",
	 "t:2: [rule a] memmap-on-memory: applies to mode = system-ram only, and this rule has "
	 "mode = ignore; remove one of them\n"
	 "t:3: [rule a] zone: applies to mode = system-ram only, and this rule has mode = ignore; "
	 "remove one of them"},
	/* Two in one line: as they were found. */
	{"[rule a]\nmode = devdax\nzone = x\n",
	 "t:3: [rule a] zone: \"x\" is not known; use movable or kernel\n"
	 "t:3: [rule a] zone: applies to mode = system-ram only, and this rule has mode = devdax; "
	 "remove one of them"},
	{"[rule a]\nmode = x\nzone = kernel\n",
	 "t:2: [rule a] mode: \"x\" is not known; use system-ram, devdax or ignore"},
	{"[rule a]\nmode = devdax\nmode = ignore\n",
	 "t:3: [rule a] mode: is set in line 2 already; remove one of them"},
	{"[rule a]\nmode = devdax\nmatch-nod = 1\nmin-size = 1G\n",
	 "t:3: [rule a] match-nod: there is no such key here\n"
	 "t:4: [rule a] min-size: belongs to [memmap]"},
	{"[rule a]\nmode = devdax\nmatch_serial = 1\n",
	 "t:3: [rule a] match_serial: there is no such key here; did you mean match-serial?"},
};

START_TEST(mistakes_of_rules)
{
	_cleanup_(outcome_done) struct outcome outcome = read_text(wrong[_i].text);

	assert_errors(&outcome, wrong[_i].errors);
}
END_TEST

START_TEST(rules_keep_order_and_place)
{
	_cleanup_(outcome_done) struct outcome outcome = read_text("[rule b]\n"
								   "mode = devdax\n"
								   "\n"
								   "[daemon]\n"
								   "[rule   A.1_x-y]\n"
								   "mode = system-ram\n"
								   "[rule c]\n"
								   "mode = ignore\n");
	const struct config *config = assert_config(&outcome);
	static const unsigned lines[] = {1, 5, 7};

	assert_rules(config, "b A.1_x-y c");
	for (size_t i = 0; i < config->n_rules; i++) {
		ck_assert_str_eq(config->rules[i].file, "t");
		ck_assert_uint_eq(config->rules[i].line, lines[i]);
	}
}
END_TEST

START_TEST(rules_do_not_share_values)
{
	_cleanup_(outcome_done) struct outcome outcome = read_text("[rule a]\n"
								   "match-kind = cxl\n"
								   "match-device = dax0.0\n"
								   "match-size = 1G..\n"
								   "mode = system-ram\n"
								   "memmap-on-memory = no\n"
								   "zone = kernel\n"
								   "[rule b]\n"
								   "mode = system-ram\n");
	const struct config *config = assert_config(&outcome);
	const struct rule *b = &config->rules[1];

	ck_assert_uint_eq(config->n_rules, 2);
	ck_assert_uint_eq(b->match_kinds, 0);
	ck_assert_uint_eq(b->match_devices.n, 0);
	ck_assert(!b->match_size_set);
	ck_assert_int_eq(b->memmap, MEMMAP_CHOICE_AUTO);
	ck_assert_int_eq(b->zone, TARGET_ZONE_MOVABLE);
}
END_TEST

/* A later rule that can never match is a matter of taste, not a mistake. */
START_TEST(rule_behind_a_catch_all_is_fine)
{
	_cleanup_(outcome_done) struct outcome outcome = read_text("[rule all]\n"
								   "mode = ignore\n"
								   "[rule never]\n"
								   "match-kind = cxl\n"
								   "mode = devdax\n");

	assert_rules(assert_config(&outcome), "all never");
}
END_TEST

TCase *rules_tests(void)
{
	TCase *tcase = tcase_create("rules");

	tcase_add_loop_test(tcase, mistakes_of_rules, 0, ARRAY_SIZE(wrong));
	tcase_add_test(tcase, rules_keep_order_and_place);
	tcase_add_test(tcase, rules_do_not_share_values);
	tcase_add_test(tcase, rule_behind_a_catch_all_is_fine);
	return tcase;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "cli/table.h"
#include "cli/text.h"
#include "suites.h"

static const struct table_column columns[] = {
	{"NAME", ALIGN_LEFT},
	{"SIZE", ALIGN_RIGHT},
	{"RULE", ALIGN_LEFT},
};

static void fill(struct table *table, const char *rule)
{
	table_init(table, columns, 3);
	ck_assert_int_eq(table_add(table, TONE_TITLE, "dax%d.0", 0), 0);
	ck_assert_int_eq(table_add(table, TONE_PLAIN, "1 GiB"), 0);
	ck_assert_int_eq(table_add(table, TONE_DIM, "%s", rule), 0);
	ck_assert_int_eq(table_add(table, TONE_PLAIN, "dax10.0"), 0);
	ck_assert_int_eq(table_add(table, TONE_PLAIN, "15.8 GiB"), 0);
	ck_assert_int_eq(table_add(table, TONE_BAD, "x"), 0);
}

static void assert_table(const char *rule, struct style style, const char *wanted)
{
	struct capture capture;
	struct table table;

	fill(&table, rule);
	ck_assert_uint_eq(table_width(&table), 19 + (strlen(rule) < 4 ? 4 : text_width(rule)));
	table_print(&table, &style, capture_begin(&capture));
	ck_assert_str_eq(capture_end(&capture), wanted);
	free(capture.text);
	table_done(&table);
}

START_TEST(test_as_wide_as_its_cells)
{
	static const char wanted[] = "NAME         SIZE  RULE\n"
				     "dax0.0      1 GiB  a-long-rule\n"
				     "dax10.0  15.8 GiB  x\n";

	assert_table("a-long-rule", (struct style){}, wanted);
	assert_table("a-long-rule", (struct style){.columns = 200}, wanted);
	assert_table("a-long-rule", (struct style){.columns = 30}, wanted);
}
END_TEST

START_TEST(test_spaces_shrink_first)
{
	assert_table("a-long-rule", (struct style){.columns = 29},
		     "NAME        SIZE RULE\n"
		     "dax0.0     1 GiB a-long-rule\n"
		     "dax10.0 15.8 GiB x\n");
	assert_table("a-long-rule", (struct style){.columns = 28},
		     "NAME        SIZE RULE\n"
		     "dax0.0     1 GiB a-long-rule\n"
		     "dax10.0 15.8 GiB x\n");
}
END_TEST

START_TEST(test_then_the_last_column)
{
	assert_table("a-long-rule", (struct style){.columns = 27},
		     "NAME        SIZE RULE\n"
		     "dax0.0     1 GiB a-long-...\n"
		     "dax10.0 15.8 GiB x\n");
	assert_table("a-long-rule", (struct style){.columns = 27, .utf8 = true},
		     "NAME        SIZE RULE\n"
		     "dax0.0     1 GiB a-long-ru…\n"
		     "dax10.0 15.8 GiB x\n");
	assert_table("a-long-rule", (struct style){.columns = 21, .utf8 = true},
		     "NAME        SIZE RULE\n"
		     "dax0.0     1 GiB a-l…\n"
		     "dax10.0 15.8 GiB x\n");
}
END_TEST

START_TEST(test_then_each_line)
{
	assert_table("a-long-rule", (struct style){.columns = 12, .utf8 = true},
		     "NAME\n"
		     "dax0.0     …\n"
		     "dax10.0 15.…\n");
}
END_TEST

START_TEST(test_characters_are_not_bytes)
{
	assert_table("größte-regel", (struct style){},
		     "NAME         SIZE  RULE\n"
		     "dax0.0      1 GiB  größte-regel\n"
		     "dax10.0  15.8 GiB  x\n");
	assert_table("größte-regel", (struct style){.columns = 24, .utf8 = true},
		     "NAME        SIZE RULE\n"
		     "dax0.0     1 GiB größte…\n"
		     "dax10.0 15.8 GiB x\n");
}
END_TEST

START_TEST(test_colour_takes_no_room)
{
	assert_table("r", (struct style){.color = true, .columns = 23},
		     "\033[1mNAME\033[0m         \033[1mSIZE\033[0m  \033[1mRULE\033[0m\n"
		     "\033[1mdax0.0\033[0m      1 GiB  \033[2mr\033[0m\n"
		     "dax10.0  15.8 GiB  \033[1;31mx\033[0m\n");
}
END_TEST

/* An empty last cell leaves no spaces behind. */
START_TEST(test_nothing_at_the_end)
{
	struct capture capture;
	struct table table;

	table_init(&table, columns, 3);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(table_add(&table, TONE_TITLE, "dax0.0"), 0);
		ck_assert_int_eq(table_add(&table, TONE_PLAIN, i ? "1 GiB" : ""), 0);
		ck_assert_int_eq(table_add(&table, TONE_DIM, "%s", ""), 0);
	}
	table_print(&table, &(struct style){}, capture_begin(&capture));
	ck_assert_str_eq(capture_end(&capture), "NAME     SIZE  RULE\n"
						"dax0.0\n"
						"dax0.0  1 GiB\n");
	free(capture.text);
	table_done(&table);
}
END_TEST

START_TEST(test_no_row)
{
	struct capture capture;
	struct table table;

	table_init(&table, columns, 3);
	table_print(&table, &(struct style){}, capture_begin(&capture));
	ck_assert_str_eq(capture_end(&capture), "NAME  SIZE  RULE\n");
	free(capture.text);
	table_done(&table);
}
END_TEST

Suite *table_suite(void)
{
	Suite *suite = suite_create("table");
	TCase *tcase = tcase_create("table");

	tcase_add_test(tcase, test_as_wide_as_its_cells);
	tcase_add_test(tcase, test_spaces_shrink_first);
	tcase_add_test(tcase, test_then_the_last_column);
	tcase_add_test(tcase, test_then_each_line);
	tcase_add_test(tcase, test_characters_are_not_bytes);
	tcase_add_test(tcase, test_colour_takes_no_room);
	tcase_add_test(tcase, test_nothing_at_the_end);
	tcase_add_test(tcase, test_no_row);
	suite_add_tcase(suite, tcase);
	return suite;
}

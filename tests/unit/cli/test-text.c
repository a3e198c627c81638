/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "capture.h"
#include "cli/text.h"
#include "suites.h"

static const struct style plain = {};
static const struct style narrow = {.columns = 30};
static const struct style narrow_utf8 = {.columns = 30, .utf8 = true};

START_TEST(test_width_counts_characters)
{
	ck_assert_uint_eq(text_width(""), 0);
	ck_assert_uint_eq(text_width("dax0.0"), 6);
	ck_assert_uint_eq(text_width("größte"), 6);
	ck_assert_uint_eq(text_width("–…├"), 3);
	/* What sets a tone takes no room. */
	ck_assert_uint_eq(text_width("\033[1;31mdax\033[0m0.0\033[0m"), 6);
	ck_assert_uint_eq(text_width("\033[1m\033[0m"), 0);
}
END_TEST

static void assert_cut(const struct style *style, const char *text, size_t width,
		       const char *wanted)
{
	struct capture capture;

	text_print_cut(capture_begin(&capture), style, text, width);
	ck_assert_str_eq(capture_end(&capture), wanted);
	free(capture.text);
}

START_TEST(test_cut)
{
	assert_cut(&narrow, "abcdef", 6, "abcdef");
	assert_cut(&narrow, "abcdefg", 6, "abc...");
	assert_cut(&narrow, "abcdefg", 2, "..");
	assert_cut(&narrow, "abcdefg", 0, "");
	assert_cut(&narrow_utf8, "größtes", 7, "größtes");
	assert_cut(&narrow_utf8, "größtes", 6, "größt…");
	assert_cut(&narrow_utf8, "größtes", 4, "grö…");
	assert_cut(&narrow_utf8, "größtes", 1, "…");
}
END_TEST

static void assert_wrapped(const struct style *style, size_t column, size_t indent,
			   const char *text, const char *wanted)
{
	struct capture capture;

	text_print_wrapped(capture_begin(&capture), style, column, indent, text);
	ck_assert_str_eq(capture_end(&capture), wanted);
	free(capture.text);
}

START_TEST(test_wrapped)
{
	/* By what is seen of it. */
	assert_wrapped(&narrow, 0, 0, "\033[32mone\033[0m two three four five six seven eight",
		       "\033[32mone\033[0m two three four five six\nseven eight\n");
	/*                                       123456789012345678901234567890 */
	assert_wrapped(&plain, 0, 0, "one two three four five six seven eight",
		       "one two three four five six seven eight\n");
	assert_wrapped(&narrow, 0, 0, "one two three four five six se eight",
		       "one two three four five six se\neight\n");
	assert_wrapped(&narrow, 0, 2, "one two three four five six seven eight",
		       "one two three four five six\n  seven eight\n");
	assert_wrapped(&narrow, 10, 4, "one two three four five six seven",
		       "one two three four\n    five six seven\n");
	assert_wrapped(&narrow, 0, 2, "", "\n");
	/* What does not fit on a line of its own stays whole. */
	assert_wrapped(&narrow, 0, 2, "a /sys/devices/system/memory/auto_online_blocks b",
		       "a\n  /sys/devices/system/memory/auto_online_blocks\n  b\n");
	/* The indent is never all there is. */
	assert_wrapped(&narrow, 28, 28, "one two three four five six",
		       "one two three four\n                            five six\n");
	assert_wrapped(&narrow_utf8, 0, 0, "äö üß äö üß äö üß äö üß äö üß äö üß",
		       "äö üß äö üß äö üß äö üß äö üß\näö üß\n");
}
END_TEST

START_TEST(test_field)
{
	struct capture capture;

	field_print(capture_begin(&capture), &plain, "Rule", "%s %d", "far", 7);
	ck_assert_str_eq(capture_end(&capture), "  Rule               far 7\n");
	free(capture.text);
}
END_TEST

Suite *text_suite(void)
{
	Suite *suite = suite_create("text");
	TCase *tcase = tcase_create("text");

	tcase_add_test(tcase, test_width_counts_characters);
	tcase_add_test(tcase, test_cut);
	tcase_add_test(tcase, test_wrapped);
	tcase_add_test(tcase, test_field);
	suite_add_tcase(suite, tcase);
	return suite;
}

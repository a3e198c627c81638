/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/config-error.h"
#include "config/config-text.h"
#include "suites.h"

static const struct {
	const char *text;
	int r;
} texts[] = {
	{"", 0},
	{"plain\ttext", 0},
	{"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 0}, /* ä € and one of 4 bytes */
	{"\xef\xbf\xbf\xf4\x8f\xbf\xbf", 0},	     /* the last of each plane */
	{"\x80", -EILSEQ},			     /* only continues */
	{"\xc3", -EILSEQ},			     /* cut off */
	{"a\xe2\x82", -EILSEQ},
	{"\xc3(", -EILSEQ},
	{"\xc0\xaf", -EILSEQ},	       /* "/", overlong */
	{"\xe0\x9f\xbf", -EILSEQ},     /* overlong */
	{"\xf0\x8f\xbf\xbf", -EILSEQ}, /* overlong */
	{"\xed\xa0\x80", -EILSEQ},     /* a surrogate */
	{"\xf4\x90\x80\x80", -EILSEQ}, /* beyond Unicode */
	{"\xf8\x88\x80\x80\x80", -EILSEQ},
	{"\xff", -EILSEQ},
	{"bell\a", -EINVAL},
	{"\x1b[31m", -EINVAL},
	{"\x7f", -EINVAL},
	{"\xc2\x9b", -EINVAL}, /* CSI as one character of C1 */
	{"\a\xff", -EILSEQ},   /* the worse of the two */
};

START_TEST(utf8_and_control_characters)
{
	ck_assert_int_eq(text_check(texts[_i].text, strlen(texts[_i].text)), texts[_i].r);
}
END_TEST

START_TEST(text_ends_where_it_is_said_to)
{
	ck_assert_int_eq(text_check("\xe2\x82\xac", 3), 0);
	ck_assert_int_eq(text_check("\xe2\x82\xac", 2), -EILSEQ);
	ck_assert_int_eq(text_check("a\a", 1), 0);
}
END_TEST

START_TEST(distance_between_words)
{
	ck_assert_uint_eq(text_distance("min-size", "min-size", 2), 0);
	ck_assert_uint_eq(text_distance("MIN-Size", "min-size", 2), 0);
	ck_assert_uint_eq(text_distance("min_size", "min-size", 2), 1);
	ck_assert_uint_eq(text_distance("minsize", "min-size", 2), 1);
	ck_assert_uint_eq(text_distance("min--size", "min-size", 2), 1);
	ck_assert_uint_eq(text_distance("mni-size", "min-size", 2), 1); /* swapped */
	ck_assert_uint_eq(text_distance("mni-siez", "min-size", 2), 2);
	ck_assert_uint_eq(text_distance("max-size", "min-size", 2), 2);
	ck_assert_uint_eq(text_distance("max-side", "min-size", 2), 3); /* limit + 1 */
	ck_assert_uint_eq(text_distance("max-side", "min-size", 9), 3);
	ck_assert_uint_eq(text_distance("", "abc", 9), 3);
	ck_assert_uint_eq(text_distance("abc", "", 9), 3);
	/* Too long to be a slip of anything. */
	ck_assert_uint_eq(text_distance("0123456789012345678901234567890123456789x", "a", 99), 100);
}
END_TEST

START_TEST(quote_keeps_characters_whole)
{
	/* 58 letters, so that a character of 3 bytes would be cut after its second. */
	_cleanup_free_ char *cut = NULL, *fits = NULL;
	static const char text[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdef"
				   "\xe2\x82\xac\xe2\x82\xac";

	cut = config_quote(text, strlen(text));
	ck_assert_str_eq(cut, "\"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdef…\"");
	fits = config_quote(text, 58);
	ck_assert_str_eq(fits, "\"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdef\"");
}
END_TEST

TCase *text_tests(void)
{
	TCase *tcase = tcase_create("text");

	tcase_add_loop_test(tcase, utf8_and_control_characters, 0, ARRAY_SIZE(texts));
	tcase_add_test(tcase, text_ends_where_it_is_said_to);
	tcase_add_test(tcase, distance_between_words);
	tcase_add_test(tcase, quote_keeps_characters_whole);
	return tcase;
}

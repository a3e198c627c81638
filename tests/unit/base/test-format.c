/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/format.h"

#include <inttypes.h>

#include "base/cleanup.h"
#include "failing-alloc.h"
#include "test-base.h"

#define KIB (UINT64_C(1) << 10)
#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)
#define TIB (UINT64_C(1) << 40)
#define EIB (UINT64_C(1) << 60)

static const struct {
	uint64_t bytes;
	const char *text;
} sizes[] = {
	{0, "0 B"},
	{1, "1 B"},
	{1023, "1023 B"},
	{KIB, "1 KiB"},
	{KIB + 1, "1.0 KiB"},
	{126 * MIB, "126 MiB"},
	{GIB, "1 GiB"},
	{GIB + GIB / 2, "1.5 GiB"},
	{16128 * MIB, "15.8 GiB"},
	{4032 * MIB, "3.9 GiB"},
	/* Rounded up into the next unit, not to "1024.0 MiB". */
	{GIB - 1, "1.0 GiB"},
	{1023 * MIB + MIB * 94 / 100, "1023.9 MiB"},
	{TIB, "1 TiB"},
	{15 * EIB, "15 EiB"},
	{UINT64_MAX, "16.0 EiB"},
	{UINT64_C(1) << 63, "8 EiB"},
};

START_TEST(size)
{
	char buf[FORMAT_SIZE_MAX];

	ck_assert_str_eq(format_size(sizes[_i].bytes, buf), sizes[_i].text);
	ck_assert_ptr_eq(format_size(sizes[_i].bytes, buf), buf);
}
END_TEST

static const struct {
	const char *raw, *clean;
} texts[] = {
	{"", ""},
	{"postgres", "postgres"},
	{"  kworker/0:1 \n", "kworker/0:1"},
	{" \t\r\n", ""},
	{"a\nb", "a b"},
	{"a  b", "a  b"},
	{"\x1b[31mred\x1b[0m", "[31mred [0m"},
	{"x\x7fy", "x y"},
	/* C1 control characters, as UTF-8: CSI and NEL. */
	{"x\xc2\x9b"
	 "31my\xc2\x85z",
	 "x 31my z"},
	/* U+00A0 and up is text. */
	{"\xc2\xa0ok", "\xc2\xa0ok"},
	{"Stra\xc3\x9f"
	 "e \xe2\x82\xac \xf0\x9f\x98\x80",
	 "Stra\xc3\x9f"
	 "e \xe2\x82\xac \xf0\x9f\x98\x80"},
	/* Malformed: a lone continuation, a cut sequence at the end, overlong, a surrogate, beyond
	 * U+10FFFF, and bytes that never occur. */
	{"\x80", "?"},
	{"a\xc3", "a?"},
	{"\xe2\x82", "??"},
	{"\xc0\xaf", "??"},
	{"\xe0\x80\xaf", "???"},
	{"\xed\xa0\x80", "???"},
	{"\xf0\x80\x80\x80", "????"},
	{"\xf4\x90\x80\x80", "????"},
	{"\xff\xfe", "??"},
	{"\xc3(", "?("},
	/* The limits of what is well-formed. */
	{"\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
	 "\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"},
};

START_TEST(clean)
{
	_cleanup_free_ char *s = text_clean(texts[_i].raw);

	ck_assert_ptr_nonnull(s);
	ck_assert_str_eq(s, texts[_i].clean);
}
END_TEST

START_TEST(clean_without_memory)
{
	failing_alloc_arm(1);
	ck_assert_ptr_null(text_clean("x"));
	ck_assert(failing_alloc_disarm());
}
END_TEST

TCase *format_tests(void)
{
	TCase *tests = tcase_create("format");

	tcase_add_loop_test(tests, size, 0, ARRAY_SIZE(sizes));
	tcase_add_loop_test(tests, clean, 0, ARRAY_SIZE(texts));
	tcase_add_test(tests, clean_without_memory);
	return tests;
}

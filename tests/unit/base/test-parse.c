/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/parse.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/cleanup.h"
#include "test-base.h"

#define GIB	 (UINT64_C(1) << 30)
#define SENTINEL UINT64_C(0xdeadbeef)

struct u64_case {
	const char *text;
	int result;
	uint64_t value;
};

static void check_u64(const struct u64_case *c, parse_u64_fn parse)
{
	uint64_t v = SENTINEL;

	ck_assert_msg(parse(c->text, &v) == c->result, "\"%s\": not %d", c->text, c->result);
	ck_assert_uint_eq(v, c->result == 0 ? c->value : SENTINEL);
}

static const struct u64_case u64_cases[] = {
	{"0", 0, 0},
	{"42", 0, 42},
	{"42\n", 0, 42},
	{"007", 0, 7},
	{"0x1F", 0, 31},
	{"0Xff\n", 0, 255},
	{"18446744073709551615", 0, UINT64_MAX},
	{"0xffffffffffffffff", 0, UINT64_MAX},
	{"18446744073709551616", -ERANGE, 0},
	{"0x10000000000000000", -ERANGE, 0},
	{"99999999999999999999999", -ERANGE, 0},
	{"99999999999999999999999x", -EINVAL, 0},
	{"", -EINVAL, 0},
	{"\n", -EINVAL, 0},
	{"0x", -EINVAL, 0},
	{"-1", -EINVAL, 0},
	{"+1", -EINVAL, 0},
	{" 1", -EINVAL, 0},
	{"1 ", -EINVAL, 0},
	{"1\n\n", -EINVAL, 0},
	{"1\n2", -EINVAL, 0},
	{"1a", -EINVAL, 0},
	{"0xg", -EINVAL, 0},
};

START_TEST(u64)
{
	check_u64(&u64_cases[_i], parse_u64);
}
END_TEST

static const struct u64_case hex_cases[] = {
	{"8000000\n", 0, 128 << 20}, /* block_size_bytes */
	{"0x10", 0, 16},
	{"aBcD", 0, 0xabcd},
	{"ffffffffffffffff", 0, UINT64_MAX},
	{"10000000000000000", -ERANGE, 0},
	{"", -EINVAL, 0},
	{"0x", -EINVAL, 0},
	{"-1", -EINVAL, 0},
	{"12 ", -EINVAL, 0},
	{"xyz", -EINVAL, 0},
};

START_TEST(hex)
{
	check_u64(&hex_cases[_i], parse_hex_u64);
}
END_TEST

static const struct u64_case size_cases[] = {
	{"0", 0, 0},
	{"4096", 0, 4096},
	{"4096B", 0, 4096},
	{"1K", 0, 1024},
	{"64G", 0, 64 * GIB},
	{"64GB", 0, 64 * GIB},
	{"64GiB", 0, 64 * GIB},
	{"64GiB\n", 0, 64 * GIB},
	{"3M", 0, 3 << 20},
	{"2T", 0, GIB * 2048},
	{"1P", 0, GIB << 20},
	{"15E", 0, UINT64_C(15) << 60},
	{"16E", -ERANGE, 0},
	{"16384P", -ERANGE, 0},
	{"18446744073709551616", -ERANGE, 0},
	{"18446744073709551616Q", -EINVAL, 0},
	{"12Q", -EINVAL, 0},
	{"64g", -EINVAL, 0},
	{"64 G", -EINVAL, 0},
	{"64Gi", -EINVAL, 0},
	{"64iB", -EINVAL, 0},
	{"64GBs", -EINVAL, 0},
	{"64G\nx", -EINVAL, 0},
	{"1.5G", -EINVAL, 0},
	{"0x10", -EINVAL, 0},
	{"G", -EINVAL, 0},
	{"", -EINVAL, 0},
	{"-1G", -EINVAL, 0},
};

START_TEST(size)
{
	check_u64(&size_cases[_i], parse_size);
}
END_TEST

static const struct u64_case usec_cases[] = {
	{"0", 0, 0},
	{"2", 0, 2000000},
	{"200ms", 0, 200000},
	{"30s", 0, 30000000},
	{"7us", 0, 7},
	{"5min", 0, 300000000},
	{"1h\n", 0, UINT64_C(3600000000)},
	{"18446744073709551615us", 0, UINT64_MAX},
	{"18446744073709551615", -ERANGE, 0},
	{"5124095577h", -ERANGE, 0},
	{"1m", -EINVAL, 0},
	{"1 s", -EINVAL, 0},
	{"s", -EINVAL, 0},
	{"-5s", -EINVAL, 0},
	{"1h30min", -EINVAL, 0},
	{"", -EINVAL, 0},
};

START_TEST(usec)
{
	check_u64(&usec_cases[_i], parse_usec);
}
END_TEST

static const struct {
	const char *text;
	int result, value;
} int_cases[] = {
	{"0", 0, 0},
	{"-1\n", 0, -1},
	{"+3", 0, 3},
	{"2147483647", 0, INT_MAX},
	{"-2147483648", 0, INT_MIN},
	{"2147483648", -ERANGE, 0},
	{"-2147483649", -ERANGE, 0},
	{"-18446744073709551616", -ERANGE, 0},
	{"--1", -EINVAL, 0},
	{"+-1", -EINVAL, 0},
	{"-", -EINVAL, 0},
	{"", -EINVAL, 0},
	{"0x1", -EINVAL, 0},
	{" 1", -EINVAL, 0},
};

START_TEST(integer)
{
	int v = 77;

	ck_assert_int_eq(parse_int(int_cases[_i].text, &v), int_cases[_i].result);
	ck_assert_int_eq(v, int_cases[_i].result == 0 ? int_cases[_i].value : 77);
}
END_TEST

START_TEST(boolean)
{
	static const char *const yes[] = {"1", "yes", "true", "on", "y", "Y\n", "YES", "True"};
	static const char *const no[] = {"0", "no", "false", "off", "n", "N\n", "NO", "False"};
	static const char *const bad[] = {"", "\n", "2", "ye", "yess", "y\n\n", " y", "01"};
	bool v;

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
		v = false;
		ck_assert_int_eq(parse_bool(yes[i], &v), 0);
		ck_assert(v);
	}
	for (size_t i = 0; i < ARRAY_SIZE(no); i++) {
		v = true;
		ck_assert_int_eq(parse_bool(no[i], &v), 0);
		ck_assert(!v);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		v = i % 2;
		ck_assert_msg(parse_bool(bad[i], &v) == -EINVAL, "\"%s\" was accepted", bad[i]);
		ck_assert_int_eq(v, i % 2);
	}
}
END_TEST

static const struct {
	const char *text;
	int result;
	unsigned value;
} percent_cases[] = {
	{"0%", 0, 0},		{"5%", 0, 500},
	{"5%\n", 0, 500},	{"0.25%", 0, 25},
	{"0.5%", 0, 50},	{"0.05%", 0, 5},
	{"99.99%", 0, 9999},	{"100%", 0, 10000},
	{"100.00%", 0, 10000},	{"100.01%", -ERANGE, 0},
	{"101%", -ERANGE, 0},	{"99999999999999999999%", -ERANGE, 0},
	{"5", -EINVAL, 0},	{"%", -EINVAL, 0},
	{".5%", -EINVAL, 0},	{"5.%", -EINVAL, 0},
	{"5.125%", -EINVAL, 0}, {"5.-1%", -EINVAL, 0},
	{"-5%", -EINVAL, 0},	{"5%%", -EINVAL, 0},
	{"5 %", -EINVAL, 0},	{"", -EINVAL, 0},
};

START_TEST(percent)
{
	unsigned v = 77;

	ck_assert_int_eq(parse_percent(percent_cases[_i].text, &v), percent_cases[_i].result);
	ck_assert_uint_eq(v, percent_cases[_i].result == 0 ? percent_cases[_i].value : 77);
}
END_TEST

static const struct {
	const char *text;
	parse_u64_fn parse;
	int result;
	uint64_t min, max;
} span_cases[] = {
	{"20..40", parse_u64, 0, 20, 40},
	{"20..40\n", parse_u64, 0, 20, 40},
	{"7", parse_u64, 0, 7, 7},
	{"7\n", parse_u64, 0, 7, 7},
	{"7..7", parse_u64, 0, 7, 7},
	{"64G..", parse_size, 0, 64 * GIB, UINT64_MAX},
	{"64G..\n", parse_size, 0, 64 * GIB, UINT64_MAX},
	{"..64G", parse_size, 0, 0, 64 * GIB},
	{"0..", parse_u64, 0, 0, UINT64_MAX},
	{"40..20", parse_u64, -EINVAL, 0, 0},
	{"..", parse_u64, -EINVAL, 0, 0},
	{"..\n", parse_u64, -EINVAL, 0, 0},
	{"", parse_u64, -EINVAL, 0, 0},
	{"1...2", parse_u64, -EINVAL, 0, 0},
	{"1..2..3", parse_u64, -EINVAL, 0, 0},
	{"1-2", parse_u64, -EINVAL, 0, 0},
	{"1 .. 2", parse_u64, -EINVAL, 0, 0},
	{"1\n..2", parse_u64, -EINVAL, 0, 0},
	{"1..16E", parse_size, -ERANGE, 0, 0},
	{"16E..", parse_size, -ERANGE, 0, 0},
	{"0000000000000000000000000000000000000000000000000000000000000000001..2", parse_u64,
	 -EINVAL, 0, 0},
};

START_TEST(span)
{
	struct u64_span v = {.min = 1, .max = 2};

	ck_assert_int_eq(parse_span(span_cases[_i].text, span_cases[_i].parse, &v),
			 span_cases[_i].result);
	ck_assert_uint_eq(v.min, span_cases[_i].result == 0 ? span_cases[_i].min : 1);
	ck_assert_uint_eq(v.max, span_cases[_i].result == 0 ? span_cases[_i].max : 2);
}
END_TEST

struct collected {
	unsigned numbers[16];
	size_t n;
	size_t stop_at; /* refuse the call with this number; 0: none */
};

static int collect(unsigned n, void *userdata)
{
	struct collected *c = userdata;

	ck_assert_uint_lt(c->n, ARRAY_SIZE(c->numbers));
	c->numbers[c->n++] = n;
	return c->n == c->stop_at ? -ECANCELED : 0;
}

static const struct {
	const char *text;
	int result;
	struct collected expected;
} list_cases[] = {
	{"", 0, {.n = 0}},
	{"\n", 0, {.n = 0}},
	{"0\n", 0, {.numbers = {0}, .n = 1}},
	{"0-3,5", 0, {.numbers = {0, 1, 2, 3, 5}, .n = 5}},
	{"2,0", 0, {.numbers = {2, 0}, .n = 2}},
	{"4-4\n", 0, {.numbers = {4}, .n = 1}},
	{"65535", 0, {.numbers = {65535}, .n = 1}},
	/* Nothing of a list that is bad anywhere is delivered. */
	{"0-3,", -EINVAL, {.n = 0}},
	{",1", -EINVAL, {.n = 0}},
	{"0-3,x", -EINVAL, {.n = 0}},
	{"1,,2", -EINVAL, {.n = 0}},
	{"0, 1", -EINVAL, {.n = 0}},
	{"3-1", -EINVAL, {.n = 0}},
	{"1-", -EINVAL, {.n = 0}},
	{"-1", -EINVAL, {.n = 0}},
	{"1\n2", -EINVAL, {.n = 0}},
	{"0-65536", -ERANGE, {.n = 0}},
	{"0,99999999999999999999", -ERANGE, {.n = 0}},
};

START_TEST(kernel_list)
{
	struct collected c = {.n = 0};

	ck_assert_int_eq(parse_kernel_list(list_cases[_i].text, collect, &c),
			 list_cases[_i].result);
	ck_assert_uint_eq(c.n, list_cases[_i].expected.n);
	ck_assert_mem_eq(c.numbers, list_cases[_i].expected.numbers, sizeof(c.numbers));
}
END_TEST

START_TEST(kernel_list_stops)
{
	struct collected c = {.stop_at = 2};

	ck_assert_int_eq(parse_kernel_list("0-9", collect, &c), -ECANCELED);
	ck_assert_uint_eq(c.n, 2);
}
END_TEST

TCase *parse_tests(void)
{
	TCase *tests = tcase_create("parse");

	tcase_add_loop_test(tests, u64, 0, ARRAY_SIZE(u64_cases));
	tcase_add_loop_test(tests, hex, 0, ARRAY_SIZE(hex_cases));
	tcase_add_loop_test(tests, size, 0, ARRAY_SIZE(size_cases));
	tcase_add_loop_test(tests, usec, 0, ARRAY_SIZE(usec_cases));
	tcase_add_loop_test(tests, integer, 0, ARRAY_SIZE(int_cases));
	tcase_add_test(tests, boolean);
	tcase_add_loop_test(tests, percent, 0, ARRAY_SIZE(percent_cases));
	tcase_add_loop_test(tests, span, 0, ARRAY_SIZE(span_cases));
	tcase_add_loop_test(tests, kernel_list, 0, ARRAY_SIZE(list_cases));
	tcase_add_test(tests, kernel_list_stops);
	return tests;
}

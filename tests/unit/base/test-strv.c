/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/strv.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "failing-alloc.h"
#include "test-base.h"

START_TEST(grows_and_stays_terminated)
{
	_cleanup_(strv_done) struct strv list = {};

	for (int i = 0; i < 100; i++) {
		ck_assert_int_eq(strv_addf(&list, "dax%d.%d", i, i + 1), 0);
		ck_assert_uint_eq(list.n, i + 1);
		ck_assert_ptr_null(list.items[list.n]);
	}
	ck_assert_str_eq(list.items[0], "dax0.1");
	ck_assert_str_eq(list.items[99], "dax99.100");
}
END_TEST

START_TEST(owns_what_it_takes)
{
	_cleanup_(strv_done) struct strv list = {};
	char *s = strdup("taken");

	ck_assert_int_eq(strv_add_take(&list, s), 0);
	ck_assert_ptr_eq(list.items[0], s);
	ck_assert_int_eq(strv_add(&list, s), 0);
	ck_assert_ptr_ne(list.items[1], s);
	ck_assert_str_eq(list.items[1], "taken");
}
END_TEST

START_TEST(null_is_out_of_memory)
{
	_cleanup_(strv_done) struct strv list = {};

	ck_assert_int_eq(strv_add(&list, "one"), 0);
	ck_assert_int_eq(strv_add_take(&list, NULL), -ENOMEM);
	ck_assert_uint_eq(list.n, 1);
	ck_assert_str_eq(list.items[0], "one");
}
END_TEST

static int add_three(struct strv *list)
{
	int r;

	r = strv_add(list, "two");
	if (r < 0)
		return r;
	r = strv_addf(list, "%s", "three");
	if (r < 0)
		return r;
	return strv_add_take(list, NULL); /* what a failed strdup() in the call gives */
}

START_TEST(keeps_what_it_has_without_memory)
{
	bool reached = true;

	for (unsigned n = 1; reached; n++) {
		_cleanup_(strv_done) struct strv list = {};
		int r;

		ck_assert_int_eq(strv_add(&list, "one"), 0);
		failing_alloc_arm(n);
		r = add_three(&list);
		reached = failing_alloc_disarm();
		ck_assert_int_eq(r, -ENOMEM);
		/* Each string takes two allocations: the copy, and room for it. */
		ck_assert_uint_eq(list.n, n <= 2 ? 1 : n <= 4 ? 2 : 3);
		ck_assert_str_eq(list.items[0], "one");
		ck_assert_ptr_null(list.items[list.n]);
	}
}
END_TEST

START_TEST(copies_all_or_nothing)
{
	_cleanup_(strv_done) struct strv from = {};
	bool reached = true;

	ck_assert_int_eq(strv_add(&from, "a"), 0);
	ck_assert_int_eq(strv_add(&from, "b"), 0);
	for (unsigned n = 1; reached; n++) {
		_cleanup_(strv_done) struct strv to = {};
		int r;

		failing_alloc_arm(n);
		r = strv_copy(&to, &from);
		reached = failing_alloc_disarm();
		ck_assert_int_eq(r, reached ? -ENOMEM : 0);
		ck_assert_uint_eq(to.n, reached ? 0 : 2);
	}
}
END_TEST

START_TEST(sorts_by_version)
{
	static const char *const unsorted[] = {"dax10.0", "dax2.0",  "dax0.10", "memory128",
					       "dax0.2",  "memory9", "dax0.0"};
	static const char *const sorted[] = {"dax0.0",	"dax0.2",  "dax0.10",  "dax2.0",
					     "dax10.0", "memory9", "memory128"};
	_cleanup_(strv_done) struct strv list = {};

	strv_sort(&list); /* empty is fine */
	for (size_t i = 0; i < ARRAY_SIZE(unsorted); i++)
		ck_assert_int_eq(strv_add(&list, unsorted[i]), 0);
	strv_sort(&list);
	for (size_t i = 0; i < ARRAY_SIZE(sorted); i++)
		ck_assert_str_eq(list.items[i], sorted[i]);
	ck_assert_ptr_null(list.items[list.n]);
}
END_TEST

START_TEST(copies_deep)
{
	_cleanup_(strv_done) struct strv from = {}, to = {}, none = {}, empty = {};

	ck_assert_int_eq(strv_copy(&none, &empty), 0);
	ck_assert_uint_eq(none.n, 0);

	ck_assert_int_eq(strv_add(&from, "a"), 0);
	ck_assert_int_eq(strv_add(&from, "b"), 0);
	ck_assert_int_eq(strv_copy(&to, &from), 0);
	strv_done(&from);
	ck_assert_uint_eq(from.n, 0);
	ck_assert_ptr_null(from.items);
	ck_assert_uint_eq(to.n, 2);
	ck_assert_str_eq(to.items[0], "a");
	ck_assert_str_eq(to.items[1], "b");
}
END_TEST

START_TEST(contains_whole_strings)
{
	_cleanup_(strv_done) struct strv list = {};

	ck_assert(!strv_contains(&list, "a"));
	ck_assert_int_eq(strv_add(&list, "abc"), 0);
	ck_assert_int_eq(strv_add(&list, "d"), 0);
	ck_assert(strv_contains(&list, "abc"));
	ck_assert(strv_contains(&list, "d"));
	ck_assert(!strv_contains(&list, "ab"));
	ck_assert(!strv_contains(&list, ""));
}
END_TEST

TCase *strv_tests(void)
{
	TCase *tests = tcase_create("strv");

	tcase_add_test(tests, grows_and_stays_terminated);
	tcase_add_test(tests, owns_what_it_takes);
	tcase_add_test(tests, null_is_out_of_memory);
	tcase_add_test(tests, keeps_what_it_has_without_memory);
	tcase_add_test(tests, copies_all_or_nothing);
	tcase_add_test(tests, sorts_by_version);
	tcase_add_test(tests, copies_deep);
	tcase_add_test(tests, contains_whole_strings);
	return tests;
}

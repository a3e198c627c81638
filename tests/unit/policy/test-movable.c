/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <string.h>

#include "base/cleanup.h"
#include "bench.h"
#include "policy/movable.h"
#include "suites.h"

static const struct {
	const char *what;
	struct movable_guard guard;
	uint64_t more;
	bool allows;
} rows[] = {
	{"at the ratio", {.movable = 0, .kernel = 64 * GIB, .max_ratio = 4}, 256 * GIB, true},
	{"a byte over", {.movable = 0, .kernel = 64 * GIB, .max_ratio = 4}, 256 * GIB + 1, false},
	{"a byte over with what is there",
	 {.movable = 1, .kernel = 64 * GIB, .max_ratio = 4},
	 256 * GIB,
	 false},
	{"a byte under", {.movable = GIB, .kernel = 64 * GIB, .max_ratio = 4}, 255 * GIB - 1, true},
	{"one to one", {.movable = 0, .kernel = GIB, .max_ratio = 1}, GIB + 1, false},
	{"nothing more, but over already", {.movable = 5, .kernel = 1, .max_ratio = 4}, 0, false},
	{"no guard", {.movable = UINT64_MAX, .kernel = 1, .max_ratio = 0}, UINT64_MAX, true},
	{"unknown kernel zones", {.movable = 0, .kernel = 0, .max_ratio = 4}, 1, false},
	{"a sum that would wrap",
	 {.movable = UINT64_MAX - 1, .kernel = GIB, .max_ratio = 4},
	 2 * GIB,
	 false},
	{"a limit that would wrap",
	 {.movable = 0, .kernel = UINT64_C(1) << 63, .max_ratio = 4},
	 UINT64_C(1) << 62,
	 true},
};

START_TEST(guard_table)
{
	ck_assert_msg(movable_guard_allows(&rows[_i].guard, rows[_i].more) == rows[_i].allows, "%s",
		      rows[_i].what);
}
END_TEST

START_TEST(words_hold_the_arithmetic)
{
	struct movable_guard guard = {.movable = 32 * GIB, .kernel = 64 * GIB, .max_ratio = 4};
	_cleanup_free_ char *words = NULL;

	ck_assert_int_eq(movable_guard_explain(&guard, 256 * GIB, &words), 0);
	ck_assert_str_eq(
		words, "held back, because 256 GiB more would make 288 GiB in zone Movable, where "
		       "max-ratio 4 allows 256 GiB beside the 64 GiB of the kernel's own zones; "
		       "raise max-ratio or use zone = kernel");
}
END_TEST

START_TEST(words_admit_ignorance)
{
	struct movable_guard guard = {.max_ratio = 4};
	_cleanup_free_ char *words = NULL;

	ck_assert_int_eq(movable_guard_explain(&guard, GIB, &words), 0);
	assert_says(words, "unknown");
}
END_TEST

TCase *movable_tests(void)
{
	TCase *tests = tcase_create("movable");

	tcase_add_loop_test(tests, guard_table, 0, (int)ARRAY_SIZE(rows));
	tcase_add_test(tests, words_hold_the_arithmetic);
	tcase_add_test(tests, words_admit_ignorance);
	return tests;
}

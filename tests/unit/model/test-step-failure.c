/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/step-failure.h"

#include <errno.h>

#include "base/cleanup.h"
#include "failing-alloc.h"
#include "test-model.h"

START_TEST(counts_by_step_and_error)
{
	static const struct step_failure wanted[] = {
		{STEP_SET_MEMMAP, -EIO, 1},
		{STEP_BIND_KMEM, -EIO, 2},
		{STEP_BIND_KMEM, -EBUSY, 1},
		{STEP_VERIFY, -EIO, 1},
	};
	_cleanup_(step_failures_done) struct step_failures failures = {};

	ck_assert_int_eq(step_failures_add(&failures, STEP_BIND_KMEM, -EIO), 0);
	ck_assert_int_eq(step_failures_add(&failures, STEP_VERIFY, -EIO), 0);
	ck_assert_int_eq(step_failures_add(&failures, STEP_BIND_KMEM, -EBUSY), 0);
	ck_assert_int_eq(step_failures_add(&failures, STEP_SET_MEMMAP, -EIO), 0);
	ck_assert_int_eq(step_failures_add(&failures, STEP_BIND_KMEM, -EIO), 0);
	ck_assert_uint_eq(failures.n, ARRAY_SIZE(wanted));
	for (size_t i = 0; i < failures.n; i++) {
		ck_assert_int_eq(failures.items[i].step, wanted[i].step);
		ck_assert_int_eq(failures.items[i].error, wanted[i].error);
		ck_assert_uint_eq(failures.items[i].count, wanted[i].count);
	}
}
END_TEST

START_TEST(a_copy_is_its_own)
{
	_cleanup_(step_failures_done) struct step_failures failures = {}, copy = {}, none = {};

	ck_assert_int_eq(step_failures_copy(&copy, &none), 0);
	ck_assert_uint_eq(copy.n, 0);
	ck_assert_int_eq(step_failures_add(&failures, STEP_VERIFY, -EIO), 0);
	ck_assert_int_eq(step_failures_copy(&copy, &failures), 0);
	ck_assert_int_eq(step_failures_add(&failures, STEP_VERIFY, -EIO), 0);
	ck_assert_uint_eq(copy.n, 1);
	ck_assert_uint_eq(copy.items[0].count, 1);
	ck_assert_uint_eq(failures.items[0].count, 2);
}
END_TEST

START_TEST(without_memory_nothing_changes)
{
	_cleanup_(step_failures_done) struct step_failures failures = {}, copy = {};

	ck_assert_int_eq(step_failures_add(&failures, STEP_VERIFY, -EIO), 0);
	failing_alloc_arm(1);
	ck_assert_int_eq(step_failures_add(&failures, STEP_VERIFY, -EBUSY), -ENOMEM);
	ck_assert(failing_alloc_disarm());
	failing_alloc_arm(1);
	ck_assert_int_eq(step_failures_copy(&copy, &failures), -ENOMEM);
	ck_assert(failing_alloc_disarm());
	ck_assert_uint_eq(failures.n, 1);
	ck_assert_uint_eq(failures.items[0].count, 1);
	ck_assert_uint_eq(copy.n, 0);
}
END_TEST

TCase *step_failure_tests(void)
{
	TCase *tests = tcase_create("step-failure");

	tcase_add_test(tests, counts_by_step_and_error);
	tcase_add_test(tests, a_copy_is_its_own);
	tcase_add_test(tests, without_memory_nothing_changes);
	return tests;
}

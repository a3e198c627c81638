/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/errno-util.h"

#include <errno.h>
#include <limits.h>

#include "base/cleanup.h"
#include "test-base.h"

static const struct {
	int error;
	enum errno_class class;
	const char *name;
} cases[] = {
	{0, ERRNO_CLASS_NONE, "OK"},
	{EBUSY, ERRNO_CLASS_TRANSIENT, "EBUSY"},
	{EAGAIN, ERRNO_CLASS_TRANSIENT, "EAGAIN"},
	{EINTR, ERRNO_CLASS_TRANSIENT, "EINTR"},
	{ENOMEM, ERRNO_CLASS_TRANSIENT, "ENOMEM"},
	{ENOENT, ERRNO_CLASS_GONE, "ENOENT"},
	{ENODEV, ERRNO_CLASS_GONE, "ENODEV"},
	{ENXIO, ERRNO_CLASS_GONE, "ENXIO"},
	{EINVAL, ERRNO_CLASS_PERMANENT, "EINVAL"},
	{EIO, ERRNO_CLASS_PERMANENT, "EIO"},
	{EPERM, ERRNO_CLASS_PERMANENT, "EPERM"},
	{EACCES, ERRNO_CLASS_PERMANENT, "EACCES"},
	{EOPNOTSUPP, ERRNO_CLASS_PERMANENT, "EOPNOTSUPP"},
	{EHWPOISON, ERRNO_CLASS_PERMANENT, "EHWPOISON"},
};

START_TEST(class_and_name_of_either_sign)
{
	ck_assert_int_eq(errno_classify(cases[_i].error), cases[_i].class);
	ck_assert_int_eq(errno_classify(-cases[_i].error), cases[_i].class);
	ck_assert_str_eq(errno_name(cases[_i].error), cases[_i].name);
	ck_assert_str_eq(errno_name(-cases[_i].error), cases[_i].name);
}
END_TEST

START_TEST(every_name_leads_back)
{
	int named = 0;

	for (int error = 1; error < 4096; error++) {
		const char *name = errno_name(error);

		if (name[0] != 'E')
			continue;
		ck_assert_int_eq(errno_from_name(name), -error);
		named++;
	}
	/* Linux has some 130; a table of a few would pass the cases above. */
	ck_assert_int_gt(named, 120);
}
END_TEST

START_TEST(what_has_no_name)
{
	ck_assert_str_eq(errno_name(4095), "UNKNOWN");
	ck_assert_str_eq(errno_name(INT_MIN), "UNKNOWN");
	ck_assert_int_eq(errno_classify(INT_MIN), ERRNO_CLASS_PERMANENT);
	ck_assert_int_eq(errno_from_name("OK"), 0);
	ck_assert_int_eq(errno_from_name("UNKNOWN"), 0);
	ck_assert_int_eq(errno_from_name("ebusy"), 0);
	ck_assert_int_eq(errno_from_name(""), 0);
}
END_TEST

TCase *errno_util_tests(void)
{
	TCase *tests = tcase_create("errno-util");

	tcase_add_loop_test(tests, class_and_name_of_either_sign, 0, ARRAY_SIZE(cases));
	tcase_add_test(tests, every_name_leads_back);
	tcase_add_test(tests, what_has_no_name);
	return tests;
}

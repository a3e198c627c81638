/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "capture/manifest.h"
#include "suites.h"

START_TEST(reads_what_it_writes)
{
	_cleanup_(manifest_done) struct manifest manifest = {.format = 1, .masked = true},
						 back = {};
	_cleanup_free_ char *text = NULL;

	manifest.tool = strdup("daxtierctl 1.2");
	ck_assert_int_eq(strv_add(&manifest.unreadable, "sys/a"), 0);
	ck_assert_int_eq(strv_add(&manifest.unreadable, "sys/b=c"), 0);
	text = manifest_to_string(&manifest);
	ck_assert_str_eq(text, "format=1\ntool=daxtierctl 1.2\nserials=masked\n"
			       "unreadable=sys/a\nunreadable=sys/b=c\n");
	ck_assert_int_eq(manifest_parse(text, &back), 0);
	ck_assert_uint_eq(back.format, 1);
	ck_assert(back.masked);
	ck_assert_str_eq(back.tool, "daxtierctl 1.2");
	ck_assert_uint_eq(back.unreadable.n, 2);
	ck_assert_str_eq(back.unreadable.items[1], "sys/b=c");
}
END_TEST

static const struct {
	const char *text;
	int error;
} wrong[] = {
	{"", -EBADMSG},
	{"serials=real\n", -EBADMSG},
	{"format\n", -EBADMSG},
	{"format=one\n", -EBADMSG},
	{"format=0\n", -EBADMSG},
	{"format=2\n", -EPROTONOSUPPORT},
	{"format=18446744073709551616\n", -EBADMSG},
};

START_TEST(refuses)
{
	struct manifest manifest = {.format = 77};

	ck_assert_int_eq(manifest_parse(wrong[_i].text, &manifest), wrong[_i].error);
	ck_assert_uint_eq(manifest.format, 77);
}
END_TEST

START_TEST(passes_over_what_it_does_not_know)
{
	_cleanup_(manifest_done) struct manifest manifest = {};

	ck_assert_int_eq(manifest_parse("format=1\ncolour=green\n", &manifest), 0);
	ck_assert(!manifest.masked);
}
END_TEST

TCase *manifest_tests(void)
{
	TCase *tcase = tcase_create("manifest");

	tcase_add_test(tcase, reads_what_it_writes);
	tcase_add_loop_test(tcase, refuses, 0, ARRAY_SIZE(wrong));
	tcase_add_test(tcase, passes_over_what_it_does_not_know);
	return tcase;
}

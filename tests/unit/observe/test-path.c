/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "observe/path.h"
#include "suites.h"

START_TEST(names)
{
	char path[] = "sys/devices/a";

	ck_assert_str_eq(path_name("sys/devices/region0"), "region0");
	ck_assert_str_eq(path_name("sys"), "sys");
	ck_assert(path_up(path));
	ck_assert_str_eq(path, "sys/devices");
	ck_assert(path_up(path));
	ck_assert(!path_up(path));
	ck_assert_str_eq(path, "sys");
}
END_TEST

static const struct {
	const char *path, *prefix;
	int at; /* -1: not found */
} cases[] = {
	{"sys/ndbus0/region0", "ndbus", 4},
	{"ndbus12", "ndbus", 0},
	{"sys/region0/dax_region10/dax0.0", "dax_region", 12},
	{"sys/region0/dax_region10/dax0.0", "region", 4},
	{"sys/platform/hmem.0/dax0.0", "hmem.", 13},
	{"sys/ndbus/region0", "ndbus", -1},
	{"sys/ndbus0x/region0", "ndbus", -1},
	{"sys/xndbus0/region0", "ndbus", -1},
	{"sys/platform/hmem/dax0.0", "hmem.", -1},
	{"", "ndbus", -1},
};

START_TEST(finding)
{
	size_t at = 77;

	ck_assert_int_eq(path_find(cases[_i].path, cases[_i].prefix, &at), cases[_i].at >= 0);
	ck_assert_uint_eq(at, cases[_i].at >= 0 ? (size_t)cases[_i].at : 77);
}
END_TEST

TCase *path_tests(void)
{
	TCase *tcase = tcase_create("path");

	tcase_add_test(tcase, names);
	tcase_add_loop_test(tcase, finding, 0, sizeof(cases) / sizeof(cases[0]));
	return tcase;
}

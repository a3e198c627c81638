/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cleanup.h"
#include "suites.h"
#include "test-host.h"

void add_case(Suite *suite, const char *name, const TTest *a, const TTest *b, const TTest *c,
	      const TTest *d)
{
	const TTest *tests[] = {a, b, c, d};
	TCase *tcase = tcase_create(name);

	tcase_set_timeout(tcase, 300);
	for (size_t i = 0; i < ARRAY_SIZE(tests) && tests[i]; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
}

void add_loop(Suite *suite, const char *name, const TTest *test, int n)
{
	TCase *tcase = tcase_create(name);

	tcase_set_timeout(tcase, 300);
	tcase_add_loop_test(tcase, test, 0, n);
	suite_add_tcase(suite, tcase);
}

int main(void)
{
	Suite *suite = suite_create("regions");

	add_create_tests(suite);
	add_eject_tests(suite);
	return test_host_run(srunner_create(suite));
}

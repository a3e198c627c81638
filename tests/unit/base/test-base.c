/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test-base.h"

#include <stdlib.h>

int main(void)
{
	Suite *suite = suite_create("base");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, errno_util_tests());
	suite_add_tcase(suite, format_tests());
	suite_add_tcase(suite, parse_tests());
	suite_add_tcase(suite, strv_tests());
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

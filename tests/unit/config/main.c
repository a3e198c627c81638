/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "suites.h"

int main(void)
{
	Suite *suite = suite_create("config");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, text_tests());
	suite_add_tcase(suite, keys_tests());
	suite_add_tcase(suite, values_tests());
	suite_add_tcase(suite, syntax_tests());
	suite_add_tcase(suite, rules_tests());
	suite_add_tcase(suite, load_tests());
	suite_add_tcase(suite, json_tests());
	suite_add_tcase(suite, shipped_tests());

	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

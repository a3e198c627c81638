/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench.h"

int main(void)
{
	Suite *suite = suite_create("apply-region");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, fault_tests());
	suite_add_tcase(suite, foreign_tests());
	suite_add_tcase(suite, record_tests());
	suite_add_tcase(suite, kill_tests());
	suite_add_tcase(suite, word_tests());
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

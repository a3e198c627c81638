/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cxl-scene.h"

int main(void)
{
	Suite *suite = suite_create("policy-region");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, create_tests());
	suite_add_tcase(suite, gather_tests());
	suite_add_tcase(suite, window_tests());
	suite_add_tcase(suite, teardown_tests());
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

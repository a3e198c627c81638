/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "bench.h"

int main(void)
{
	Suite *suite = suite_create("apply");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, plan_tests());
	suite_add_tcase(suite, step_tests());
	suite_add_tcase(suite, module_tests());
	suite_add_tcase(suite, unbind_tests());
	suite_add_tcase(suite, bind_tests());
	suite_add_tcase(suite, block_tests());
	suite_add_tcase(suite, hold_tests());
	suite_add_tcase(suite, claim_tests());
	suite_add_tcase(suite, record_tests());

	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

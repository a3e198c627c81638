/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test-model.h"

#include <stdlib.h>

int main(void)
{
	Suite *suite = suite_create("model");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, names_tests());
	suite_add_tcase(suite, facts_tests());
	suite_add_tcase(suite, history_tests());
	suite_add_tcase(suite, plan_tests());
	suite_add_tcase(suite, plan_json_tests());
	suite_add_tcase(suite, step_failure_tests());
	suite_add_tcase(suite, device_status_tests());
	suite_add_tcase(suite, config_tests());
	suite_add_tcase(suite, host_status_tests());
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

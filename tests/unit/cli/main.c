/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "suites.h"

int main(void)
{
	SRunner *runner = srunner_create(text_suite());
	int failed;

	srunner_add_suite(runner, style_suite());
	srunner_add_suite(runner, table_suite());
	srunner_add_suite(runner, progress_suite());
	srunner_add_suite(runner, view_suite());
	srunner_add_suite(runner, tiers_suite());
	srunner_add_suite(runner, command_suite());
	srunner_add_suite(runner, offline_suite());
	srunner_add_suite(runner, doctor_suite());
	srunner_add_suite(runner, metric_suite());
	srunner_add_suite(runner, metrics_suite());
	srunner_add_suite(runner, replace_file_suite());
	srunner_add_suite(runner, replay_suite());
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

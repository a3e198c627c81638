/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "suites.h"

int main(void)
{
	Suite *suite = suite_create("observe");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, acpi_tests());
	suite_add_tcase(suite, proximity_tests());
	suite_add_tcase(suite, matrix_tests());
	suite_add_tcase(suite, hwloc_tests());
	suite_add_tcase(suite, path_tests());
	suite_add_tcase(suite, host_tests());
	suite_add_tcase(suite, device_tests());
	suite_add_tcase(suite, holder_tests());
	suite_add_tcase(suite, cxl_tests());
	suite_add_tcase(suite, distance_tests());
	suite_add_tcase(suite, firmware_tests());
	suite_add_tcase(suite, failure_tests());
	suite_add_tcase(suite, fixture_tests());

	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

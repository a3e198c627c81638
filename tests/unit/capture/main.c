/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "suites.h"

int main(void)
{
	Suite *suite = suite_create("capture");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, manifest_tests());
	suite_add_tcase(suite, oom_tests());
	suite_add_tcase(suite, take_tests());
	suite_add_tcase(suite, tar_tests());
	suite_add_tcase(suite, unpack_tests());
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}

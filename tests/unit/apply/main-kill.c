/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kill at every step, for the scenarios that it is linked with. */
#include <stdlib.h>

#include "bench.h"

int main(void)
{
	Suite *suite = suite_create("apply-kill");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, kill_tests());

	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

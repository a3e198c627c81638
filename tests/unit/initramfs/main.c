/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "suites.h"

int main(void)
{
	SRunner *runner = srunner_create(archive_suite());
	int failed;

	srunner_add_suite(runner, packed_suite());
	srunner_add_suite(runner, hostile_suite());
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "suites.h"

int main(void)
{
	SRunner *runner = srunner_create(kernel_suite());
	int failed;

	srunner_add_suite(runner, module_suite());
	srunner_add_suite(runner, initramfs_suite());
	srunner_add_suite(runner, agent_suite());
	srunner_add_suite(runner, firmware_suite());
	srunner_add_suite(runner, cxl_table_suite());
	srunner_add_suite(runner, hmat_suite());
	srunner_add_suite(runner, window_suite());
	srunner_add_suite(runner, tier_suite());
	srunner_add_suite(runner, gunzip_suite());
	srunner_add_suite(runner, host_suite());
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

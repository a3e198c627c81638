/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "suites.h"

int main(void)
{
	Suite *suite = suite_create("policy");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, match_tests());
	suite_add_tcase(suite, memmap_tests());
	suite_add_tcase(suite, movable_tests());
	suite_add_tcase(suite, unknown_tests());
	suite_add_tcase(suite, unmanaged_tests());
	suite_add_tcase(suite, devdax_tests());
	suite_add_tcase(suite, unbound_tests());
	suite_add_tcase(suite, bound_tests());
	suite_add_tcase(suite, new_id_tests());
	suite_add_tcase(suite, shares_tests());
	suite_add_tcase(suite, shortage_tests());
	suite_add_tcase(suite, history_tests());
	suite_add_tcase(suite, invariants_tests());
	suite_add_tcase(suite, convergence_tests());
	suite_add_tcase(suite, correction_tests());
	suite_add_tcase(suite, convert_tests());
	suite_add_tcase(suite, release_tests());

	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

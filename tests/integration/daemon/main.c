/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "suites.h"
#include "test-host.h"

int main(void)
{
	SRunner *runner = srunner_create(suite_hot_add());

	srunner_add_suite(runner, suite_adopt());
	srunner_add_suite(runner, suite_claim());
	srunner_add_suite(runner, suite_policy());
	srunner_add_suite(runner, suite_failure());
	srunner_add_suite(runner, suite_crash());
	srunner_add_suite(runner, suite_many());
	srunner_add_suite(runner, suite_surprise());
	srunner_add_suite(runner, suite_stuck());
	srunner_add_suite(runner, suite_identity());
	srunner_add_suite(runner, suite_idle());
	srunner_add_suite(runner, suite_leftovers());
	srunner_add_suite(runner, suite_eject());
	srunner_add_suite(runner, suite_release());
	srunner_add_suite(runner, suite_release_ends());
	srunner_add_suite(runner, suite_release_killed());
	srunner_add_suite(runner, suite_apply());
	srunner_add_suite(runner, suite_callers());
	srunner_add_suite(runner, suite_interface());
	srunner_add_suite(runner, suite_examples());
	return test_host_run(runner);
}

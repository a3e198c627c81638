/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>

Suite *bus_objects_suite(void);
Suite *bus_access_suite(void);
Suite *bus_methods_suite(void);
Suite *bus_name_suite(void);
Suite *bus_polkit_suite(void);
Suite *bus_limits_suite(void);
Suite *bus_introspection_suite(void);

int main(void)
{
	SRunner *runner = srunner_create(bus_objects_suite());
	int failed;

	srunner_add_suite(runner, bus_methods_suite());
	srunner_add_suite(runner, bus_access_suite());
	srunner_add_suite(runner, bus_polkit_suite());
	srunner_add_suite(runner, bus_limits_suite());
	srunner_add_suite(runner, bus_name_suite());
	srunner_add_suite(runner, bus_introspection_suite());
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

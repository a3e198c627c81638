/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_OBSERVE_SUITES_H
#define DAXTIER_TESTS_OBSERVE_SUITES_H

#include <check.h>

TCase *acpi_tests(void);
TCase *proximity_tests(void);
TCase *matrix_tests(void);
TCase *hwloc_tests(void);
TCase *path_tests(void);
TCase *host_tests(void);
TCase *device_tests(void);
TCase *holder_tests(void);
TCase *cxl_tests(void);
TCase *distance_tests(void);
TCase *firmware_tests(void);
TCase *failure_tests(void);
TCase *fixture_tests(void);

#endif

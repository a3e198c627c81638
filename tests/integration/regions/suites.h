/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_REGIONS_SUITES_H
#define DAXTIER_TESTS_REGIONS_SUITES_H

#include <check.h>

void add_create_tests(Suite *suite);
void add_eject_tests(Suite *suite);

/* Up to four tests; NULL: no more. */
void add_case(Suite *suite, const char *name, const TTest *a, const TTest *b, const TTest *c,
	      const TTest *d);
/* The test n times, with _i from 0. */
void add_loop(Suite *suite, const char *name, const TTest *test, int n);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TEST_POLICY_SUITES_H
#define TEST_POLICY_SUITES_H

#include <check.h>

TCase *match_tests(void);
TCase *memmap_tests(void);
TCase *movable_tests(void);
TCase *unknown_tests(void);
TCase *unmanaged_tests(void);
TCase *devdax_tests(void);
TCase *unbound_tests(void);
TCase *bound_tests(void);
TCase *new_id_tests(void);
TCase *shares_tests(void);
TCase *shortage_tests(void);
TCase *history_tests(void);
TCase *invariants_tests(void);
TCase *convergence_tests(void);
TCase *correction_tests(void);
TCase *convert_tests(void);
TCase *release_tests(void);

#endif

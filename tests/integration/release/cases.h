/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_RELEASE_CASES_H
#define DAXTIER_TESTS_RELEASE_CASES_H

#include "fake-kernel-offline.h"
#include "pending-call.h"
#include "test-host.h"

void add_state_cases(Suite *suite);
void add_convert_cases(Suite *suite);
void add_share_cases(Suite *suite);

TCase *add_case(Suite *suite, const char *name);

/* All eight blocks of dax0.0 online in zone Movable, and nothing left behind. */
void assert_movable(struct test_host *host);

/* The worker that makes the n-th write from now on is killed. */
void kill_at(struct test_host *host, enum fake_kernel_action action, unsigned nth);

#endif

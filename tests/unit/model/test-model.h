/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_MODEL_H
#define DAXTIER_TESTS_MODEL_H

#include <check.h>

#include "model/facts.h"
#include "model/plan.h"

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

/* The model owns its strings and may not have const ones; what a test does not free may be literal.
 */
#define LITERAL(s) ((char *)(s))

TCase *device_status_tests(void);
TCase *facts_tests(void);
TCase *history_tests(void);
TCase *config_tests(void);
TCase *host_status_tests(void);
TCase *names_tests(void);
TCase *plan_tests(void);
TCase *plan_json_tests(void);
TCase *step_failure_tests(void);

/* A plan with every field set to something of its own, owned by the caller. */
void full_plan_init(struct device_plan *plan);

#endif

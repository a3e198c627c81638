/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_MODEL_STEP_FAILURE_H
#define DAXTIER_MODEL_STEP_FAILURE_H

/* How often which step of a plan has failed, and with what; for whoever watches many hosts. */

#include <stddef.h>
#include <stdint.h>

#include "model/names.h"

struct step_failure {
	enum step_kind step;
	int error; /* negative errno */
	uint64_t count;
};

/* By step, then by error. There are no more of them than steps and errors. */
struct step_failures {
	struct step_failure *items;
	size_t n;
};

/* One more. 0 or -ENOMEM. */
int step_failures_add(struct step_failures *failures, enum step_kind step, int error);

/* ret must be empty. 0 or -ENOMEM. */
int step_failures_copy(struct step_failures *ret, const struct step_failures *failures);

void step_failures_done(struct step_failures *failures);

#endif

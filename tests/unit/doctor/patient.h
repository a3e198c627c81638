/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_DOCTOR_PATIENT_H
#define DAXTIER_TESTS_DOCTOR_PATIENT_H

/* A host in a tree that a test makes, and what the doctor finds there. */

#include <check.h>
#include <string.h>

#include "doctor/doctor.h"

#define RELEASE "6.12.9-test"

struct patient {
	char *root;
	struct findings findings;
	struct strv unseen;
};

extern struct patient patient;

/* A checked fixture: a host with a kernel release and a node with CPUs. */
void patient_setup(void);
void patient_teardown(void);

/* Observes and examines the tree, or the host below root. */
void patient_examine(void);
void patient_examine_below(const char *root);

/* The only finding with this text in what, which must be there; its severity and evidence. */
const struct finding *patient_finds(enum finding_severity severity, enum finding_about about,
				    const char *what);
void patient_lacks(const char *what);
void patient_is_well(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_DOCTOR_DOCTOR_H
#define DAXTIER_DOCTOR_DOCTOR_H

/*
 * Everything that keeps CXL memory, and other memory behind dax devices, from becoming tiered
 * memory. Pure: what is read is evidence_look()'s and observe()'s business.
 */

#include "doctor/evidence.h"
#include "doctor/finding.h"

/* Adds what is wrong, the worst first. 0 or -ENOMEM. */
int doctor_examine(const struct facts *facts, const struct evidence *evidence,
		   struct findings *findings);

#endif

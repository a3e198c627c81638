/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_DOCTOR_EVIDENCE_KERNEL_H
#define DAXTIER_DOCTOR_EVIDENCE_KERNEL_H

/* How the kernel was built and booted, which modules there are for it, and its initramfs. */

#include "doctor/evidence.h"
#include "observe/look.h"

/* release may be NULL. 0 or -ENOMEM. */
int evidence_kernel_look(struct look *look, const char *release, struct evidence *ret);

#endif

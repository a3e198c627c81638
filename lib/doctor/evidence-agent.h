/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_DOCTOR_EVIDENCE_AGENT_H
#define DAXTIER_DOCTOR_EVIDENCE_AGENT_H

/* What is configured to act on memory, dax devices and modules besides daxtierd. */

#include "doctor/evidence.h"
#include "observe/look.h"

/* Adds the lines of a file of modprobe.d(5) that ban a module of ours; changes text. 0 or -ENOMEM.
 */
int modprobe_lines_add(struct evidence_lines *lines, const char *path, char *text);

/* 0 or -ENOMEM. */
int evidence_agent_look(struct look *look, struct evidence *ret);

/* Whether no daxtierd runs; untouched where not all processes can be seen. 0 or -ENOMEM. */
int evidence_daemon_look(struct look *look, bool *ret_absent);

/* How the daemon's process is called, and the one that has all of the kernel's threads. */
#define EVIDENCE_DAEMON	       "daxtierd"
#define EVIDENCE_KERNEL_THREAD "kthreadd"

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_OBSERVE_COMPETITOR_H
#define DAXTIER_OBSERVE_COMPETITOR_H

#include <stdbool.h>

#include "model/facts.h"
#include "observe/look.h"

/*
 * Adds to host->competitors who else may act on dax devices and memory blocks: udev rules, programs
 * that run now, and the kernel by its own policy. auto_online and dax_autoprobe must have been
 * looked at. Without a dax device there is nothing to compete for, and nothing is looked at. 0 or
 * -ENOMEM.
 */
int competitors_look(struct look *look, struct host *host);

/* Whether a process of that name is one of those programs. */
bool competitor_is_program(const char *comm);

#endif

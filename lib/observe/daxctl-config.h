/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_OBSERVE_DAXCTL_CONFIG_H
#define DAXTIER_OBSERVE_DAXCTL_CONFIG_H

/*
 * The configuration of daxctl, which its own udev rule has it read for each dax device. A device is
 * one of a section when it is the namespace of persistent memory with the section's nvdimm.uuid:
 * nothing else can be named there, see daxctl-reconfigure-device(1).
 */

#include <stdbool.h>

#include "observe/look.h"

#define DAXCTL_CONFIG_DIRECTORY "etc/daxctl.conf.d"

bool daxctl_config_is_file(const char *name);

/* Whether a line begins a section that reconfigures a device. */
bool daxctl_config_is_section(const char *line);

/* Whether there is such a section: 1, 0, or -ENOMEM. */
int daxctl_config_look(struct look *look);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_OBSERVE_UDEV_RULES_H
#define DAXTIER_OBSERVE_UDEV_RULES_H

#include <stdbool.h>

/*
 * Whether a file of udev rules brings memory blocks online or takes them offline, or has daxctl do
 * something to dax devices. It is read as udev(7) describes it, but no condition is looked into:
 * whether the rules ever apply on this host is not asked. text is changed.
 */
bool udev_rules_compete(char *text);

#endif

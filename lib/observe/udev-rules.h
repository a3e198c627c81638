/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_OBSERVE_UDEV_RULES_H
#define DAXTIER_OBSERVE_UDEV_RULES_H

#include <stdbool.h>

enum udev_rules_effect {
	UDEV_RULES_HARMLESS,
	/* They have daxctl do what its own configuration says, as the rule does that comes with it:
	 * nothing at all where that says nothing. */
	UDEV_RULES_DAXCTL_CONFIG,
	/* They bring memory blocks online or take them offline, or have daxctl do something. */
	UDEV_RULES_COMPETE,
};

/*
 * What a file of udev rules does to memory blocks and dax devices. It is read as udev(7) describes
 * it, but no condition is looked into: whether the rules ever apply on this host is not asked. text
 * is changed; *ret_line is the line in it that does it, untouched where the rules are harmless.
 */
enum udev_rules_effect udev_rules_parse(char *text, const char **ret_line);

/* Whether a line, with those that are joined to it, has a part in the answer; line is changed. */
bool udev_rule_matters(char *line);

#endif

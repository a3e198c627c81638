/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_PRIVATE_BUS_H
#define DAXTIER_TESTS_PRIVATE_BUS_H

/* A dbus-daemon of the test's own, which $DBUS_SYSTEM_BUS_ADDRESS then names. */

#include "process.h"

struct private_bus {
	char *directory; /* services/ in it is where activatable services are looked for */
	struct process daemon;
};

enum private_bus_policy {
	PRIVATE_BUS_OPEN,   /* anybody may do anything */
	PRIVATE_BUS_SYSTEM, /* as closed as a system bus, with the policy that we ship */
};

/* Returns when it can be connected to. Needs tree.c and process.c. */
void private_bus_start(struct private_bus *bus, enum private_bus_policy policy);

/* The same in two: first the address is known, then there is a bus. */
void private_bus_prepare(struct private_bus *bus, enum private_bus_policy policy);
void private_bus_launch(struct private_bus *bus);

void private_bus_stop(struct private_bus *bus);

#endif

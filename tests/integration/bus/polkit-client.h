/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_POLKIT_CLIENT_H
#define DAXTIER_TESTS_POLKIT_CLIENT_H

/* A client of the bus driver, a polkit that says what the test wants, and users who are asked for.
 */

#include "bus-client.h"

#define MANAGE "org.daxtier1.manage"

/* The only ones; the fixture of a test case. */
extern struct bus_client client;
extern struct process polkit;
void polkit_setup(void);
void polkit_teardown(void);

/* Of what it prints, the next one. */
void expect_line(struct process *process, const char *wanted);

void polkit_start(const char *mode);
/* It must not have been asked anything else, either. */
void polkit_stop(void);

/* A connection of somebody who may do nothing by himself: the bus looks who connects. Takes root.
 */
sd_bus *connect_nobody(void);

struct waiting {
	int answered; /* 1: done */
	char *error, *message;
	sd_bus_slot *slot;
};

/* The call is made, and not waited for; types and arguments as sd_bus_message_append(). */
void polkit_call(sd_bus *bus, struct waiting *waiting, int interactive, const char *member,
		 const char *types, ...);
void polkit_wait(sd_bus *bus, const struct waiting *waiting);
/* Waits, and frees what it holds. error NULL: it was carried out. */
void polkit_expect(sd_bus *bus, struct waiting *waiting, const char *error, const char *part);

/* Which works whoever else waits. */
void reload_by_root(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_BUS_BUS_POLKIT_H
#define DAXTIER_BUS_BUS_POLKIT_H

/*
 * One question to polkit: may who made this call do that? Asked over the bus and not waited for; a
 * person may be typing a password.
 */

#include <stdint.h>
#include <systemd/sd-bus.h>

enum polkit_verdict {
	POLKIT_AUTHORIZED,
	POLKIT_REFUSED,
	POLKIT_NEEDS_INTERACTION, /* it would ask a person; the call forbids that, or no agent can
				   */
	POLKIT_ABSENT,		  /* there is none on this bus */
	POLKIT_SILENT,		  /* it gave no answer that means anything, or none in time */
};

struct bus_polkit;

/* Called once; the question may be freed inside. why: in words, NULL where there are none. */
typedef void (*bus_polkit_answered_t)(enum polkit_verdict verdict, const char *why, void *userdata);

/*
 * id: no other question of this connection has it. device: for the rules of the administrator, ""
 * where there is none.
 */
int bus_polkit_ask(sd_bus_message *call, uint64_t id, const char *device,
		   bus_polkit_answered_t answered, void *userdata, struct bus_polkit **ret);
/* Takes back a question that was not answered, so that nobody is asked for a password in vain.
 * Returns NULL. */
struct bus_polkit *bus_polkit_free(struct bus_polkit *polkit);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_BUS_BUS_CALL_H
#define DAXTIER_BUS_BUS_CALL_H

/*
 * The answer to a call that was kept. Who has called may be gone by then: what he asked for is
 * carried out all the same, and the bus drops the answer.
 */

#include <systemd/sd-bus.h>

/* Nothing but that it is done. 0 or a negative errno. */
int bus_call_answer(sd_bus_message *call);

/* name: one of DAXTIER_ERROR_*; message is made fit for the bus. 0 or a negative errno. */
int bus_call_fail(sd_bus_message *call, const char *name, const char *message);

#endif

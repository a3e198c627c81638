/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_BUS_BUS_MANAGER_H
#define DAXTIER_BUS_BUS_MANAGER_H

/* org.daxtier1.Manager on /org/daxtier1: the host's properties; its methods are in bus-methods.h.
 */

#include <systemd/sd-bus.h>

#include "bus/bus-access.h"
#include "bus/bus-server.h"
#include "model/status.h"

struct bus_manager {
	sd_bus *bus;
	sd_bus_slot *slot; /* NULL until there is a first status */
	const struct bus_handlers *handlers;
	void *userdata;
	struct bus_access access;
	struct host_status status;
};

void bus_manager_init(struct bus_manager *manager, sd_bus *bus, const struct bus_handlers *handlers,
		      void *userdata);
void bus_manager_done(struct bus_manager *manager);

/* Takes over *status (also on failure) and leaves it zeroed. */
int bus_manager_set(struct bus_manager *manager, struct host_status *status);

#endif

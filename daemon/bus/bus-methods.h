/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_BUS_BUS_METHODS_H
#define DAXTIER_BUS_BUS_METHODS_H

/*
 * The methods of org.daxtier1.Manager, for its vtable; userdata is the status in a struct
 * bus_manager.
 */

#include <systemd/sd-bus.h>

int bus_method_plan(sd_bus_message *call, void *userdata, sd_bus_error *error);
int bus_method_rehearse(sd_bus_message *call, void *userdata, sd_bus_error *error);
int bus_method_apply(sd_bus_message *call, void *userdata, sd_bus_error *error);
int bus_method_release(sd_bus_message *call, void *userdata, sd_bus_error *error);
int bus_method_reload(sd_bus_message *call, void *userdata, sd_bus_error *error);

#endif

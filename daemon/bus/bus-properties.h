/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_BUS_BUS_PROPERTIES_H
#define DAXTIER_BUS_BUS_PROPERTIES_H

/*
 * An interface's vtable is the one table of its properties: name, signature, offset into the
 * status, Const or EmitsChange. sd-bus answers Get and Introspect from it; here the same rows tell
 * two statuses apart, and the test of org.daxtier1(5) compares the page with them.
 *
 * The types of fields by signature: s char *, b bool, i int, u unsigned, t uint64_t, as struct
 * strv; at a uint64_t *, and aa{sv} what its getter says, a struct node_status *, a struct
 * memdev_status * or a struct step_failure *, with their size_t count right behind.
 */

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "base/strv.h"
#include "model/status.h"

extern const sd_bus_vtable bus_device_vtable[];	 /* offsets into struct device_status */
extern const sd_bus_vtable bus_manager_vtable[]; /* offsets into struct host_status */

/* Getters, for the signatures that sd-bus does not read from memory by itself as we keep them. */
int bus_get_bool(sd_bus *bus, const char *path, const char *interface, const char *property,
		 sd_bus_message *reply, void *userdata, sd_bus_error *ret_error);
int bus_get_u64_array(sd_bus *bus, const char *path, const char *interface, const char *property,
		      sd_bus_message *reply, void *userdata, sd_bus_error *ret_error);
int bus_get_nodes(sd_bus *bus, const char *path, const char *interface, const char *property,
		  sd_bus_message *reply, void *userdata, sd_bus_error *ret_error);
int bus_get_memdevs(sd_bus *bus, const char *path, const char *interface, const char *property,
		    sd_bus_message *reply, void *userdata, sd_bus_error *ret_error);

int bus_get_failures(sd_bus *bus, const char *path, const char *interface, const char *property,
		     sd_bus_message *reply, void *userdata, sd_bus_error *ret_error);

struct bus_changes {
	struct strv names; /* of the EmitsChange properties that differ, in the vtable's order */
	bool identity;	   /* a Const property differs: this is another object */
};

/* changes must be empty. 0 or -ENOMEM. */
int bus_properties_diff(const sd_bus_vtable *vtable, const void *before, const void *after,
			struct bus_changes *changes);

/*
 * D-Bus strings are UTF-8, and sd-bus refuses a whole message for one that is not. What comes from
 * sysfs, /proc (names of processes) and configuration may be anything: text_clean() on all of it.
 * 0 or -ENOMEM.
 */
int bus_properties_clean(const sd_bus_vtable *vtable, void *status);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_STATUS_FILL_H
#define DAXTIER_TESTS_STATUS_FILL_H

#include <json-c/json.h>
#include <systemd/sd-bus.h>

/*
 * From the members of a JSON object, named as the properties of the vtable, to the fields of the
 * status that the vtable describes; missing ones become "", 0 or empty. Aborts when a value does
 * not fit.
 */
void status_fill(const sd_bus_vtable *vtable, struct json_object *object, void *status);

#endif

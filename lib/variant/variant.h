/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_VARIANT_VARIANT_H
#define DAXTIER_VARIANT_VARIANT_H

/* JSON values as D-Bus variants and back: what the bus carries is what --json prints. */

#include <json-c/json.h>
#include <systemd/sd-bus.h>

/*
 * Appends the members of a JSON object as a{sv}. Strings become s, booleans b, integers x (t when
 * above INT64_MAX), arrays of strings as, arrays of objects aa{sv}, objects a{sv}; an empty array
 * becomes as. Doubles become d; null is left out. 0 or a negative errno of sd-bus.
 */
int variant_append_object(sd_bus_message *m, struct json_object *object);

/*
 * Reads the next complete value of any type from the message into a new JSON value: dictionaries
 * with string keys become objects, variants are what they hold, structs and arrays become arrays. 1
 * when read, 0 at the end of the container.
 */
int variant_read(sd_bus_message *m, struct json_object **ret);

#endif

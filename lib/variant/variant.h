/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_VARIANT_VARIANT_H
#define DAXTIER_VARIANT_VARIANT_H

/* JSON values as D-Bus variants and back: what the bus carries is what --json prints. */

#include <json-c/json.h>
#include <systemd/sd-bus.h>

/*
 * Appends the members of a JSON object as a{sv}. Strings become s, booleans b, doubles d, integers
 * x (t when above INT64_MAX), objects a{sv}. An array whose elements are all strings becomes as,
 * all objects aa{sv}, all booleans ab, all doubles ad, all integers ax (at when one is above
 * INT64_MAX); any other array is av, and an empty one as. null is left out. 0, -EINVAL when this is
 * no object, or a negative errno of sd-bus, after which the message is of no use.
 */
int variant_append_object(sd_bus_message *m, struct json_object *object);

/*
 * Reads the next complete value of any type from the message into a new JSON value: dictionaries
 * with string keys become objects, variants are what they hold; structs, arrays, and the entries of
 * dictionaries with other keys become arrays. 1 when read, 0 at the end of the container;
 * -EOPNOTSUPP for a file descriptor. *ret is the caller's reference.
 */
int variant_read(sd_bus_message *m, struct json_object **ret);

#endif

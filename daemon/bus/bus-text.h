/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_BUS_BUS_TEXT_H
#define DAXTIER_BUS_BUS_TEXT_H

/* Text as the bus takes it: UTF-8. Each byte that cannot stand is replaced by '?', in place. */

#include <json-c/json.h>

void text_make_utf8(char *s);

/* All strings in value, however deep. 0 or -ENOMEM. */
int json_make_utf8(struct json_object *value);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_VARIANT_JSON_CLEAN_H
#define DAXTIER_VARIANT_JSON_CLEAN_H

#include <json-c/json.h>

/*
 * Makes every string in value, however deep, what text_clean() makes of it, in place: fit for the
 * bus, which refuses a whole message for one byte that is not UTF-8, and for a terminal. Keys are
 * left alone. 0 or -ENOMEM.
 */
int json_clean(struct json_object *value);

#endif

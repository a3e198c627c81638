/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CLI_STATUS_JSON_H
#define DAXTIER_CLI_STATUS_JSON_H

/*
 * What is told of a host and of a device, with the members that org.daxtier1's objects have as
 * properties; a test holds the two together. NULL on out of memory.
 */

#include <json-c/json.h>

#include "model/status.h"

struct json_object *host_status_to_json(const struct host_status *status);
struct json_object *device_status_to_json(const struct device_status *status);

#endif

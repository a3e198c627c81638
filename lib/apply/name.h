/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_APPLY_NAME_H
#define DAXTIER_APPLY_NAME_H

/* Names that become a part of a path, or stand in a record, are of these forms or refused. */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* "dax0.0" */
static inline bool is_device_name(const char *name)
{
	unsigned region, id;
	char end;

	return strlen(name) < 30 /* DAX_NAME_LEN */ &&
	       name[strspn(name, "dax0123456789.")] == '\0' &&
	       sscanf(name, "dax%u.%u%c", &region, &id, &end) == 2;
}

/* Of a driver or a module: "device_dax" */
static inline bool is_driver_name(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n < 56 /* MODULE_NAME_LEN */ &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
		       n;
}

#endif

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

/* A prefix and a decimal number: "mem0", "region0" */
static inline bool is_numbered_name(const char *name, const char *prefix)
{
	size_t n = strlen(prefix), digits;

	if (strncmp(name, prefix, n) != 0)
		return false;
	digits = strspn(name + n, "0123456789");
	return digits > 0 && digits < 10 && name[n + digits] == '\0';
}

static inline bool is_memdev_name(const char *name)
{
	return is_numbered_name(name, "mem");
}

static inline bool is_region_name(const char *name)
{
	return is_numbered_name(name, "region");
}

/* "decoder0.0", of a root or an endpoint */
static inline bool is_decoder_name(const char *name)
{
	unsigned port, id;
	char end;

	return strlen(name) < 30 && name[strspn(name, "decoder0123456789.")] == '\0' &&
	       sscanf(name, "decoder%u.%u%c", &port, &id, &end) == 2;
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

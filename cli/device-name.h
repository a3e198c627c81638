/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CLI_DEVICE_NAME_H
#define DAXTIER_CLI_DEVICE_NAME_H

#include <stdbool.h>
#include <string.h>

/* The name of the device that a person may also call "/dev/dax0.0"; NULL for NULL. */
static inline const char *device_name(const char *argument)
{
	static const char dev[] = "/dev/";

	if (argument && strncmp(argument, dev, strlen(dev)) == 0)
		return argument + strlen(dev);
	return argument;
}

/* Whether it is the name of a CXL memory device, "mem0"; NULL is not. */
static inline bool device_is_memdev(const char *name)
{
	static const char mem[] = "mem";

	return name && strncmp(name, mem, strlen(mem)) == 0;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CLI_DEVICE_NAME_H
#define DAXTIER_CLI_DEVICE_NAME_H

#include <string.h>

/* The name of the device that a person may also call "/dev/dax0.0"; NULL for NULL. */
static inline const char *device_name(const char *argument)
{
	static const char dev[] = "/dev/";

	if (argument && strncmp(argument, dev, strlen(dev)) == 0)
		return argument + strlen(dev);
	return argument;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_OBSERVE_PATH_H
#define DAXTIER_OBSERVE_PATH_H

/* Paths of devices below the root, "sys/devices/…": where a device hangs tells what it is. */

#include <stdbool.h>
#include <stddef.h>

/* The last component. */
const char *path_name(const char *path);

/* Cuts the last component off in place; false when there is only one left. */
bool path_up(char *path);

/*
 * Finds the first component that is prefix and a number ("ndbus0" for "ndbus"), and where it
 * begins.
 */
bool path_find(const char *path, const char *prefix, size_t *ret_offset);

#endif

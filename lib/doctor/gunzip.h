/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_DOCTOR_GUNZIP_H
#define DAXTIER_DOCTOR_GUNZIP_H

#include <stddef.h>

/*
 * The text in a gzip file, terminated, owned by the caller. -EBADMSG: it is not one, is cut short,
 * or holds more than any kernel configuration does.
 */
int gunzip(const char *packed, size_t size, char **ret);

#endif

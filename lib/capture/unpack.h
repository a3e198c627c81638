/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CAPTURE_UNPACK_H
#define DAXTIER_CAPTURE_UNPACK_H

#include <stdio.h>

/* More than the largest host has: each memory block of 16 TiB in 128 MiB makes three. */
#define UNPACK_ENTRIES_MAX ((size_t)1 << 20)
#define UNPACK_BYTES_MAX   ((size_t)256 << 20)

/*
 * Unpacks an archive that need not be trusted into the folder dir_fd, which should be new and
 * empty. Nothing is made outside of it, and no link leads out of it: names have no "..", none
 * passes through a link or stands there twice, and the target of a link has ".." at its beginning
 * only, no more than there are folders above it. There are files, folders and links, and nothing
 * else; owners, modes and times are not taken over.
 *
 * Links of proc/PID/fd are texts that nobody follows, so that theirs may be absolute; no other link
 * is in proc, or leads there.
 *
 * 0 or negative errno, with the folder half full; what is in the way stands in *ret_why, which is
 * the caller's, and NULL on out of memory. -EBADMSG: the archive is to blame.
 */
int capture_unpack(FILE *f, int dir_fd, char **ret_why);

#endif

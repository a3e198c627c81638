/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CAPTURE_TAR_H
#define DAXTIER_CAPTURE_TAR_H

/*
 * Tar archives as POSIX has them (pax interchange format), as far as a captured host needs it:
 * files, folders and symbolic links. Written with pax records only where a name is too long for
 * ustar; read also as GNU tar writes them by default. Who packed a captured host need not be
 * trusted, so that what is read takes nothing for granted; where it leads to is for
 * capture/unpack.h.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum tar_type {
	TAR_FILE,
	TAR_DIRECTORY,
	TAR_LINK,
};

struct tar_entry {
	enum tar_type type;
	char *path;   /* as it stands in the archive */
	char *target; /* of a link, else NULL */
	char *data;   /* of a file, else NULL */
	size_t size;
};

/* No captured host has more in one file: a SLIT of 1024 domains is 1 MiB. */
#define TAR_FILE_SIZE_MAX ((size_t)16 << 20)

/*
 * The next entry, owned by the caller: tar_entry_done(). 1, or 0 at the end. -EBADMSG: this is no
 * archive, or one with something in it that no captured host has; *ret_why, static, says what.
 * Another negative errno: it cannot be read.
 */
int tar_read(FILE *f, struct tar_entry *ret, const char **ret_why);
void tar_entry_done(struct tar_entry *entry);

/* data of a file is not needed where size is 0. mtime in seconds. 0 or negative errno. */
int tar_write(FILE *f, const struct tar_entry *entry, uint64_t mtime);
int tar_write_end(FILE *f);

#endif

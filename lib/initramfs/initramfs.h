/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_INITRAMFS_INITRAMFS_H
#define DAXTIER_INITRAMFS_INITRAMFS_H

/*
 * What is in an initramfs, as the kernel unpacks it (init/initramfs.c): cpio archives one behind
 * the other, as they are (microcode, which the kernel wants to find early) or packed with gzip,
 * zstd, xz or lz4. It is read as a stream and never held as a whole, and need not be trusted.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A distribution's with everything in it has some 20,000, and unpacks to some 500 MB. */
#define INITRAMFS_FILES_MAX ((size_t)1 << 18)
#define INITRAMFS_SIZE_MAX  (UINT64_C(1) << 30) /* packed, and again of what is unpacked */
/* Files whose content somebody may want are of a few lines. */
#define INITRAMFS_CONTENT_MAX ((size_t)256 << 10)

struct initramfs_reader {
	/* Whether the content of a file of that name is wanted, too. */
	bool (*wants)(void *userdata, const char *name);
	/*
	 * Of each name but those of folders, which has no "/" or "./" at its beginning; the same
	 * name may come again. content, terminated, is NULL where it is not wanted or too large; it
	 * may be changed. 0, or a negative errno, which ends the reading.
	 */
	int (*take)(void *userdata, const char *name, char *content);
	void *userdata;
};

/*
 * Reads from where fd stands to the end of the file. 0, or a negative errno; with -EBADMSG *ret_why
 * is what is wrong with it, static. By then some of it has been taken already.
 */
int initramfs_read(int fd, const struct initramfs_reader *reader, const char **ret_why);

#endif

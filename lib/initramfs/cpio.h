/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_INITRAMFS_CPIO_H
#define DAXTIER_INITRAMFS_CPIO_H

/*
 * Cpio archives in the "newc" format, the only one that the kernel takes
 * (Documentation/driver-api/early-userspace/buffer-format.rst).
 */

#include "initramfs/initramfs.h"
#include "initramfs/stream.h"

/*
 * Reads archives one behind the other, and zeros between them, until something else begins or the
 * stream ends. *n_files is counted on, for INITRAMFS_FILES_MAX. 1: something else begins, 0: the
 * end. -EBADMSG: stream->why says what is wrong; other negative errno as reader's.
 */
int cpio_read(struct stream *stream, const struct initramfs_reader *reader, size_t *n_files);

#endif

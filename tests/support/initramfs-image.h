/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_INITRAMFS_IMAGE_H
#define DAXTIER_TESTS_INITRAMFS_IMAGE_H

/* Initramfs images made by a test, byte for byte. Everything aborts when there is no memory. */

#include <stddef.h>

struct bytes {
	unsigned char *data;
	size_t size, room;
};

void bytes_add(struct bytes *bytes, const void *data, size_t size);
void bytes_add_zeros(struct bytes *bytes, size_t size);
void bytes_done(struct bytes *bytes);

#define CPIO_FILE      0100644U
#define CPIO_DIRECTORY 0040755U
#define CPIO_LINK      0120777U

/* An entry of an archive of the kind newc, which has to begin at a multiple of four. */
void cpio_add_entry(struct bytes *bytes, unsigned mode, const char *name, const void *content,
		    size_t size);
void cpio_add(struct bytes *bytes, const char *name, const char *content); /* a file */
void cpio_end(struct bytes *bytes);

enum packing {
	PACKING_NONE,
	PACKING_GZIP,
	PACKING_ZSTD,
	PACKING_XZ,
	PACKING_LZ4, /* as "lz4 -l" */
	PACKING_MAX,
};

/* Adds what is in plain, packed. */
void bytes_add_packed(struct bytes *bytes, enum packing packing, const struct bytes *plain);

/* A descriptor of a file with these bytes, at its beginning. */
int bytes_open(const struct bytes *bytes);

#endif

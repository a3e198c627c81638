/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CAPTURE_TAR_HEADER_H
#define DAXTIER_CAPTURE_TAR_HEADER_H

/* One header of an archive, as pax(1p) describes it. */

#include <assert.h>
#include <stddef.h>

#define TAR_BLOCK 512

struct tar_header {
	char name[100];
	char mode[8];
	char uid[8];
	char gid[8];
	char size[12];
	char mtime[12];
	char checksum[8];
	char type;
	char linkname[100];
	char magic[6];
	char version[2];
	char uname[32];
	char gname[32];
	char devmajor[8];
	char devminor[8];
	char prefix[155];
	char pad[12];
};

static_assert(sizeof(struct tar_header) == TAR_BLOCK, "a header is a block");

/* The sum of all bytes, those of the checksum itself counted as spaces. */
static inline unsigned tar_header_sum(const struct tar_header *header)
{
	const unsigned char *bytes = (const unsigned char *)header;
	unsigned sum = 0;

	for (size_t i = 0; i < sizeof(*header); i++) {
		size_t first = offsetof(struct tar_header, checksum);

		sum += i >= first && i < first + sizeof(header->checksum) ? ' ' : bytes[i];
	}
	return sum;
}

#endif

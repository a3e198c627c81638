/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 512

void archive_begin(struct archive *archive)
{
	*archive = (struct archive){};
	archive->f = open_memstream(&archive->data, &archive->size);
	ck_assert_ptr_nonnull(archive->f);
}

void archive_add_raw(struct archive *archive, const void *data, size_t size)
{
	ck_assert_uint_eq(fwrite(data, 1, size, archive->f), size);
}

void archive_add(struct archive *archive, char type, const char *name, const char *link,
		 const char *data, const char *size)
{
	static const char zeros[BLOCK];
	size_t n = data ? strlen(data) : 0;
	unsigned char header[BLOCK] = {};
	char digits[24];
	unsigned sum = 0;

	snprintf(digits, sizeof(digits), "%011zo", n);
	strncpy((char *)header, name, 100);
	memcpy(header + 100, "0000777", 8);
	memcpy(header + 124, size ?: digits, 11);
	memcpy(header + 136, "00000000000", 12);
	memset(header + 148, ' ', 8);
	header[156] = (unsigned char)type;
	strncpy((char *)header + 157, link ?: "", 100);
	memcpy(header + 257, "ustar\00000", 8);
	for (size_t i = 0; i < BLOCK; i++)
		sum += header[i];
	snprintf((char *)header + 148, 8, "%06o", sum);
	archive_add_raw(archive, header, BLOCK);
	if (n > 0) {
		archive_add_raw(archive, data, n);
		archive_add_raw(archive, zeros, (BLOCK - n % BLOCK) % BLOCK);
	}
}

void archive_end(struct archive *archive)
{
	static const char zeros[2 * BLOCK];

	archive_add_raw(archive, zeros, sizeof(zeros));
}

FILE *archive_open(struct archive *archive)
{
	FILE *f;

	ck_assert_int_eq(fflush(archive->f), 0);
	f = fmemopen(archive->data, archive->size, "re");
	ck_assert_ptr_nonnull(f);
	return f;
}

void archive_done(struct archive *archive)
{
	fclose(archive->f);
	free(archive->data);
}

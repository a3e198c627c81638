/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Archives of any bytes: as they are, and with the checksum of each block put right as if it were a
 * header, without which no change would ever get past it.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "capture/tar-header.h"
#include "capture/tar.h"
#include "fuzz.h"

/* A name that goes on behind its NUL would be checked as one and used as another. */
static void check_entry(const struct tar_entry *entry)
{
	fuzz_assert(entry->path);
	fuzz_assert(!entry->target == (entry->type != TAR_LINK));
	fuzz_assert(!entry->data == (entry->type != TAR_FILE));
	fuzz_assert(entry->size <= TAR_FILE_SIZE_MAX);
	fuzz_assert(!entry->data || entry->data[entry->size] == '\0');
}

static void read_all(const void *data, size_t size)
{
	_cleanup_fclose_ FILE *f = fmemopen((void *)data, size, "re");
	int r = 1;

	fuzz_assert(f);
	while (r > 0) {
		_cleanup_(tar_entry_done) struct tar_entry entry = {};
		const char *why = NULL;

		r = tar_read(f, &entry, &why);
		if (r > 0)
			check_entry(&entry);
		fuzz_assert(r >= 0 || (r == -EBADMSG && why));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *copy = NULL;

	if (size == 0)
		return 0;
	read_all(data, size);
	copy = malloc(size);
	fuzz_assert(copy);
	memcpy(copy, data, size);
	for (size_t i = 0; i + TAR_BLOCK <= size; i += TAR_BLOCK) {
		struct tar_header *header = (struct tar_header *)(copy + i);

		/* Blocks of zeros end an archive, and should go on doing so. */
		if (header->name[0])
			snprintf(header->checksum, sizeof(header->checksum), "%06o",
				 tar_header_sum(header));
	}
	read_all(copy, size);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "capture/tar-header.h"
#include "capture/tar.h"

#define DIGITS_MAX 20

static int put(FILE *f, const void *data, size_t size)
{
	errno = 0;
	if (size > 0 && fwrite(data, size, 1, f) != 1)
		return errno > 0 ? -errno : -EIO;
	return 0;
}

/* data, and zeros up to the end of its last block. */
static int put_padded(FILE *f, const void *data, size_t size)
{
	static const char zeros[TAR_BLOCK];
	int r;

	r = put(f, data, size);
	return r < 0 ? r : put(f, zeros, (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK);
}

/* Fields of text need no end where they are full. */
static void set_text(char *field, size_t room, const char *text)
{
	size_t n = strlen(text);

	memcpy(field, text, n < room ? n : room);
}

static int put_header(FILE *f, char type, const char *name, const char *target, size_t size,
		      uint64_t mtime)
{
	struct tar_header header = {.type = type};
	char mtime_text[DIGITS_MAX + 4];

	set_text(header.name, sizeof(header.name), name);
	set_text(header.linkname, sizeof(header.linkname), target);
	snprintf(header.mode, sizeof(header.mode), "%07o",
		 type == '5'   ? 0755U
		 : type == '2' ? 0777U
			       : 0644U);
	memcpy(header.uid, "0000000", sizeof(header.uid));
	memcpy(header.gid, "0000000", sizeof(header.gid));
	/* 33 bits, which TAR_FILE_SIZE_MAX is far from, and the clock until 2242. */
	snprintf(header.size, sizeof(header.size), "%011zo", size);
	snprintf(mtime_text, sizeof(mtime_text), "%011" PRIo64, mtime & 077777777777);
	memcpy(header.mtime, mtime_text, sizeof(header.mtime));
	memcpy(header.magic, "ustar", sizeof(header.magic));
	memcpy(header.version, "00", sizeof(header.version));
	snprintf(header.checksum, sizeof(header.checksum), "%06o", tar_header_sum(&header));
	header.checksum[sizeof(header.checksum) - 1] = ' ';
	return put(f, &header, sizeof(header));
}

/* "27 path=…\n", where 27 is the size of the whole, itself included. */
static int add_record(FILE *records, const char *key, const char *value)
{
	size_t rest = strlen(key) + strlen(value) + strlen(" =\n"), size = rest + 1;
	char digits[DIGITS_MAX + 1];

	while (rest + (size_t)snprintf(digits, sizeof(digits), "%zu", size) != size)
		size = rest + strlen(digits);
	return fprintf(records, "%zu %s=%s\n", size, key, value) < 0 ? -ENOMEM : 0;
}

/* What does not fit the header that follows. */
static int put_records(FILE *f, const struct tar_entry *entry, bool long_path, bool long_target,
		       uint64_t mtime)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_fclose_ FILE *records = NULL;
	size_t size;
	int r = 0;

	records = open_memstream(&text, &size);
	if (!records)
		return -ENOMEM;
	if (long_path)
		r = add_record(records, "path", entry->path);
	if (r == 0 && long_target)
		r = add_record(records, "linkpath", entry->target);
	if (r < 0 || fflush(records) != 0)
		return -ENOMEM;
	r = put_header(f, 'x', "pax", "", size, mtime);
	return r < 0 ? r : put_padded(f, text, size);
}

int tar_write(FILE *f, const struct tar_entry *entry, uint64_t mtime)
{
	static const char types[] = {
		[TAR_FILE] = '0',
		[TAR_DIRECTORY] = '5',
		[TAR_LINK] = '2',
	};
	const char *target = entry->target ?: "";
	bool long_path = strlen(entry->path) > sizeof(((struct tar_header *)0)->name);
	bool long_target = strlen(target) > sizeof(((struct tar_header *)0)->linkname);
	size_t size = entry->type == TAR_FILE ? entry->size : 0;
	int r = 0;

	if (size > TAR_FILE_SIZE_MAX)
		return -EFBIG;
	if (long_path || long_target)
		r = put_records(f, entry, long_path, long_target, mtime);
	if (r == 0)
		r = put_header(f, types[entry->type], entry->path, target, size, mtime);
	return r < 0 ? r : put_padded(f, entry->data, size);
}

int tar_write_end(FILE *f)
{
	static const char zeros[2 * TAR_BLOCK];

	return put(f, zeros, sizeof(zeros));
}

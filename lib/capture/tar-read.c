/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "capture/tar-header.h"
#include "capture/tar.h"

/* Of the records before an entry, and of a name in them. */
#define RECORDS_SIZE_MAX ((size_t)64 << 10)

/* What stands before an entry and overrides what its header says. */
struct extra {
	char *path, *target;
	bool has_size;
	uint64_t size;
};

static void extra_done(struct extra *extra)
{
	free(extra->path);
	free(extra->target);
}

void tar_entry_done(struct tar_entry *entry)
{
	free(entry->path);
	free(entry->target);
	free(entry->data);
	*entry = (struct tar_entry){};
}

static int refuse(const char **ret_why, const char *why)
{
	*ret_why = why;
	return -EBADMSG;
}

static int get(FILE *f, void *buf, size_t size, const char **ret_why)
{
	errno = 0;
	if (size == 0 || fread(buf, size, 1, f) == 1)
		return 0;
	if (ferror(f))
		return errno > 0 ? -errno : -EIO;
	return refuse(ret_why, "it ends in the middle");
}

/* Octal digits between spaces and a NUL or a space; what is larger GNU tar writes otherwise. */
static int parse_octal(const char *field, size_t room, uint64_t *ret)
{
	uint64_t value = 0;
	size_t i = 0;
	bool any = false;

	while (i < room && field[i] == ' ')
		i++;
	for (; i < room && field[i] >= '0' && field[i] <= '7'; i++) {
		value = value << 3 | (uint64_t)(field[i] - '0');
		any = true;
	}
	if (!any || (i < room && field[i] != '\0' && field[i] != ' '))
		return -EBADMSG;
	*ret = value;
	return 0;
}

/* A header, or 0 at the end of the archive. */
static int read_header(FILE *f, struct tar_header *ret, const char **ret_why)
{
	static const struct tar_header zeros;
	static const unsigned char gzip[] = {0x1f, 0x8b}, zstd[] = {0x28, 0xb5, 0x2f, 0xfd};
	static const unsigned char xz[] = {0xfd, '7', 'z', 'X', 'Z'};
	uint64_t checksum;
	int r;

	r = get(f, ret, sizeof(*ret), ret_why);
	if (r < 0)
		return r;
	if (memcmp(ret, &zeros, sizeof(zeros)) == 0)
		return 0;
	if (memcmp(ret, gzip, sizeof(gzip)) == 0 || memcmp(ret, zstd, sizeof(zstd)) == 0 ||
	    memcmp(ret, xz, sizeof(xz)) == 0)
		return refuse(ret_why, "it is compressed; uncompress it first");
	if (parse_octal(ret->checksum, sizeof(ret->checksum), &checksum) < 0 ||
	    checksum != tar_header_sum(ret))
		return refuse(ret_why, "it is no tar archive, or damaged");
	return 1;
}

/* The content of an entry, with a NUL that does not count, and past what fills its last block. */
static int read_data(FILE *f, size_t size, char **ret, const char **ret_why)
{
	_cleanup_free_ char *data = malloc(size + 1);
	char padding[TAR_BLOCK];
	int r;

	if (!data)
		return -ENOMEM;
	r = get(f, data, size, ret_why);
	if (r == 0)
		r = get(f, padding, (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK, ret_why);
	if (r < 0)
		return r;
	data[size] = '\0';
	*ret = TAKE_PTR(data);
	return 0;
}

static int replace(char **field, char *value)
{
	if (!value)
		return -ENOMEM;
	free(*field);
	*field = value;
	return 0;
}

/* key=value of one record, both terminated. */
static int take_record(char *record, struct extra *extra, const char **ret_why)
{
	char *value = strchr(record, '=');

	if (!value)
		return refuse(ret_why, "a record in it is damaged");
	*value++ = '\0';
	if (strcmp(record, "path") == 0)
		return replace(&extra->path, strdup(value));
	if (strcmp(record, "linkpath") == 0)
		return replace(&extra->target, strdup(value));
	if (strncmp(record, "GNU.sparse.", strlen("GNU.sparse.")) == 0)
		return refuse(ret_why, "a file in it is sparse");
	if (strcmp(record, "size") != 0)
		return 0;
	extra->has_size = true;
	if (parse_u64(value, &extra->size) < 0)
		return refuse(ret_why, "a record in it is damaged");
	return 0;
}

static int take_records(char *text, size_t size, struct extra *extra, const char **ret_why)
{
	while (size > 0) {
		size_t digits = strspn(text, "0123456789"), length;
		int r;

		length = digits > 0 && digits < 8 ? strtoul(text, NULL, 10) : 0;
		if (text[digits] != ' ' || length < digits + strlen(" =\n") || length > size ||
		    text[length - 1] != '\n')
			return refuse(ret_why, "a record in it is damaged");
		text[length - 1] = '\0';
		/* A name that goes on behind a NUL would be checked as one and used as another. */
		if (strlen(text) != length - 1)
			return refuse(ret_why, "a record in it is damaged");
		r = take_record(text + digits + 1, extra, ret_why);
		if (r < 0)
			return r;
		text += length;
		size -= length;
	}
	return 0;
}

/* 1: it was not an entry, but something about the next one. */
static int read_extra(FILE *f, char type, uint64_t size, struct extra *extra, const char **ret_why)
{
	_cleanup_free_ char *data = NULL;
	int r;

	/* strchr() would find '\0', which is the type of a file in archives of before POSIX. */
	if (type == '\0' || !strchr("xgLK", type))
		return 0;
	if (size > RECORDS_SIZE_MAX)
		return refuse(ret_why, "a name in it is too long");
	r = read_data(f, (size_t)size, &data, ret_why);
	if (r < 0)
		return r;
	switch (type) {
	case 'x':
		r = take_records(data, (size_t)size, extra, ret_why);
		break;
	case 'L':
		r = replace(&extra->path, strdup(data));
		break;
	case 'K':
		r = replace(&extra->target, strdup(data));
		break;
	case 'g': /* such as a commit's number; what it says of names is for no captured host */
		break;
	}
	return r < 0 ? r : 1;
}

static int take_type(char type, enum tar_type *ret, const char **ret_why)
{
	switch (type) {
	case '0':
	case '\0':
	case '7':
		*ret = TAR_FILE;
		return 0;
	case '5':
		*ret = TAR_DIRECTORY;
		return 0;
	case '2':
		*ret = TAR_LINK;
		return 0;
	case '1':
		return refuse(ret_why, "a hard link is in it");
	case '3':
	case '4':
		return refuse(ret_why, "a device node is in it");
	case '6':
		return refuse(ret_why, "a FIFO is in it");
	}
	return refuse(ret_why, "there is something in it that no captured host has");
}

/* Only POSIX' own archives have a prefix there; GNU tar's have times. */
static char *header_path(const struct tar_header *header)
{
	char *path;
	int r;

	if (memcmp(header->magic, "ustar", sizeof(header->magic)) == 0 && header->prefix[0])
		r = asprintf(&path, "%.*s/%.*s", (int)sizeof(header->prefix), header->prefix,
			     (int)sizeof(header->name), header->name);
	else
		r = asprintf(&path, "%.*s", (int)sizeof(header->name), header->name);
	return r < 0 ? NULL : path;
}

/* How archives of before POSIX tell folders from files. */
static bool is_folder_name(const char *path)
{
	size_t n = strlen(path);

	return n > 0 && path[n - 1] == '/';
}

/* Headers until one is an entry's; what stood before it goes to extra. 1, or 0 at the end. */
static int read_headers(FILE *f, struct tar_header *header, struct extra *extra, uint64_t *ret_size,
			const char **ret_why)
{
	for (;;) {
		uint64_t size = 0;
		int r;

		r = read_header(f, header, ret_why);
		if (r <= 0)
			return r;
		if (parse_octal(header->size, sizeof(header->size), &size) < 0)
			return refuse(ret_why, "a size in it is damaged, or too large");
		r = read_extra(f, header->type, size, extra, ret_why);
		if (r < 0)
			return r;
		if (r > 0)
			continue;
		*ret_size = extra->has_size ? extra->size : size;
		return 1;
	}
}

int tar_read(FILE *f, struct tar_entry *ret, const char **ret_why)
{
	_cleanup_(tar_entry_done) struct tar_entry entry = {};
	_cleanup_(extra_done) struct extra extra = {};
	struct tar_header header;
	uint64_t size;
	int r;

	r = read_headers(f, &header, &extra, &size, ret_why);
	if (r <= 0)
		return r;
	r = take_type(header.type, &entry.type, ret_why);
	if (r < 0)
		return r;
	if (size > TAR_FILE_SIZE_MAX)
		return refuse(ret_why, "a file in it is too large");
	entry.path = extra.path ? TAKE_PTR(extra.path) : header_path(&header);
	if (entry.type == TAR_LINK)
		entry.target = extra.target ? TAKE_PTR(extra.target)
					    : strndup(header.linkname, sizeof(header.linkname));
	if (!entry.path || (entry.type == TAR_LINK && !entry.target))
		return -ENOMEM;
	if (header.type == '\0' && is_folder_name(entry.path))
		entry.type = TAR_DIRECTORY;
	if (entry.type == TAR_FILE) {
		r = read_data(f, (size_t)size, &entry.data, ret_why);
		if (r < 0)
			return r;
		entry.size = (size_t)size;
	} else if (size > 0) {
		return refuse(ret_why, "a folder or link in it has content");
	}
	*ret = entry;
	entry = (struct tar_entry){};
	return 1;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "initramfs/cpio.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"

/* Six digits, and 13 fields of eight hexadecimal digits each. */
#define MAGIC_SIZE  6
#define FIELD_SIZE  8
#define HEADER_SIZE (MAGIC_SIZE + 13 * FIELD_SIZE)

enum field {
	FIELD_MODE = 1,
	FIELD_SIZE_OF_FILE = 6,
	FIELD_SIZE_OF_NAME = 11,
};

#define TRAILER "TRAILER!!!"

struct header {
	uint32_t mode, size, name_size;
};

/* Header and name, and then the content, are filled up to four bytes. */
static size_t padding(uint64_t size)
{
	return (size_t)(-size & 3);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int parse_field(const char *header, enum field field, uint32_t *ret)
{
	const char *digits = header + MAGIC_SIZE + (size_t)field * FIELD_SIZE;
	uint32_t value = 0;

	for (int i = 0; i < FIELD_SIZE; i++) {
		int digit = hex_digit(digits[i]);

		if (digit < 0)
			return -EBADMSG;
		value = value << 4 | (uint32_t)digit;
	}
	*ret = value;
	return 0;
}

static int read_header(struct stream *stream, struct header *ret)
{
	char text[HEADER_SIZE];
	int r;

	r = stream_read(stream, text, sizeof(text));
	if (r < 0)
		return r;
	/* The other one has checksums, which nothing checks. */
	if (memcmp(text, "070701", MAGIC_SIZE) != 0 && memcmp(text, "070702", MAGIC_SIZE) != 0)
		return stream_refuse(stream, "it is no cpio archive of the kind newc");
	if (parse_field(text, FIELD_MODE, &ret->mode) < 0 ||
	    parse_field(text, FIELD_SIZE_OF_FILE, &ret->size) < 0 ||
	    parse_field(text, FIELD_SIZE_OF_NAME, &ret->name_size) < 0)
		return stream_refuse(stream, "a header in it is damaged");
	if (ret->name_size == 0 || ret->name_size > PATH_MAX)
		return stream_refuse(stream, "a name in it is too long");
	return 0;
}

static int read_name(struct stream *stream, size_t size, char *buf)
{
	int r;

	r = stream_read(stream, buf, size);
	if (r == 0)
		r = stream_read(stream, NULL, padding(HEADER_SIZE + size));
	if (r == 0 && buf[size - 1] != '\0')
		r = stream_refuse(stream, "a name in it is damaged");
	return r;
}

/* "./etc/x" and "/etc/x" are "etc/x". */
static const char *below_root(const char *name)
{
	while (*name == '/' || strncmp(name, "./", 2) == 0)
		name++;
	return name;
}

static int read_content(struct stream *stream, const struct header *header, char **ret)
{
	_cleanup_free_ char *content = malloc((size_t)header->size + 1);
	int r;

	if (!content)
		return -ENOMEM;
	r = stream_read(stream, content, header->size);
	if (r < 0)
		return r;
	content[header->size] = '\0';
	*ret = TAKE_PTR(content);
	return 0;
}

static int read_file(struct stream *stream, const struct header *header, const char *name,
		     const struct initramfs_reader *reader)
{
	_cleanup_free_ char *content = NULL;
	int r;

	if (S_ISREG(header->mode) && header->size <= INITRAMFS_CONTENT_MAX &&
	    reader->wants(reader->userdata, name))
		r = read_content(stream, header, &content);
	else
		r = stream_read(stream, NULL, header->size);
	if (r == 0)
		r = stream_read(stream, NULL, padding(header->size));
	if (r < 0 || S_ISDIR(header->mode) || !*name)
		return r;
	return reader->take(reader->userdata, name, content);
}

/* 1, or 0 for the entry that ends an archive. */
static int read_entry(struct stream *stream, const struct initramfs_reader *reader, size_t *n_files)
{
	struct header header = {};
	char name[PATH_MAX];
	int r;

	r = read_header(stream, &header);
	if (r == 0)
		r = read_name(stream, header.name_size, name);
	if (r < 0)
		return r;
	if (strcmp(name, TRAILER) == 0)
		return 0;
	if (++*n_files > INITRAMFS_FILES_MAX)
		return stream_refuse(stream, "it has more files than any initramfs");
	r = read_file(stream, &header, below_root(name), reader);
	return r < 0 ? r : 1;
}

static int skip_zeros(struct stream *stream)
{
	int r;

	while ((r = stream_peek(stream)) > 0) {
		size_t n = 0;

		while (n < stream->size && stream->data[n] == '\0')
			n++;
		stream_consume(stream, n);
		if (stream->size > 0)
			break;
	}
	return r;
}

int cpio_read(struct stream *stream, const struct initramfs_reader *reader, size_t *n_files)
{
	int r;

	while ((r = skip_zeros(stream)) > 0 && *stream->data == '0') {
		while ((r = read_entry(stream, reader, n_files)) > 0)
			;
		if (r < 0)
			return r;
	}
	return r;
}

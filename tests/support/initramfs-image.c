/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "initramfs-image.h"

#include <endian.h>
#include <err.h>
#include <lz4.h>
#include <lzma.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#define LZ4_BLOCK_SIZE (8U << 20)

/* Room for size more bytes at the end, which do not count yet. */
static unsigned char *make_room(struct bytes *bytes, size_t size)
{
	unsigned char *bigger;

	/* By half at least: images of many small pieces are made. */
	if (bytes->size + size >= bytes->room) {
		bytes->room = bytes->size + size + bytes->size / 2 + 1;
		bigger = realloc(bytes->data, bytes->room);
		if (!bigger)
			err(EXIT_FAILURE, "realloc");
		bytes->data = bigger;
	}
	return bytes->data + bytes->size;
}

void bytes_add(struct bytes *bytes, const void *data, size_t size)
{
	unsigned char *to = make_room(bytes, size);

	if (size > 0)
		memcpy(to, data, size);
	bytes->size += size;
}

void bytes_add_zeros(struct bytes *bytes, size_t size)
{
	memset(make_room(bytes, size), 0, size);
	bytes->size += size;
}

void bytes_done(struct bytes *bytes)
{
	free(bytes->data);
	*bytes = (struct bytes){};
}

static void pad(struct bytes *bytes, size_t size)
{
	bytes_add_zeros(bytes, -size & 3);
}

void cpio_add_entry(struct bytes *bytes, unsigned mode, const char *name, const void *content,
		    size_t size)
{
	char header[6 + 13 * 8 + 1];
	size_t name_size = strlen(name) + 1;

	/* ino, mode, uid, gid, nlink, mtime, filesize, maj, min, rmaj, rmin, namesize, chksum */
	snprintf(header, sizeof(header),
		 "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", 7U, mode, 0U, 0U, 1U,
		 0U, (unsigned)size, 0U, 0U, 0U, 0U, (unsigned)name_size, 0U);
	bytes_add(bytes, header, sizeof(header) - 1);
	bytes_add(bytes, name, name_size);
	pad(bytes, sizeof(header) - 1 + name_size);
	bytes_add(bytes, content, size);
	pad(bytes, size);
}

void cpio_add(struct bytes *bytes, const char *name, const char *content)
{
	cpio_add_entry(bytes, CPIO_FILE, name, content, strlen(content));
}

void cpio_end(struct bytes *bytes)
{
	cpio_add_entry(bytes, 0, "TRAILER!!!", "", 0);
}

static void add_gzip(struct bytes *bytes, const struct bytes *plain)
{
	z_stream stream = {.next_in = plain->data, .avail_in = (uInt)plain->size};
	size_t room;

	if (deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		errx(EXIT_FAILURE, "deflateInit2");
	room = deflateBound(&stream, plain->size);
	stream.next_out = make_room(bytes, room);
	stream.avail_out = (uInt)room;
	if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
		errx(EXIT_FAILURE, "deflate");
	bytes->size += stream.total_out;
	deflateEnd(&stream);
}

static void add_zstd(struct bytes *bytes, const struct bytes *plain)
{
	size_t room = ZSTD_compressBound(plain->size), n;

	n = ZSTD_compress(make_room(bytes, room), room, plain->data, plain->size, 3);
	if (ZSTD_isError(n))
		errx(EXIT_FAILURE, "ZSTD_compress");
	bytes->size += n;
}

static void add_xz(struct bytes *bytes, const struct bytes *plain)
{
	size_t room = lzma_stream_buffer_bound(plain->size), n = 0;

	/* The smallest dictionary, and the check that the kernel knows. */
	if (lzma_easy_buffer_encode(0, LZMA_CHECK_CRC32, NULL, plain->data, plain->size,
				    make_room(bytes, room), &n, room) != LZMA_OK)
		errx(EXIT_FAILURE, "lzma_easy_buffer_encode");
	bytes->size += n;
}

static void add_lz4(struct bytes *bytes, const struct bytes *plain)
{
	uint32_t word = htole32(0x184c2102);

	bytes_add(bytes, &word, sizeof(word));
	for (size_t at = 0; at < plain->size; at += LZ4_BLOCK_SIZE) {
		size_t size = plain->size - at < LZ4_BLOCK_SIZE ? plain->size - at : LZ4_BLOCK_SIZE;
		int room = LZ4_compressBound((int)size), n;
		unsigned char *to = make_room(bytes, sizeof(word) + (size_t)room);

		n = LZ4_compress_default((const char *)plain->data + at, (char *)to + sizeof(word),
					 (int)size, room);
		if (n <= 0)
			errx(EXIT_FAILURE, "LZ4_compress_default");
		word = htole32((uint32_t)n);
		memcpy(to, &word, sizeof(word));
		bytes->size += sizeof(word) + (size_t)n;
	}
}

void bytes_add_packed(struct bytes *bytes, enum packing packing, const struct bytes *plain)
{
	switch (packing) {
	case PACKING_GZIP:
		return add_gzip(bytes, plain);
	case PACKING_ZSTD:
		return add_zstd(bytes, plain);
	case PACKING_XZ:
		return add_xz(bytes, plain);
	case PACKING_LZ4:
		return add_lz4(bytes, plain);
	case PACKING_NONE:
	case PACKING_MAX:
		break;
	}
	bytes_add(bytes, plain->data, plain->size);
}

int bytes_open(const struct bytes *bytes)
{
	int fd = memfd_create("initramfs", MFD_CLOEXEC);
	size_t done = 0;

	if (fd < 0)
		err(EXIT_FAILURE, "memfd_create");
	while (done < bytes->size) {
		ssize_t n = pwrite(fd, bytes->data + done, bytes->size - done, (off_t)done);

		if (n <= 0)
			err(EXIT_FAILURE, "pwrite");
		done += (size_t)n;
	}
	return fd;
}

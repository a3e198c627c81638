/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "initramfs/initramfs.h"

#include <errno.h>

#include "base/cleanup.h"
#include "initramfs/cpio.h"
#include "initramfs/unpack.h"

/* On the heap: a stack is not the place for two chunks. */
struct reading {
	struct stream_file file;
	struct unpack unpack;
	uint64_t left;
	size_t n_files;
};

/* Archives that are packed together, as far as the packed part goes. */
static int read_packed(struct reading *reading, const struct unpack_format *format,
		       const struct initramfs_reader *reader)
{
	struct stream *stream = &reading->unpack.stream;
	int r;

	r = unpack_init(&reading->unpack, format, &reading->file.stream, &reading->left);
	if (r == 0)
		r = cpio_read(stream, reader, &reading->n_files);
	if (r > 0)
		r = stream_refuse(stream, "what is packed in it is no cpio archive");
	reading->file.stream.why = stream->why;
	unpack_done(&reading->unpack);
	return r;
}

/* unpack_to_rootfs() goes through it in the same way. */
static int read_all(struct reading *reading, const struct initramfs_reader *reader)
{
	struct stream *stream = &reading->file.stream;
	int r;

	while ((r = cpio_read(stream, reader, &reading->n_files)) > 0) {
		const struct unpack_format *format;

		r = stream_file_gather(&reading->file, UNPACK_MAGIC_SIZE);
		if (r < 0)
			return r;
		format = unpack_find(stream->data, stream->size);
		if (!format)
			return stream_refuse(stream, "it is packed neither with gzip nor with "
						     "zstd, xz or lz4");
		r = read_packed(reading, format, reader);
		if (r < 0)
			return r;
	}
	return r;
}

int initramfs_read(int fd, const struct initramfs_reader *reader, const char **ret_why)
{
	_cleanup_free_ struct reading *reading = malloc(sizeof(*reading));
	int r;

	if (!reading)
		return -ENOMEM;
	stream_file_init(&reading->file, fd, INITRAMFS_SIZE_MAX);
	reading->left = INITRAMFS_SIZE_MAX;
	reading->n_files = 0;
	r = read_all(reading, reader);
	if (r == -EBADMSG)
		*ret_why = reading->file.stream.why ?: "it is damaged";
	return r;
}

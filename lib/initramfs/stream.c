/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "initramfs/stream.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int stream_refuse(struct stream *stream, const char *why)
{
	stream->why = why;
	return -EBADMSG;
}

/* Behind what is in buf, of which there are size bytes. 1, or 0 at the end, or negative errno. */
static int read_behind(struct stream_file *file, size_t size)
{
	ssize_t n;

	do
		n = read(file->fd, file->buf + size, sizeof(file->buf) - size);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if ((uint64_t)n > file->left)
		return stream_refuse(&file->stream, "it is larger than any initramfs");
	file->left -= (uint64_t)n;
	file->stream.data = file->buf;
	file->stream.size = size + (size_t)n;
	return n > 0;
}

static int fill_from_file(struct stream *stream)
{
	return read_behind((struct stream_file *)stream, 0);
}

int stream_file_gather(struct stream_file *file, size_t n)
{
	int r = 1;

	if (file->stream.size < n)
		memmove(file->buf, file->stream.data, file->stream.size);
	while (r > 0 && file->stream.size < n)
		r = read_behind(file, file->stream.size);
	return r < 0 ? r : 0;
}

void stream_file_init(struct stream_file *file, int fd, uint64_t size_max)
{
	file->stream = (struct stream){.data = file->buf, .fill = fill_from_file};
	file->fd = fd;
	file->left = size_max;
}

int stream_peek(struct stream *stream)
{
	return stream->size > 0 ? 1 : stream->fill(stream);
}

void stream_consume(struct stream *stream, size_t n)
{
	stream->data += n;
	stream->size -= n;
}

int stream_read_some(struct stream *stream, void *buf, size_t n, size_t *ret_n)
{
	size_t done = 0;

	while (done < n) {
		size_t part = n - done;
		int r = stream_peek(stream);

		if (r < 0)
			return r;
		if (r == 0)
			break;
		if (part > stream->size)
			part = stream->size;
		memcpy((char *)buf + done, stream->data, part);
		stream_consume(stream, part);
		done += part;
	}
	*ret_n = done;
	return 0;
}

int stream_read(struct stream *stream, void *buf, uint64_t n)
{
	char *to = buf;

	while (n > 0) {
		size_t part;
		int r = stream_peek(stream);

		if (r < 0)
			return r;
		if (r == 0)
			return stream_refuse(stream, "it ends in the middle");
		part = n < stream->size ? (size_t)n : stream->size;
		if (to) {
			memcpy(to, stream->data, part);
			to += part;
		}
		stream_consume(stream, part);
		n -= part;
	}
	return 0;
}

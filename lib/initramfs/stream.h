/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_INITRAMFS_STREAM_H
#define DAXTIER_INITRAMFS_STREAM_H

/* Bytes one after the other, of a file or of what is packed in another stream; a part at a time. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STREAM_CHUNK ((size_t)64 << 10)

struct stream {
	const unsigned char *data; /* what is there now */
	size_t size;
	/* Called when that has been used up. 1 with more, 0 at the end, or negative errno. */
	int (*fill)(struct stream *stream);
	const char *why; /* what is wrong with it, after -EBADMSG; static */
};

/* A file from where its descriptor stands, which is borrowed. */
struct stream_file {
	struct stream stream; /* first, so that one is the other */
	int fd;
	uint64_t left; /* that it may still have */
	unsigned char buf[STREAM_CHUNK];
};

void stream_file_init(struct stream_file *file, int fd, uint64_t size_max);
/* Sees to it that the next n bytes are there at once, unless it ends before. 0 or negative errno.
 */
int stream_file_gather(struct stream_file *file, size_t n);

/* -EBADMSG, for the reason why. */
int stream_refuse(struct stream *stream, const char *why);

/* Sees to it that there is at least a byte: 1, or 0 at the end, or negative errno. */
int stream_peek(struct stream *stream);
void stream_consume(struct stream *stream, size_t n);

/* buf NULL: passes over them. -EBADMSG: it ends before. */
int stream_read(struct stream *stream, void *buf, uint64_t n);
/* As much as there is, up to n. */
int stream_read_some(struct stream *stream, void *buf, size_t n, size_t *ret_n);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_INITRAMFS_UNPACK_H
#define DAXTIER_INITRAMFS_UNPACK_H

/*
 * What is packed in a stream, as a stream of its own, which ends where the packed part does; what
 * is behind that is still to be read from the first one. Formats are those that both the kernel
 * (lib/decompress.c) and today's distributions know.
 */

#include "initramfs/stream.h"

/* For a dictionary: as much as "zstd --ultra" and "xz -9" ask for. */
#define UNPACK_MEMORY_MAX ((size_t)128 << 20)

struct unpack {
	struct stream stream; /* first, so that one is the other */
	struct stream *from;  /* borrowed */
	const struct unpack_format *format;
	void *state;	/* of the format's library */
	bool end;	/* of the packed part */
	bool full;	/* buf was, so that there may be more without any input */
	uint64_t *left; /* that may still be unpacked, of all parts together; borrowed */
	unsigned char buf[STREAM_CHUNK];
};

struct unpack_format {
	const char *magic;
	size_t magic_size;
	int (*init)(struct unpack *unpack);
	/* Unpacks some of from to stream, or sets end. 0 or negative errno. */
	int (*more)(struct unpack *unpack);
	void (*done)(struct unpack *unpack);
};

extern const struct unpack_format unpack_gzip, unpack_lz4, unpack_xz, unpack_zstd;

/* The format that these bytes begin; NULL: none that we know. */
const struct unpack_format *unpack_find(const unsigned char *data, size_t size);

/* The size of the longest magic. */
#define UNPACK_MAGIC_SIZE 6

/* unpack_done() also after a failure. 0 or negative errno. */
int unpack_init(struct unpack *unpack, const struct unpack_format *format, struct stream *from,
		uint64_t *left);
void unpack_done(struct unpack *unpack);

/* For the formats: that there is input, whose end would be a truncation. 1 or negative errno. */
int unpack_need(struct unpack *unpack);
/* For the formats: what was unpacked. */
void unpack_give(struct unpack *unpack, const unsigned char *data, size_t size);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * LZ4 as the kernel takes it (lib/decompress_unlz4.c): the legacy format of "lz4 -l", a magic and
 * then blocks, each with its size before it and of 8 MiB at most when unpacked. Nothing in it says
 * where it ends, so it goes on to the end of the file.
 */

#include <endian.h>
#include <errno.h>
#include <lz4.h>
#include <stdlib.h>
#include <string.h>

#include "initramfs/unpack.h"

#define MAGIC	   UINT32_C(0x184c2102)
#define BLOCK_SIZE (8 << 20)

struct blocks {
	char unpacked[BLOCK_SIZE];
	char packed[LZ4_COMPRESSBOUND(BLOCK_SIZE)];
};

static int lz4_init(struct unpack *unpack)
{
	unpack->state = malloc(sizeof(struct blocks));
	return unpack->state ? 0 : -ENOMEM;
}

static int damaged(struct unpack *unpack)
{
	return stream_refuse(&unpack->stream, "what lz4 packed is damaged");
}

/* The size of the next block, past any magic: files are packed one after the other, too. 0: end. */
static int read_size(struct unpack *unpack, size_t *ret)
{
	uint32_t word = 0;
	size_t n = 0;

	do {
		int r = stream_read_some(unpack->from, &word, sizeof(word), &n);

		if (r < 0)
			return r;
		word = le32toh(word);
	} while (n == sizeof(word) && word == MAGIC);
	if (n == 0)
		word = 0;
	else if (n < sizeof(word))
		return stream_refuse(&unpack->stream, "it ends in the middle");
	else if (word == 0 || word > sizeof(((struct blocks *)NULL)->packed))
		return damaged(unpack);
	*ret = word;
	return 0;
}

static int lz4_more(struct unpack *unpack)
{
	struct blocks *blocks = unpack->state;
	size_t size = 0;
	int n, r;

	r = read_size(unpack, &size);
	if (r == 0)
		r = stream_read(unpack->from, blocks->packed, size);
	if (r < 0) {
		if (!unpack->stream.why)
			unpack->stream.why = unpack->from->why;
		return r;
	}
	unpack->end = size == 0;
	if (unpack->end)
		return 0;
	n = LZ4_decompress_safe(blocks->packed, blocks->unpacked, (int)size, BLOCK_SIZE);
	if (n < 0)
		return damaged(unpack);
	unpack_give(unpack, (const unsigned char *)blocks->unpacked, (size_t)n);
	return 0;
}

static void lz4_done(struct unpack *unpack)
{
	free(unpack->state);
}

const struct unpack_format unpack_lz4 = {
	.magic = "\x02\x21\x4c\x18",
	.magic_size = 4,
	.init = lz4_init,
	.more = lz4_more,
	.done = lz4_done,
};

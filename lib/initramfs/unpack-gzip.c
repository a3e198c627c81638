/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <zlib.h>

#include "initramfs/unpack.h"

/* Of a window of 32 KiB, and a gzip header, not zlib's own. */
#define WINDOW_BITS_GZIP (15 + 16)

static int gzip_init(struct unpack *unpack)
{
	z_stream *state = calloc(1, sizeof(*state));

	if (!state)
		return -ENOMEM;
	if (inflateInit2(state, WINDOW_BITS_GZIP) != Z_OK) {
		free(state);
		return -ENOMEM;
	}
	unpack->state = state;
	return 0;
}

static int gzip_more(struct unpack *unpack)
{
	z_stream *state = unpack->state;
	struct stream *from = unpack->from;
	int r;

	r = unpack_need(unpack);
	if (r < 0)
		return r;
	state->next_in = (z_const Bytef *)from->data;
	state->avail_in = (uInt)from->size;
	state->next_out = unpack->buf;
	state->avail_out = sizeof(unpack->buf);
	r = inflate(state, Z_NO_FLUSH);
	if (r == Z_MEM_ERROR)
		return -ENOMEM;
	if (r != Z_OK && r != Z_STREAM_END)
		return stream_refuse(&unpack->stream, "what gzip packed is damaged");
	stream_consume(from, from->size - state->avail_in);
	unpack_give(unpack, unpack->buf, sizeof(unpack->buf) - state->avail_out);
	unpack->end = r == Z_STREAM_END;
	return 0;
}

static void gzip_done(struct unpack *unpack)
{
	inflateEnd(unpack->state);
	free(unpack->state);
}

const struct unpack_format unpack_gzip = {
	.magic = "\x1f\x8b",
	.magic_size = 2,
	.init = gzip_init,
	.more = gzip_more,
	.done = gzip_done,
};

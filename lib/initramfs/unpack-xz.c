/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <lzma.h>
#include <stdlib.h>

#include "initramfs/unpack.h"

static int xz_init(struct unpack *unpack)
{
	lzma_stream *state = calloc(1, sizeof(*state));
	lzma_ret r;

	if (!state)
		return -ENOMEM;
	r = lzma_stream_decoder(state, UNPACK_MEMORY_MAX, 0);
	if (r != LZMA_OK) {
		free(state);
		return r == LZMA_MEM_ERROR ? -ENOMEM : -EINVAL;
	}
	unpack->state = state;
	return 0;
}

static int xz_more(struct unpack *unpack)
{
	lzma_stream *state = unpack->state;
	struct stream *from = unpack->from;
	lzma_ret error;
	int r;

	r = unpack_need(unpack);
	if (r < 0)
		return r;
	state->next_in = from->data;
	state->avail_in = from->size;
	state->next_out = unpack->buf;
	state->avail_out = sizeof(unpack->buf);
	error = lzma_code(state, LZMA_RUN);
	if (error == LZMA_MEM_ERROR)
		return -ENOMEM;
	if (error != LZMA_OK && error != LZMA_STREAM_END)
		return stream_refuse(&unpack->stream, "what xz packed is damaged");
	stream_consume(from, from->size - state->avail_in);
	unpack_give(unpack, unpack->buf, sizeof(unpack->buf) - state->avail_out);
	unpack->end = error == LZMA_STREAM_END;
	return 0;
}

static void xz_done(struct unpack *unpack)
{
	lzma_end(unpack->state);
	free(unpack->state);
}

const struct unpack_format unpack_xz = {
	.magic = "\xfd"
		 "7zXZ",
	.magic_size = 6,
	.init = xz_init,
	.more = xz_more,
	.done = xz_done,
};

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "initramfs/unpack.h"

#define WINDOW_LOG_MAX 27

_Static_assert(UNPACK_MEMORY_MAX == (size_t)1 << WINDOW_LOG_MAX, "the same limit");

static int zstd_init(struct unpack *unpack)
{
	ZSTD_DCtx *state = ZSTD_createDCtx();

	if (!state)
		return -ENOMEM;
	unpack->state = state;
	return ZSTD_isError(ZSTD_DCtx_setParameter(state, ZSTD_d_windowLogMax, WINDOW_LOG_MAX))
		       ? -EINVAL
		       : 0;
}

static int zstd_more(struct unpack *unpack)
{
	ZSTD_outBuffer out = {.dst = unpack->buf, .size = sizeof(unpack->buf)};
	ZSTD_inBuffer in;
	size_t left;
	int r;

	/* The end of a frame may have been read long before it is written. */
	r = unpack->full ? 0 : unpack_need(unpack);
	if (r < 0)
		return r;
	in = (ZSTD_inBuffer){.src = unpack->from->data, .size = unpack->from->size};
	left = ZSTD_decompressStream(unpack->state, &out, &in);
	if (ZSTD_isError(left))
		return ZSTD_getErrorCode(left) == ZSTD_error_memory_allocation
			       ? -ENOMEM
			       : stream_refuse(&unpack->stream, "what zstd packed is damaged");
	stream_consume(unpack->from, in.pos);
	unpack_give(unpack, unpack->buf, out.pos);
	unpack->end = left == 0;
	unpack->full = out.pos == out.size;
	return 0;
}

static void zstd_done(struct unpack *unpack)
{
	ZSTD_freeDCtx(unpack->state);
}

const struct unpack_format unpack_zstd = {
	.magic = "\x28\xb5\x2f\xfd",
	.magic_size = 4,
	.init = zstd_init,
	.more = zstd_more,
	.done = zstd_done,
};

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/gunzip.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

#include "base/cleanup.h"

/* Some 300 KiB are usual. A small file can unpack to whatever somebody wants. */
#define TEXT_SIZE_FIRST ((size_t)512 << 10)
#define TEXT_SIZE_MAX	((size_t)16 << 20)

/* Of a window of 32 KiB, and a gzip header, not zlib's own. */
#define WINDOW_BITS_GZIP (15 + 16)

/* Unpacks on into text, which has room for size bytes; Z_OK wants more room. */
static int unpack(z_stream *stream, char *text, size_t size)
{
	stream->next_out = (Bytef *)text + stream->total_out;
	stream->avail_out = (uInt)(size - stream->total_out);
	return inflate(stream, Z_NO_FLUSH);
}

static int unpack_all(z_stream *stream, char **ret)
{
	_cleanup_free_ char *text = NULL;
	int r = Z_OK;

	for (size_t size = TEXT_SIZE_FIRST; r == Z_OK; size *= 2) {
		char *bigger;

		if (size > TEXT_SIZE_MAX)
			return -EBADMSG;
		bigger = realloc(text, size + 1);
		if (!bigger)
			return -ENOMEM;
		text = bigger;
		r = unpack(stream, text, size);
		/* There is room left, so it is the input that has ended. */
		if (r == Z_OK && stream->avail_out > 0)
			return -EBADMSG;
	}
	if (r != Z_STREAM_END)
		return r == Z_MEM_ERROR ? -ENOMEM : -EBADMSG;
	text[stream->total_out] = '\0';
	*ret = TAKE_PTR(text);
	return 0;
}

int gunzip(const char *packed, size_t size, char **ret)
{
	z_stream stream = {.next_in = (z_const Bytef *)packed, .avail_in = (uInt)size};
	int r;

	if (size > UINT_MAX)
		return -EBADMSG;
	if (inflateInit2(&stream, WINDOW_BITS_GZIP) != Z_OK)
		return -ENOMEM;
	r = unpack_all(&stream, ret);
	inflateEnd(&stream);
	return r;
}

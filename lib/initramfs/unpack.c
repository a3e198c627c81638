/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "initramfs/unpack.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"

static const struct unpack_format *const formats[] = {
	&unpack_gzip,
	&unpack_lz4,
	&unpack_xz,
	&unpack_zstd,
};

const struct unpack_format *unpack_find(const unsigned char *data, size_t size)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (size >= formats[i]->magic_size &&
		    memcmp(data, formats[i]->magic, formats[i]->magic_size) == 0)
			return formats[i];
	return NULL;
}

int unpack_need(struct unpack *unpack)
{
	int r = stream_peek(unpack->from);

	if (r < 0)
		unpack->stream.why = unpack->from->why;
	return r == 0 ? stream_refuse(&unpack->stream, "it ends in the middle") : r;
}

void unpack_give(struct unpack *unpack, const unsigned char *data, size_t size)
{
	unpack->stream.data = data;
	unpack->stream.size = size;
}

static int fill_unpacked(struct stream *stream)
{
	struct unpack *unpack = (struct unpack *)stream;

	while (!unpack->end) {
		int r = unpack->format->more(unpack);

		if (r < 0)
			return r;
		if (stream->size > *unpack->left)
			return stream_refuse(stream, "it unpacks to more than any initramfs");
		*unpack->left -= stream->size;
		if (stream->size > 0)
			return 1;
	}
	return 0;
}

int unpack_init(struct unpack *unpack, const struct unpack_format *format, struct stream *from,
		uint64_t *left)
{
	unpack->stream = (struct stream){.fill = fill_unpacked};
	unpack->from = from;
	unpack->format = format;
	unpack->state = NULL;
	unpack->end = false;
	unpack->full = false;
	unpack->left = left;
	return format->init(unpack);
}

void unpack_done(struct unpack *unpack)
{
	if (unpack->state)
		unpack->format->done(unpack);
	unpack->state = NULL;
}

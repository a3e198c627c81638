/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What writes to the decoders of CXL endpoints do. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "fake-kernel-model.h"

#define UNIT (256 * FAKE_KERNEL_MIB)

/* Decoders give out a memdev's capacity in their order: what others hold of
 * this mode. */
static int other_decoders(const char *root, const struct fk_decoder *decoder, uint64_t *ret_held,
			  int *ret_later, int *ret_gap)
{
	uint64_t held = 0;
	int later = 0, gap = 0;

	for (unsigned i = 0;; i++) {
		struct fk_decoder other;
		char *name = fk_path("%.*s.%u", (int)strcspn(decoder->name, "."), decoder->name, i);
		uint64_t size;
		int r = fk_decoder_load(root, name, &other);

		free(name);
		if (r < 0)
			break;
		size = i == decoder->id ? 0 : fk_cxl_u64(root, other.path, "dpa_size");
		held += size;
		later |= i > decoder->id && size > 0;
		gap |= i < decoder->id && size == 0;
	}
	*ret_held = held;
	*ret_later = later;
	*ret_gap = gap;
	return 0;
}

static uint64_t capacity(const char *root, const struct fk_decoder *decoder, const char *mode)
{
	char *part = fk_path("%s/%s", decoder->memdev, mode);
	uint64_t size = fk_cxl_u64(root, part, "size");

	free(part);
	return size;
}

static int is_committed(const char *root, const char *region)
{
	char *path = fk_path("sys/bus/cxl/devices/%s", region);
	int committed = region[0] && fk_cxl_u64(root, path, "commit");

	free(path);
	return committed;
}

/* cxl_dpa_set_mode() */
static int store_mode(const char *root, const struct fk_decoder *decoder, const char *value,
		      const char *region)
{
	const char *mode = fk_word_is(value, "ram")    ? "ram"
			   : fk_word_is(value, "pmem") ? "pmem"
						       : "";

	if (!mode[0])
		return -EINVAL;
	if (is_committed(root, region))
		return -EBUSY;
	if (capacity(root, decoder, mode) == 0)
		return -ENXIO;
	fk_put(root, decoder->path, "mode", "%s", mode);
	return 0;
}

/* dpa_size_store(): cxl_dpa_free(), then cxl_dpa_alloc() */
static int store_dpa_size(const char *root, const struct fk_decoder *decoder, const char *value,
			  const char *region)
{
	uint64_t size, held, own = fk_cxl_u64(root, decoder->path, "dpa_size");
	char *end, *mode;
	int later, gap, r = 0;

	size = strtoull(value, &end, 0);
	if (end == value || (*end && strcmp(end, "\n") != 0) || size % UNIT)
		return -EINVAL;
	other_decoders(root, decoder, &held, &later, &gap);
	if (own > 0 && (region[0] || later))
		return -EBUSY;
	fk_put(root, decoder->path, "dpa_size", "0x%016x", 0);
	if (size == 0)
		return 0;
	mode = fk_cxl_get(root, decoder->path, "mode");
	if (strcmp(mode, "none") == 0)
		r = -EINVAL;
	else if (held + size > capacity(root, decoder, mode))
		r = -ENOSPC;
	else if (later || gap)
		r = -EBUSY;
	else
		fk_put(root, decoder->path, "dpa_size", "0x%016" PRIx64, size);
	free(mode);
	return r;
}

int fk_store_decoder(const char *root, const char *path, const char *value)
{
	char *copy = fk_path("%s", path), *attribute = strrchr(copy, '/'), *region;
	struct fk_decoder decoder;
	int r = -EACCES;

	*attribute++ = '\0';
	if (fk_decoder_load(root, strrchr(copy, '/') + 1, &decoder) == 0) {
		region = fk_cxl_get(root, decoder.path, "region");
		if (strcmp(attribute, "mode") == 0)
			r = store_mode(root, &decoder, value, region);
		else if (strcmp(attribute, "dpa_size") == 0)
			r = store_dpa_size(root, &decoder, value, region);
		free(region);
	}
	free(copy);
	return r;
}

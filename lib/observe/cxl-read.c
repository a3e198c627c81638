/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/cxl-read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"

int cxl_need_u64(struct look *look, const char *directory, const char *attribute, uint64_t *ret,
		 bool *incomplete)
{
	_cleanup_free_ char *text = NULL;
	int r;

	r = look_string(look, &text, "%s/%s", directory, attribute);
	if (r < 0)
		return r;
	r = text ? parse_u64(text, ret) : -ENOENT;
	if (r == 0)
		return 0;
	*incomplete = true;
	return look_failed(look, r, "%s/%s", directory, attribute);
}

int cxl_need_unsigned(struct look *look, const char *directory, const char *attribute,
		      unsigned *ret, bool *incomplete)
{
	uint64_t value = 0;
	int r;

	r = cxl_need_u64(look, directory, attribute, &value, incomplete);
	if (r < 0)
		return r;
	if (value > UINT32_MAX) {
		*incomplete = true;
		return look_failed(look, -ERANGE, "%s/%s", directory, attribute);
	}
	*ret = (unsigned)value;
	return 0;
}

int cxl_need_bool(struct look *look, const char *directory, const char *attribute, bool *ret,
		  bool *incomplete)
{
	uint64_t value = 0;
	int r;

	r = cxl_need_u64(look, directory, attribute, &value, incomplete);
	*ret = value != 0;
	return r;
}

int cxl_qos_class(struct look *look, const char *directory, const char *attribute, int *ret)
{
	_cleanup_free_ char *text = NULL;
	int value, r;

	*ret = -1;
	r = look_string(look, &text, "%s/%s", directory, attribute);
	if (r < 0 || !text)
		return r;
	if (parse_int(text, &value) == 0 && value >= 0)
		*ret = value;
	return 0;
}

void *cxl_grow(void **array, size_t n, size_t size)
{
	char *grown = reallocarray(*array, n + 1, size);

	if (!grown)
		return NULL;
	*array = grown;
	memset(grown + n * size, 0, size);
	return grown + n * size;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/strv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

int strv_add_take(struct strv *list, char *s)
{
	_cleanup_free_ char *item = s;
	char **items;

	if (!item)
		return -ENOMEM;
	items = reallocarray(list->items, list->n + 2, sizeof(*items));
	if (!items)
		return -ENOMEM;
	list->items = items;
	items[list->n++] = TAKE_PTR(item);
	items[list->n] = NULL;
	return 0;
}

int strv_add(struct strv *list, const char *s)
{
	return strv_add_take(list, strdup(s));
}

int strv_addv(struct strv *list, const char *format, va_list ap)
{
	char *s;

	if (vasprintf(&s, format, ap) < 0)
		return -ENOMEM;
	return strv_add_take(list, s);
}

int strv_addf(struct strv *list, const char *format, ...)
{
	va_list ap;
	int r;

	va_start(ap, format);
	r = strv_addv(list, format, ap);
	va_end(ap);
	return r;
}

int strv_copy(struct strv *to, const struct strv *from)
{
	for (size_t i = 0; i < from->n; i++) {
		int r = strv_add(to, from->items[i]);

		if (r < 0) {
			strv_done(to);
			return r;
		}
	}
	return 0;
}

static int compare_version(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

void strv_sort(struct strv *list)
{
	if (list->n > 1)
		qsort(list->items, list->n, sizeof(*list->items), compare_version);
}

int strv_contains(const struct strv *list, const char *s)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->items[i], s) == 0)
			return 1;
	return 0;
}

void strv_done(struct strv *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct strv){};
}

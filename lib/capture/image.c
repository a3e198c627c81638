/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/image.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "capture/tar.h"

struct image {
	void *entries; /* struct tar_entry by path, as tsearch(3) has it */
};

static int compare_entries(const void *a, const void *b)
{
	const struct tar_entry *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static void entry_free(void *p)
{
	tar_entry_done(p);
	free(p);
}

struct image *image_new(void)
{
	return calloc(1, sizeof(struct image));
}

struct image *image_free(struct image *image)
{
	if (!image)
		return NULL;
	tdestroy(image->entries, entry_free);
	free(image);
	return NULL;
}

static struct tar_entry *find(const struct image *image, const char *path)
{
	struct tar_entry key = {.path = (char *)path}, **found;

	found = tfind(&key, &image->entries, compare_entries);
	return found ? *found : NULL;
}

/* The entry of that path, made when there is none. NULL on out of memory. */
static struct tar_entry *get_entry(struct image *image, const char *path, enum tar_type type)
{
	struct tar_entry *entry = find(image, path);

	if (entry)
		return entry;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return NULL;
	entry->type = type;
	entry->path = strdup(path);
	if (!entry->path || !tsearch(entry, &image->entries, compare_entries)) {
		entry_free(entry);
		return NULL;
	}
	return entry;
}

int image_put_file(struct image *image, const char *path, const void *data, size_t size)
{
	_cleanup_free_ char *copy = malloc(size + 1);
	struct tar_entry *entry;

	if (!copy)
		return -ENOMEM;
	if (size > 0)
		memcpy(copy, data, size);
	copy[size] = '\0';
	entry = get_entry(image, path, TAR_FILE);
	if (!entry)
		return -ENOMEM;
	entry->type = TAR_FILE;
	free(entry->target);
	entry->target = NULL;
	free(entry->data);
	entry->data = TAKE_PTR(copy);
	entry->size = size;
	return 0;
}

int image_put_directory(struct image *image, const char *path)
{
	return get_entry(image, path, TAR_DIRECTORY) ? 0 : -ENOMEM;
}

int image_put_link(struct image *image, const char *path, const char *target)
{
	_cleanup_free_ char *copy = NULL;
	struct tar_entry *entry;

	if (find(image, path))
		return 0;
	copy = strdup(target);
	entry = copy ? get_entry(image, path, TAR_LINK) : NULL;
	if (!entry)
		return -ENOMEM;
	entry->target = TAKE_PTR(copy);
	return 0;
}

int image_append(struct image *image, const char *path, const char *text)
{
	_cleanup_free_ char *whole = NULL;
	int n;

	n = asprintf(&whole, "%s%s", image_get(image, path) ?: "", text);
	if (n < 0) {
		whole = NULL;
		return -ENOMEM;
	}
	return image_put_file(image, path, whole, (size_t)n);
}

const char *image_get(const struct image *image, const char *path)
{
	const struct tar_entry *entry = find(image, path);

	return entry ? entry->data : NULL;
}

struct writing {
	FILE *f;
	uint64_t mtime;
	int error;
};

static void write_entry(const void *node, VISIT visit, void *closure)
{
	struct tar_entry *const *entry = node;
	struct writing *writing = closure;

	if (writing->error == 0 && (visit == postorder || visit == leaf))
		writing->error = tar_write(writing->f, *entry, writing->mtime);
}

int image_write(const struct image *image, FILE *f, uint64_t mtime)
{
	struct writing writing = {.f = f, .mtime = mtime};

	twalk_r(image->entries, write_entry, &writing);
	return writing.error < 0 ? writing.error : tar_write_end(f);
}

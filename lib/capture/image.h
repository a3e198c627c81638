/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CAPTURE_IMAGE_H
#define DAXTIER_CAPTURE_IMAGE_H

/*
 * A captured host in memory: files, folders and links by their paths below the root, which have no
 * leading slash and pass through no link.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct image;

struct image *image_new(void); /* NULL on out of memory */
struct image *image_free(struct image *image);
static inline void image_freep(struct image **image)
{
	image_free(*image);
}

/*
 * All copy what they get, and return 0 or -ENOMEM. A file takes the place of what is there; a
 * folder and a link do not.
 */
int image_put_file(struct image *image, const char *path, const void *data, size_t size);
int image_put_directory(struct image *image, const char *path);
int image_put_link(struct image *image, const char *path, const char *target);
/* Behind what the file holds, if there is one. */
int image_append(struct image *image, const char *path, const char *text);

/* The file's content, which has a NUL behind it; NULL when there is no such file. */
const char *image_get(const struct image *image, const char *path);

/* Everything as an archive, sorted by path. mtime in seconds. 0 or negative errno. */
int image_write(const struct image *image, FILE *f, uint64_t mtime);

#endif

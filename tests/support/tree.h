/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_TESTS_TREE_H
#define DAXTIER_TESTS_TREE_H

/*
 * A directory tree that a test builds: files, links and folders below a root, the folders on the
 * way to them made as needed. Everything aborts on failure, since a test cannot go on without.
 */

#include <stddef.h>

#define TREE_FORMAT(n) __attribute__((format(printf, n, n + 1)))

/* A new empty directory below $TMPDIR, else /dev/shm, else /tmp; owned by the caller, for
 * tree_remove(). */
char *tree_new(void);
/*
 * Where a model says what must never be done to the host, whichever process did it: a tree in which
 * this stands is not removed, and the test ends there.
 */
#define TREE_VIOLATION ".fake-kernel/violation"

/* Removes it with all that is in it, and frees the path; NULL is fine. Returns NULL. */
char *tree_remove(char *root);
/* Removes what stands at path, a directory with all that is in it; fine when nothing does. */
void tree_delete(const char *root, const char *path);

/* Replaces the file's content as a whole, so that a reader sees the old one or the new one. */
void tree_put(const char *root, const char *path, const char *content);
void tree_putf(const char *root, const char *path, const char *format, ...) TREE_FORMAT(3);
void tree_put_blob(const char *root, const char *path, const void *data, size_t size);
void tree_dir(const char *root, const char *path);
void tree_link(const char *root, const char *path, const char *target); /* replaces a link */

/* The file's content, NULL when there is no such file. Owned by the caller. */
char *tree_get(const char *root, const char *path);
int tree_has(const char *root, const char *path); /* links are not followed */

static inline void tree_removep(char **root)
{
	*root = tree_remove(*root);
}

#endif

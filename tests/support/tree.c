/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void __attribute__((noreturn, format(printf, 1, 2))) die(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fprintf(stderr, ": %m\n");
	abort();
}

static char *join(const char *root, const char *path)
{
	char *ret;

	if (asprintf(&ret, "%s/%s", root, path) < 0)
		die("out of memory");
	return ret;
}

/* Makes the folders above the last component of an absolute path. */
static void make_parents(char *path)
{
	for (size_t i = 1; path[i]; i++) {
		if (path[i] != '/')
			continue;
		path[i] = '\0';
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			die("mkdir %s", path);
		path[i] = '/';
	}
}

/* In memory where possible: some disk file systems write a file out when it is replaced by name. */
static const char *temporary_dir(void)
{
	const char *dir = getenv("TMPDIR");

	if (dir)
		return dir;
	return access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : "/tmp";
}

char *tree_new(void)
{
	char *root;

	root = join(temporary_dir(), "daxtier-tree-XXXXXX");
	if (!mkdtemp(root))
		die("mkdtemp %s", root);
	return root;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

char *tree_remove(char *root)
{
	char *violation = root ? tree_get(root, TREE_VIOLATION) : NULL;

	if (violation) {
		fprintf(stderr, "%s: %s", root, violation);
		abort();
	}
	if (root)
		nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	free(root);
	return NULL;
}

void tree_delete(const char *root, const char *path)
{
	char *full = join(root, path);

	if (nftw(full, remove_entry, 16, FTW_DEPTH | FTW_PHYS) < 0 && errno != ENOENT)
		die("remove %s", full);
	free(full);
}

void tree_put_blob(const char *root, const char *path, const void *data, size_t size)
{
	char *full = join(root, path), *temp;
	int fd;

	if (asprintf(&temp, "%s.%d~", full, (int)getpid()) < 0)
		die("out of memory");
	fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 && errno == ENOENT) {
		make_parents(full);
		fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	}
	if (fd < 0)
		die("open %s", temp);
	if (write(fd, data, size) != (ssize_t)size)
		die("write %s", temp);
	close(fd);
	if (rename(temp, full) < 0)
		die("rename %s", full);
	free(temp);
	free(full);
}

void tree_put(const char *root, const char *path, const char *content)
{
	tree_put_blob(root, path, content, strlen(content));
}

void tree_putf(const char *root, const char *path, const char *format, ...)
{
	char *content;
	va_list ap;
	int r;

	va_start(ap, format);
	r = vasprintf(&content, format, ap);
	va_end(ap);
	if (r < 0)
		die("out of memory");
	tree_put(root, path, content);
	free(content);
}

void tree_dir(const char *root, const char *path)
{
	char *full = join(root, path);

	make_parents(full);
	if (mkdir(full, 0755) < 0 && errno != EEXIST)
		die("mkdir %s", full);
	free(full);
}

void tree_link(const char *root, const char *path, const char *target)
{
	char *full = join(root, path);

	if (unlink(full) < 0 && errno != ENOENT)
		die("unlink %s", full);
	if (symlink(target, full) < 0) {
		make_parents(full);
		if (symlink(target, full) < 0)
			die("symlink %s", full);
	}
	free(full);
}

char *tree_get(const char *root, const char *path)
{
	char *full = join(root, path), *content = NULL;
	size_t size = 0;
	FILE *file;

	file = fopen(full, "re");
	if (!file && errno != ENOENT && errno != ENOTDIR)
		die("open %s", full);
	free(full);
	if (!file)
		return NULL;
	if (getdelim(&content, &size, '\0', file) < 0) {
		free(content);
		content = strdup("");
	}
	fclose(file);
	return content;
}

int tree_has(const char *root, const char *path)
{
	char *full = join(root, path);
	struct stat st;
	int r;

	r = lstat(full, &st) == 0;
	free(full);
	return r;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The table of operations that touches files. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "sysfs/open-below.h"
#include "sysfs/sysfs.h"

/*
 * No file we read comes near it: a SLIT of 1024 domains is 1 MiB. What is larger is not what it
 * seems, in a captured host at least.
 */
#define READ_SIZE_MAX ((size_t)64 << 20)

/* One page is what sysfs hands out at most for an attribute. */
#define READ_SIZE_FIRST ((size_t)4096)

DEFINE_CLEANUP(DIR *, closedir);
#define _cleanup_closedir_ _cleanup_(closedirp)

/* Fills what is free of the buffer, which for sysfs takes two reads: the value, and its end. */
static int read_some(int fd, char *buf, size_t room, size_t *ret_n)
{
	size_t n = 0;

	while (n < room) {
		ssize_t k = read(fd, buf + n, room - n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return -errno;
		if (k == 0)
			break;
		n += (size_t)k;
	}
	*ret_n = n;
	return 0;
}

static int real_read(void *userdata, int root_fd, const char *path, char **ret, size_t *ret_size)
{
	_cleanup_close_ int fd = -EBADF;
	_cleanup_free_ char *buf = NULL;
	size_t allocated = READ_SIZE_FIRST, size = 0, n = 0;
	int r;

	fd = sysfs_open_below(root_fd, path, O_RDONLY | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return fd;
	r = sysfs_check_regular(fd);
	if (r < 0)
		return r;

	/* st_size is 4096 for every attribute and 0 in procfs: only reading tells the size. */
	for (;;) {
		char *bigger = realloc(buf, allocated + 1);

		if (!bigger)
			return -ENOMEM;
		buf = bigger;
		r = read_some(fd, buf + size, allocated - size, &n);
		if (r < 0)
			return r;
		size += n;
		if (size < allocated)
			break;
		if (allocated >= READ_SIZE_MAX)
			return -EFBIG;
		allocated *= 2;
	}
	buf[size] = '\0';
	*ret = TAKE_PTR(buf);
	*ret_size = size;
	return 0;
}

static int real_write(void *userdata, int root_fd, const char *path, const char *value)
{
	_cleanup_close_ int fd = -EBADF;
	size_t size = strlen(value);
	ssize_t n;

	/*
	 * O_TRUNC as a shell's redirection has it: sysfs does not care, and in a tree of plain
	 * files the value read back is then the one that was written.
	 */
	fd = sysfs_open_below(root_fd, path, O_WRONLY | O_TRUNC | O_NOCTTY);
	if (fd < 0)
		return fd;

	/* EINTR is an answer here, not a nuisance: a signal is what ends an offline (see
	 * Documentation/admin-guide/mm/memory-hotplug.rst). */
	n = write(fd, value, size);
	if (n < 0)
		return -errno;
	return (size_t)n == size ? 0 : -EIO;
}

/* What the kernel calls the file behind a descriptor. */
static int fd_path(int fd, char buf[static PATH_MAX])
{
	char link[sizeof("/proc/self/fd/") + 3 * sizeof(fd)];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, buf, PATH_MAX);
	if (n < 0)
		return -errno;
	if (n >= PATH_MAX)
		return -ENAMETOOLONG;
	buf[n] = '\0';
	return 0;
}

static bool has_suffix(const char *s, const char *suffix)
{
	size_t n = strlen(s), k = strlen(suffix);

	return n >= k && strcmp(s + n - k, suffix) == 0;
}

static int real_resolve(void *userdata, int root_fd, const char *path, char **ret)
{
	char root[PATH_MAX], target[PATH_MAX];
	_cleanup_close_ int fd = -EBADF;
	const char *below;
	char *copy;
	size_t n;
	int r;

	fd = sysfs_open_below(root_fd, path, O_PATH);
	if (fd < 0)
		return fd;
	r = fd_path(fd, target);
	if (r < 0)
		return r;
	r = fd_path(root_fd, root);
	if (r < 0)
		return r;

	/* The kernel's mark for what left between our open and the look at its name. */
	if (has_suffix(target, " (deleted)"))
		return -ENOENT;

	n = strcmp(root, "/") == 0 ? 0 : strlen(root);
	if (strncmp(target, root, n) != 0 || (target[n] != '/' && target[n] != '\0'))
		return -EXDEV; /* a pipe or socket behind /proc/PID/fd has no path */
	below = target[n] == '/' ? target + n + 1 : "";
	copy = strdup(below);
	if (!copy)
		return -ENOMEM;
	*ret = copy;
	return 0;
}

static int real_list(void *userdata, int root_fd, const char *path, struct strv *ret)
{
	_cleanup_(strv_done) struct strv names = {};
	_cleanup_closedir_ DIR *dir = NULL;
	_cleanup_close_ int fd = -EBADF;
	struct dirent *entry;
	int r;

	fd = sysfs_open_below(root_fd, path, O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return fd;
	dir = fdopendir(fd);
	if (!dir)
		return -errno;
	(void)TAKE_FD(fd);

	while (errno = 0, (entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		r = strv_add(&names, entry->d_name);
		if (r < 0)
			return r;
	}
	if (errno != 0)
		return -errno;
	*ret = names;
	names = (struct strv){};
	return 0;
}

const struct sysfs_ops sysfs_real_ops = {
	.read = real_read,
	.write = real_write,
	.resolve = real_resolve,
	.list = real_list,
};

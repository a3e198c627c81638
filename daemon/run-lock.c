/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run-lock.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/cleanup.h"

static int make_dir(const char *path)
{
	return mkdir(path, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

/* On the live host a parent that is missing is a mistake in --run-dir. */
static int make_run_dir(const char *root, const char *run_dir)
{
	_cleanup_free_ char *path = strdup(run_dir);
	size_t n = strlen(root);
	bool below;
	int r;

	if (!path)
		return -ENOMEM;
	below = strcmp(root, "/") != 0 && strncmp(path, root, n) == 0 && path[n] == '/';
	for (char *s = below ? strchr(path + n + 1, '/') : NULL; s; s = strchr(s + 1, '/')) {
		*s = '\0';
		r = make_dir(path);
		if (r < 0)
			return r;
		*s = '/';
	}
	return make_dir(path);
}

int run_lock_take(const char *root, const char *run_dir, int *ret_fd)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_close_ int fd = -EBADF;
	int r;

	r = make_run_dir(root, run_dir);
	if (r < 0)
		return r;
	if (asprintf(&path, "%s/lock", run_dir) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	/* Whoever can open it, even only to read, could keep every daemon from starting. */
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	if (fchmod(fd, 0600) < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return -errno;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

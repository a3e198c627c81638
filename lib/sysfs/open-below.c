/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sysfs/open-below.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* openat2(2) gives EAGAIN when a rename elsewhere made it unsure about "..". */
#define OPEN_TRIES 16

/* Whether root_fd is what "/" means to this process. 1, 0, or a negative errno. */
static int root_is_live(int root_fd)
{
	struct stat root, slash;

	if (fstat(root_fd, &root) < 0 || stat("/", &slash) < 0)
		return -errno;
	return root.st_dev == slash.st_dev && root.st_ino == slash.st_ino;
}

int sysfs_open_below(int root_fd, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)flags | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT,
	};
	int live, fd;

	live = root_is_live(root_fd);
	if (live < 0)
		return live;
	if (live) {
		fd = openat(root_fd, path, flags | O_CLOEXEC);
		return fd < 0 ? -errno : fd;
	}
	for (int i = 0; i < OPEN_TRIES; i++) {
		fd = (int)syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
		if (fd >= 0)
			return fd;
		if (errno != EAGAIN)
			return -errno;
	}
	return -EAGAIN;
}

int sysfs_check_regular(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	return S_ISREG(st.st_mode) ? 0 : -EINVAL;
}

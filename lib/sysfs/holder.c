/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sysfs/holder.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/format.h"
#include "sysfs/block.h"
#include "sysfs/open-below.h"

DEFINE_CLEANUP(DIR *, closedir);

struct scan {
	dev_t rdev; /* 0: match by name */
	const char *device;
	struct holder *holders;
	size_t n;
	bool closed_to_us; /* some process could not be looked into */
};

void dax_holders_free(struct holder *holders, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(holders[i].comm);
	free(holders);
}

static int compare_pid(const void *a, const void *b)
{
	const struct holder *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

/* Whether a link's text names the device: "/dev/dax0.0", also "/dev/dax0.0 (deleted)". */
static bool text_names_device(const char *text, const char *device)
{
	size_t n = strlen(device);
	const char *base;

	if (text[0] != '/')
		return false;
	base = strrchr(text, '/') + 1;
	return strncmp(base, device, n) == 0 &&
	       (base[n] == '\0' || strcmp(base + n, " (deleted)") == 0);
}

/*
 * 1 when the file that path leads to is the device, 0 when not, negative errno. The attributes are
 * taken as cached: a file of a dead network or FUSE server must not hold us up.
 */
static int file_is_device(const struct scan *scan, int dir_fd, const char *path)
{
	struct statx st;

	if (statx(dir_fd, path, AT_STATX_DONT_SYNC, STATX_TYPE, &st) < 0)
		return -errno;
	return S_ISCHR(st.stx_mode) && makedev(st.stx_rdev_major, st.stx_rdev_minor) == scan->rdev;
}

/* The same for a link of fd/. */
static int link_is_device(const struct scan *scan, int dir_fd, const char *name)
{
	char text[PATH_MAX];
	ssize_t n;

	n = readlinkat(dir_fd, name, text, sizeof(text) - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	if (scan->rdev == 0)
		return text_names_device(text, scan->device);
	if (text[0] != '/') /* "socket:[…]", "pipe:[…]", "anon_inode:…" */
		return 0;
	return file_is_device(scan, dir_fd, name);
}

/*
 * A file that the kernel makes for a process. None of them is a link, and on a captured host no
 * link must lead elsewhere.
 */
static int open_own_file(int pid_fd, const char *name)
{
	_cleanup_close_ int fd = -EBADF;
	int r;

	fd = openat(pid_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = sysfs_check_regular(fd);
	return r < 0 ? r : TAKE_FD(fd);
}

/* 1 when one of the process' descriptors is the device, 0 when none is, negative errno. */
static int process_has_open(const struct scan *scan, int pid_fd)
{
	_cleanup_(closedirp) DIR *dir = NULL;
	const struct dirent *entry;
	int fd;

	fd = openat(pid_fd, "fd", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (!dir) {
		close_keep_errno(fd);
		return -errno;
	}
	for (;;) {
		int r;

		errno = 0;
		entry = readdir(dir);
		if (!entry)
			return -errno;
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		r = link_is_device(scan, dirfd(dir), entry->d_name);
		if (r > 0)
			return 1;
		if (r == -EACCES || r == -EPERM)
			return r;
		/* Anything else: closed meanwhile, or a file that cannot be looked at and so is
		 * not a device node. */
	}
}

/*
 * One line of maps: "start-end perms offset dev inode path". device_dax refuses private mappings
 * (check_vma() in drivers/dax/device.c), so that only shared ones are worth a closer look.
 * Following a link of map_files/ takes CAP_CHECKPOINT_RESTORE; without it, the same path inside the
 * process' own root has to do, and when that is gone, the name.
 */
static bool mapping_is_device(const struct scan *scan, int pid_fd, const char *line)
{
	_cleanup_close_ int root_fd = -EBADF;
	char name[64], perms[8], link[sizeof("map_files/") + sizeof(name)];
	int offset = -1, r;

	if (sscanf(line, "%63s %7s %*s %*s %*s %n", name, perms, &offset) != 2 || offset < 0)
		return false;
	if (strlen(perms) < 4 || perms[3] != 's' || line[offset] != '/')
		return false;
	if (scan->rdev == 0)
		return text_names_device(line + offset, scan->device);

	snprintf(link, sizeof(link), "map_files/%s", name);
	r = file_is_device(scan, pid_fd, link);
	if (r < 0) {
		root_fd = openat(pid_fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (root_fd >= 0)
			r = file_is_device(scan, root_fd, line + offset + 1);
	}
	return r >= 0 ? r > 0 : text_names_device(line + offset, scan->device);
}

/* 1 when the device is mapped, 0 when not, negative errno. */
static int process_has_mapped(const struct scan *scan, int pid_fd)
{
	_cleanup_fclose_ FILE *file = NULL;
	_cleanup_free_ char *line = NULL;
	size_t size = 0;
	ssize_t n;
	int fd;

	fd = open_own_file(pid_fd, "maps");
	if (fd < 0)
		return fd;
	file = fdopen(fd, "re");
	if (!file) {
		close_keep_errno(fd);
		return -errno;
	}
	while ((n = getline(&line, &size, file)) >= 0) {
		if (n > 0 && line[n - 1] == '\n')
			line[n - 1] = '\0';
		if (mapping_is_device(scan, pid_fd, line))
			return 1;
	}
	return 0;
}

static char *process_comm(int pid_fd)
{
	_cleanup_close_ int fd = -EBADF;
	char text[64];
	ssize_t n;

	fd = open_own_file(pid_fd, "comm");
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	text[n < 0 ? 0 : n] = '\0';
	return text_clean(text);
}

static int scan_add(struct scan *scan, pid_t pid, int pid_fd, bool mapped)
{
	struct holder *grown;
	char *comm;

	comm = process_comm(pid_fd);
	if (!comm)
		return -ENOMEM;
	grown = reallocarray(scan->holders, scan->n + 1, sizeof(*grown));
	if (!grown) {
		free(comm);
		return -ENOMEM;
	}
	scan->holders = grown;
	scan->holders[scan->n++] = (struct holder){.pid = pid, .comm = comm, .mapped = mapped};
	return 0;
}

static int scan_process(struct scan *scan, int proc_fd, const char *name)
{
	_cleanup_close_ int pid_fd = -EBADF;
	int open, mapped;

	pid_fd = openat(proc_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (pid_fd < 0) /* it ended */
		return 0;
	open = process_has_open(scan, pid_fd);
	if (open > 0)
		return scan_add(scan, (pid_t)atoi(name), pid_fd, false);
	mapped = process_has_mapped(scan, pid_fd);
	if (mapped > 0)
		return scan_add(scan, (pid_t)atoi(name), pid_fd, true);
	if (open == -ENOMEM || mapped == -ENOMEM)
		return -ENOMEM;
	if (open == -EACCES || open == -EPERM || mapped == -EACCES || mapped == -EPERM)
		scan->closed_to_us = true;
	return 0;
}

static int scan_processes(struct scan *scan, int proc_fd)
{
	_cleanup_(closedirp) DIR *dir = NULL;
	const struct dirent *entry;
	int fd, r;

	fd = openat(proc_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (!dir) {
		close_keep_errno(fd);
		return -errno;
	}
	for (;;) {
		errno = 0;
		entry = readdir(dir);
		if (!entry)
			return -errno;
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		r = scan_process(scan, dirfd(dir), entry->d_name);
		if (r < 0)
			return r;
	}
}

int dax_holders_scan(int proc_fd, dev_t rdev, const char *device, struct holder **ret,
		     size_t *ret_n)
{
	struct scan scan = {.rdev = rdev, .device = device};
	int r;

	r = scan_processes(&scan, proc_fd);
	if (r == 0 && scan.n == 0 && scan.closed_to_us)
		r = -EACCES;
	if (r < 0) {
		dax_holders_free(scan.holders, scan.n);
		return r;
	}
	if (scan.n > 0)
		qsort(scan.holders, scan.n, sizeof(*scan.holders), compare_pid);
	*ret = scan.holders;
	*ret_n = scan.n;
	return 0;
}

/* The number of the device's node, from "251:3". */
static int read_rdev(struct sysfs *sysfs, const char *device, dev_t *ret)
{
	_cleanup_free_ char *text = NULL;
	unsigned major, minor;
	char end;
	int r;

	r = sysfs_read_string(sysfs, &text, "sys/bus/dax/devices/%s/dev", device);
	if (r < 0)
		return r == -ENOENT ? -ENODEV : r;
	if (sscanf(text, "%u:%u%c", &major, &minor, &end) != 2 || makedev(major, minor) == 0)
		return -EBADMSG;
	*ret = makedev(major, minor);
	return 0;
}

int dax_holders_read(struct sysfs *sysfs, const char *device, struct holder **ret, size_t *ret_n)
{
	_cleanup_free_ char *driver = NULL;
	_cleanup_close_ int proc_fd = -EBADF;
	dev_t rdev = 0;
	int r;

	r = dax_driver_read(sysfs, device, &driver);
	if (r < 0)
		return r;
	/* Without device_dax the node leads nowhere, and what was open before is dead
	 * (kill_dev_dax() in drivers/dax/bus.c). */
	if (!driver || strcmp(driver, "device_dax") != 0) {
		*ret = NULL;
		*ret_n = 0;
		return 0;
	}
	if (sysfs_is_live(sysfs)) {
		r = read_rdev(sysfs, device, &rdev);
		if (r < 0)
			return r;
	}
	proc_fd = sysfs_open_below(sysfs->root_fd, "proc", O_RDONLY | O_DIRECTORY);
	if (proc_fd == -ENOENT && rdev == 0) { /* captured without processes */
		*ret = NULL;
		*ret_n = 0;
		return 0;
	}
	if (proc_fd < 0)
		return proc_fd;
	return dax_holders_scan(proc_fd, rdev, device, ret, ret_n);
}

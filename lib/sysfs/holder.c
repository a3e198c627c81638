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
	struct dax_holder_query *queries;
	size_t n;
	bool by_name;	   /* the host is a captured one, where nodes have no numbers */
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

/* What was found in one process so far. */
static void mark(struct dax_holder_query *query, bool mapped)
{
	if (mapped)
		query->found_mapped = true;
	else
		query->found_open = true;
}

static void mark_by_name(struct scan *scan, const char *text, bool mapped)
{
	for (size_t i = 0; i < scan->n; i++)
		if (scan->queries[i].error == 0 && text_names_device(text, scan->queries[i].device))
			mark(&scan->queries[i], mapped);
}

static void mark_by_number(struct scan *scan, dev_t rdev, bool mapped)
{
	for (size_t i = 0; i < scan->n; i++)
		if (scan->queries[i].error == 0 && scan->queries[i].rdev == rdev)
			mark(&scan->queries[i], mapped);
}

/* Whether the process has every device open, so that its mappings tell nothing new. */
static bool all_found_open(const struct scan *scan)
{
	for (size_t i = 0; i < scan->n; i++)
		if (scan->queries[i].error == 0 && !scan->queries[i].found_open)
			return false;
	return true;
}

/*
 * Marks the device that path leads to. The attributes are taken as cached: a file of a dead network
 * or FUSE server must not hold us up. 0 or negative errno.
 */
static int mark_file(struct scan *scan, int dir_fd, const char *path, bool mapped)
{
	struct statx st;

	if (statx(dir_fd, path, AT_STATX_DONT_SYNC, STATX_TYPE, &st) < 0)
		return -errno;
	if (S_ISCHR(st.stx_mode))
		mark_by_number(scan, makedev(st.stx_rdev_major, st.stx_rdev_minor), mapped);
	return 0;
}

/* The same for a link of fd/. */
static int mark_link(struct scan *scan, int dir_fd, const char *name)
{
	char text[PATH_MAX];
	ssize_t n;

	n = readlinkat(dir_fd, name, text, sizeof(text) - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	if (scan->by_name) {
		mark_by_name(scan, text, false);
		return 0;
	}
	if (text[0] != '/') /* "socket:[…]", "pipe:[…]", "anon_inode:…" */
		return 0;
	return mark_file(scan, dir_fd, name, false);
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

/* What the process' descriptors lead to. 0 or negative errno. */
static int mark_open(struct scan *scan, int pid_fd)
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
		if (all_found_open(scan))
			return 0;
		r = mark_link(scan, dirfd(dir), entry->d_name);
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
static void mark_mapping(struct scan *scan, int pid_fd, const char *line)
{
	_cleanup_close_ int root_fd = -EBADF;
	char name[64], perms[8], link[sizeof("map_files/") + sizeof(name)];
	int offset = -1, r;

	if (sscanf(line, "%63s %7s %*s %*s %*s %n", name, perms, &offset) != 2 || offset < 0)
		return;
	if (strlen(perms) < 4 || perms[3] != 's' || line[offset] != '/')
		return;
	if (scan->by_name) {
		mark_by_name(scan, line + offset, true);
		return;
	}

	snprintf(link, sizeof(link), "map_files/%s", name);
	r = mark_file(scan, pid_fd, link, true);
	if (r < 0) {
		root_fd = openat(pid_fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (root_fd >= 0)
			r = mark_file(scan, root_fd, line + offset + 1, true);
	}
	if (r < 0)
		mark_by_name(scan, line + offset, true);
}

/* What the process has mapped. 0 or negative errno. */
static int mark_mapped(struct scan *scan, int pid_fd)
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
		mark_mapping(scan, pid_fd, line);
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

static int query_add(struct dax_holder_query *query, pid_t pid, int pid_fd)
{
	struct holder *grown;
	char *comm;

	comm = process_comm(pid_fd);
	if (!comm)
		return -ENOMEM;
	grown = reallocarray(query->holders, query->n + 1, sizeof(*grown));
	if (!grown) {
		free(comm);
		return -ENOMEM;
	}
	query->holders = grown;
	query->holders[query->n++] =
		(struct holder){.pid = pid, .comm = comm, .mapped = !query->found_open};
	return 0;
}

static int scan_process(struct scan *scan, int proc_fd, const char *name)
{
	_cleanup_close_ int pid_fd = -EBADF;
	int open, mapped = 0, r = 0;

	pid_fd = openat(proc_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (pid_fd < 0) /* it ended */
		return 0;
	for (size_t i = 0; i < scan->n; i++)
		scan->queries[i].found_open = scan->queries[i].found_mapped = false;
	open = mark_open(scan, pid_fd);
	if (!all_found_open(scan))
		mapped = mark_mapped(scan, pid_fd);
	if (open == -ENOMEM || mapped == -ENOMEM)
		return -ENOMEM;
	if (open == -EACCES || open == -EPERM || mapped == -EACCES || mapped == -EPERM)
		scan->closed_to_us = true;
	for (size_t i = 0; r == 0 && i < scan->n; i++)
		if (scan->queries[i].found_open || scan->queries[i].found_mapped)
			r = query_add(&scan->queries[i], (pid_t)atoi(name), pid_fd);
	return r;
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

static void drop_holders(struct dax_holder_query *query)
{
	dax_holders_free(query->holders, query->n);
	query->holders = NULL;
	query->n = 0;
}

static int run_queries(struct dax_holder_query *queries, size_t n, bool by_name, int proc_fd)
{
	struct scan scan = {.queries = queries, .n = n, .by_name = by_name};
	int r;

	r = scan_processes(&scan, proc_fd);
	for (size_t i = 0; i < n; i++) {
		if (r < 0)
			drop_holders(&queries[i]);
		else if (queries[i].n > 0)
			qsort(queries[i].holders, queries[i].n, sizeof(*queries[i].holders),
			      compare_pid);
		else if (queries[i].error == 0 && scan.closed_to_us)
			queries[i].error = -EACCES;
	}
	return r;
}

int dax_holders_scan(int proc_fd, dev_t rdev, const char *device, struct holder **ret,
		     size_t *ret_n)
{
	struct dax_holder_query query = {.device = device, .rdev = rdev};
	int r;

	r = run_queries(&query, 1, rdev == 0, proc_fd);
	if (r == 0)
		r = query.error;
	if (r < 0)
		return r;
	*ret = query.holders;
	*ret_n = query.n;
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

/* 1 when the processes have to be asked, 0 when nobody can hold it, negative errno. */
static int query_prepare(struct sysfs *sysfs, struct dax_holder_query *query)
{
	_cleanup_free_ char *driver = NULL;
	int r;

	r = dax_driver_read(sysfs, query->device, &driver);
	if (r < 0)
		return r;
	/* Without device_dax the node leads nowhere, and what was open before is dead
	 * (kill_dev_dax() in drivers/dax/bus.c). */
	if (!driver || strcmp(driver, "device_dax") != 0)
		return 0;
	if (sysfs_is_live(sysfs)) {
		r = read_rdev(sysfs, query->device, &query->rdev);
		if (r < 0)
			return r;
	}
	return 1;
}

/* Those that need no answer of the processes are kept out of the scan by an error of their own. */
#define NOT_ASKED 1

int dax_holders_read_all(struct sysfs *sysfs, struct dax_holder_query *queries, size_t n)
{
	_cleanup_close_ int proc_fd = -EBADF;
	bool live = sysfs_is_live(sysfs), ask = false;
	int r = 0;

	for (size_t i = 0; i < n; i++) {
		queries[i] = (struct dax_holder_query){.device = queries[i].device};
		r = query_prepare(sysfs, &queries[i]);
		queries[i].error = r < 0 ? r : r > 0 ? 0 : NOT_ASKED;
		ask |= r > 0;
	}
	r = 0;
	if (ask) {
		proc_fd = sysfs_open_below(sysfs->root_fd, "proc", O_RDONLY | O_DIRECTORY);
		if (proc_fd >= 0)
			r = run_queries(queries, n, !live, proc_fd);
		else if (proc_fd != -ENOENT || live) /* else captured without processes */
			r = proc_fd;
	}
	for (size_t i = 0; i < n; i++)
		if (queries[i].error == NOT_ASKED)
			queries[i].error = 0;
	return r;
}

int dax_holders_read(struct sysfs *sysfs, const char *device, struct holder **ret, size_t *ret_n)
{
	struct dax_holder_query query = {.device = device};
	int r;

	r = dax_holders_read_all(sysfs, &query, 1);
	if (r == 0)
		r = query.error;
	if (r < 0)
		return r;
	*ret = query.holders;
	*ret_n = query.n;
	return 0;
}

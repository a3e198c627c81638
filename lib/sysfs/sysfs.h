/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_SYSFS_SYSFS_H
#define DAXTIER_SYSFS_SYSFS_H

/*
 * Attribute I/O below a root directory ("/" on a host, any folder for a captured host or a test).
 * Paths have no leading slash and include the file system: "sys/bus/dax/devices/dax0.0/size",
 * "proc/zoneinfo". Symbolic links, absolute ones too, are followed inside the root only.
 *
 * Every function returns 0 or the kernel's negative errno unless it says otherwise. Nothing is
 * cached.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/strv.h"

/*
 * What actually touches files. All functions get the root's descriptor. A test replaces this table
 * to make the n-th call fail or to answer as a kernel would; the default table is sysfs_real_ops.
 */
struct sysfs_ops {
	/* Reads the whole file into a new NUL-terminated buffer of *ret_size bytes (NUL not
	 * counted). */
	int (*read)(void *userdata, int root_fd, const char *path, char **ret, size_t *ret_size);
	/* Exactly one write(2) of the whole value; a short write is -EIO. */
	int (*write)(void *userdata, int root_fd, const char *path, const char *value);
	/* The path below the root, no leading slash, that path leads to with every link resolved.
	 */
	int (*resolve)(void *userdata, int root_fd, const char *path, char **ret);
	/* Names in a directory without "." and "..", in any order. */
	int (*list)(void *userdata, int root_fd, const char *path, struct strv *ret);
};

extern const struct sysfs_ops sysfs_real_ops;

struct sysfs {
	int root_fd;
	char *root; /* absolute path of the root, "/" or without a trailing slash */
	const struct sysfs_ops *ops;
	void *userdata;
	uint64_t n_reads, n_writes; /* calls that reached a file */
};

/* ops NULL: the real ones. */
int sysfs_open(struct sysfs *sysfs, const char *root, const struct sysfs_ops *ops, void *userdata);
void sysfs_close(struct sysfs *sysfs);

/* Whether the root is the running system ("/"), so that libnuma and /proc speak of the same host.
 */
int sysfs_is_live(const struct sysfs *sysfs);

/* format, with what follows it, makes the path. */
#define SYSFS_FORMAT(n) __attribute__((format(printf, n, n + 1)))

int sysfs_read_blob(struct sysfs *sysfs, char **ret, size_t *ret_size, const char *format, ...)
	SYSFS_FORMAT(4);
/* Without the trailing newline. Owned by the caller. */
int sysfs_read_string(struct sysfs *sysfs, char **ret, const char *format, ...) SYSFS_FORMAT(3);
int sysfs_read_u64(struct sysfs *sysfs, uint64_t *ret, const char *format, ...) SYSFS_FORMAT(3);
int sysfs_read_hex(struct sysfs *sysfs, uint64_t *ret, const char *format, ...) SYSFS_FORMAT(3);
int sysfs_read_int(struct sysfs *sysfs, int *ret, const char *format, ...) SYSFS_FORMAT(3);

int sysfs_write(struct sysfs *sysfs, const char *value, const char *format, ...) SYSFS_FORMAT(3);

/* Last component of what a link leads to: a device's driver. -ENOENT when there is no such link. */
int sysfs_link_name(struct sysfs *sysfs, char **ret, const char *format, ...) SYSFS_FORMAT(3);
int sysfs_resolve(struct sysfs *sysfs, char **ret, const char *format, ...) SYSFS_FORMAT(3);

/* Sorted in version order. ret must be empty. */
int sysfs_list(struct sysfs *sysfs, struct strv *ret, const char *format, ...) SYSFS_FORMAT(3);

/*
 * Which object a path leads to: the number of its directory, which sysfs gives to no other one
 * before the next boot (idr_alloc_cyclic() and a generation, __kernfs_new_node() in
 * fs/kernfs/dir.c). Two devices that had the same name, one after the other, differ in it. Never 0.
 */
int sysfs_instance(struct sysfs *sysfs, uint64_t *ret, const char *format, ...) SYSFS_FORMAT(3);

/* 1 exists, 0 does not, negative errno when that cannot be told. */
int sysfs_exists(struct sysfs *sysfs, const char *format, ...) SYSFS_FORMAT(2);

#endif

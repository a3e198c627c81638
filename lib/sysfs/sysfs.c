/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sysfs/sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/parse.h"

int sysfs_open(struct sysfs *sysfs, const char *root, const struct sysfs_ops *ops, void *userdata)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_close_ int fd = -EBADF;

	path = realpath(root, NULL);
	if (!path)
		return -errno;
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*sysfs = (struct sysfs){
		.root_fd = TAKE_FD(fd),
		.root = TAKE_PTR(path),
		.ops = ops ? ops : &sysfs_real_ops,
		.userdata = userdata,
	};
	return 0;
}

void sysfs_close(struct sysfs *sysfs)
{
	/* A zeroed one was never opened, and 0 is then not its descriptor. */
	if (sysfs->root)
		close_keep_errno(sysfs->root_fd);
	free(sysfs->root);
	*sysfs = (struct sysfs){.root_fd = -EBADF};
}

int sysfs_is_live(const struct sysfs *sysfs)
{
	return strcmp(sysfs->root, "/") == 0;
}

static char *format_path(const char *format, va_list ap) __attribute__((format(printf, 1, 0)));
static char *format_path(const char *format, va_list ap)
{
	char *path;

	return vasprintf(&path, format, ap) < 0 ? NULL : path;
}

/* The path from the caller's format into a scope-cleaned local; the caller returns on NULL. */
#define FORMAT_PATH(path, format)                                                                  \
	do {                                                                                       \
		va_list _ap;                                                                       \
		va_start(_ap, format);                                                             \
		(path) = format_path(format, _ap);                                                 \
		va_end(_ap);                                                                       \
	} while (0)

static int read_blob(struct sysfs *sysfs, const char *path, char **ret, size_t *ret_size)
{
	int r = sysfs->ops->read(sysfs->userdata, sysfs->root_fd, path, ret, ret_size);

	if (r != -ENOENT && r != -ENOTDIR)
		sysfs->n_reads++;
	return r;
}

static int read_string(struct sysfs *sysfs, const char *path, char **ret)
{
	_cleanup_free_ char *buf = NULL;
	size_t size;
	int r;

	r = read_blob(sysfs, path, &buf, &size);
	if (r < 0)
		return r;
	if (strlen(buf) != size)
		return -EBADMSG; /* binary: no attribute's text */
	if (size > 0 && buf[size - 1] == '\n')
		buf[size - 1] = '\0';
	*ret = TAKE_PTR(buf);
	return 0;
}

int sysfs_read_blob(struct sysfs *sysfs, char **ret, size_t *ret_size, const char *format, ...)
{
	_cleanup_free_ char *path = NULL;

	FORMAT_PATH(path, format);
	if (!path)
		return -ENOMEM;
	return read_blob(sysfs, path, ret, ret_size);
}

int sysfs_read_string(struct sysfs *sysfs, char **ret, const char *format, ...)
{
	_cleanup_free_ char *path = NULL;

	FORMAT_PATH(path, format);
	if (!path)
		return -ENOMEM;
	return read_string(sysfs, path, ret);
}

int sysfs_read_u64(struct sysfs *sysfs, uint64_t *ret, const char *format, ...)
{
	_cleanup_free_ char *path = NULL, *text = NULL;
	int r;

	FORMAT_PATH(path, format);
	if (!path)
		return -ENOMEM;
	r = read_string(sysfs, path, &text);
	return r < 0 ? r : parse_u64(text, ret);
}

int sysfs_read_hex(struct sysfs *sysfs, uint64_t *ret, const char *format, ...)
{
	_cleanup_free_ char *path = NULL, *text = NULL;
	int r;

	FORMAT_PATH(path, format);
	if (!path)
		return -ENOMEM;
	r = read_string(sysfs, path, &text);
	return r < 0 ? r : parse_hex_u64(text, ret);
}

int sysfs_read_int(struct sysfs *sysfs, int *ret, const char *format, ...)
{
	_cleanup_free_ char *path = NULL, *text = NULL;
	int r;

	FORMAT_PATH(path, format);
	if (!path)
		return -ENOMEM;
	r = read_string(sysfs, path, &text);
	return r < 0 ? r : parse_int(text, ret);
}

int sysfs_write(struct sysfs *sysfs, const char *value, const char *format, ...)
{
	_cleanup_free_ char *path = NULL;
	int r;

	FORMAT_PATH(path, format);
	if (!path)
		return -ENOMEM;
	r = sysfs->ops->write(sysfs->userdata, sysfs->root_fd, path, value);
	if (r != -ENOENT && r != -ENOTDIR)
		sysfs->n_writes++;
	return r;
}

int sysfs_link_name(struct sysfs *sysfs, char **ret, const char *format, ...)
{
	_cleanup_free_ char *path = NULL, *target = NULL;
	const char *slash;
	char *name;
	int r;

	FORMAT_PATH(path, format);
	if (!path)
		return -ENOMEM;
	r = sysfs->ops->resolve(sysfs->userdata, sysfs->root_fd, path, &target);
	if (r < 0)
		return r;
	slash = strrchr(target, '/');
	name = strdup(slash ? slash + 1 : target);
	if (!name)
		return -ENOMEM;
	*ret = name;
	return 0;
}

int sysfs_resolve(struct sysfs *sysfs, char **ret, const char *format, ...)
{
	_cleanup_free_ char *path = NULL;

	FORMAT_PATH(path, format);
	if (!path)
		return -ENOMEM;
	return sysfs->ops->resolve(sysfs->userdata, sysfs->root_fd, path, ret);
}

int sysfs_list(struct sysfs *sysfs, struct strv *ret, const char *format, ...)
{
	_cleanup_free_ char *path = NULL;
	int r;

	FORMAT_PATH(path, format);
	if (!path)
		return -ENOMEM;
	r = sysfs->ops->list(sysfs->userdata, sysfs->root_fd, path, ret);
	if (r < 0)
		return r;
	strv_sort(ret);
	return 0;
}

int sysfs_instance(struct sysfs *sysfs, uint64_t *ret, const char *format, ...)
{
	_cleanup_free_ char *path = NULL, *target = NULL;
	struct stat st;
	int r;

	FORMAT_PATH(path, format);
	if (!path)
		return -ENOMEM;
	r = sysfs->ops->resolve(sysfs->userdata, sysfs->root_fd, path, &target);
	if (r < 0)
		return r;
	if (fstatat(sysfs->root_fd, target, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	*ret = st.st_ino;
	return 0;
}

int sysfs_exists(struct sysfs *sysfs, const char *format, ...)
{
	_cleanup_free_ char *path = NULL, *target = NULL;
	int r;

	FORMAT_PATH(path, format);
	if (!path)
		return -ENOMEM;
	r = sysfs->ops->resolve(sysfs->userdata, sysfs->root_fd, path, &target);
	if (r == -ENOENT || r == -ENOTDIR)
		return 0;
	return r < 0 ? r : 1;
}

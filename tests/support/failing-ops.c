/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "failing-ops.h"

#include <string.h>

static int ends_with(const char *path, const char *end)
{
	size_t n = strlen(path), m = strlen(end);

	return n >= m && strcmp(path + n - m, end) == 0;
}

/* 0 when the call is to be made. */
static int turn(struct failing_ops *ops, const char *path)
{
	unsigned call = ++ops->calls;

	if (ops->before)
		ops->before(call, path);
	if (ops->fail_at && call >= ops->fail_at && call - ops->fail_at <= ops->fail_count)
		return ops->error;
	if (ops->fail_path && ends_with(path, ops->fail_path))
		return ops->error;
	return 0;
}

static int failing_read(void *userdata, int root_fd, const char *path, char **ret, size_t *ret_size)
{
	int r = turn(userdata, path);

	return r < 0 ? r : sysfs_real_ops.read(NULL, root_fd, path, ret, ret_size);
}

static int failing_write(void *userdata, int root_fd, const char *path, const char *value)
{
	int r = turn(userdata, path);

	return r < 0 ? r : sysfs_real_ops.write(NULL, root_fd, path, value);
}

static int failing_resolve(void *userdata, int root_fd, const char *path, char **ret)
{
	int r = turn(userdata, path);

	return r < 0 ? r : sysfs_real_ops.resolve(NULL, root_fd, path, ret);
}

static int failing_list(void *userdata, int root_fd, const char *path, struct strv *ret)
{
	int r = turn(userdata, path);

	return r < 0 ? r : sysfs_real_ops.list(NULL, root_fd, path, ret);
}

const struct sysfs_ops failing_ops = {
	.read = failing_read,
	.write = failing_write,
	.resolve = failing_resolve,
	.list = failing_list,
};

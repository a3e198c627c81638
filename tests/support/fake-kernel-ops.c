/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-kernel-ops.h"

#include "fake-kernel.h"

static int fake_read(void *userdata, int root_fd, const char *path, char **ret, size_t *ret_size)
{
	int r = fake_kernel_before_read(userdata, path);

	return r < 0 ? r : sysfs_real_ops.read(NULL, root_fd, path, ret, ret_size);
}

static int fake_write(void *userdata, int root_fd, const char *path, const char *value)
{
	return fake_kernel_write(userdata, path, value);
}

static int fake_resolve(void *userdata, int root_fd, const char *path, char **ret)
{
	int r = fake_kernel_before_read(userdata, path);

	return r < 0 ? r : sysfs_real_ops.resolve(NULL, root_fd, path, ret);
}

static int fake_list(void *userdata, int root_fd, const char *path, struct strv *ret)
{
	int r = fake_kernel_before_read(userdata, path);

	return r < 0 ? r : sysfs_real_ops.list(NULL, root_fd, path, ret);
}

const struct sysfs_ops fake_kernel_ops = {
	.read = fake_read,
	.write = fake_write,
	.resolve = fake_resolve,
	.list = fake_list,
};

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "apply/attribute.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"

#define WRITE_TRIES 4

int attribute_write(struct sysfs *sysfs, const char *path, const char *value)
{
	int r = -EAGAIN;

	for (int i = 0; i < WRITE_TRIES && (r == -EAGAIN || r == -EINTR); i++)
		r = sysfs_write(sysfs, value, "%s", path);
	return r;
}

int attribute_read(struct sysfs *sysfs, const char *path, char **ret, struct trouble *trouble)
{
	int r = sysfs_read_string(sysfs, ret, "%s", path);

	return r < 0 ? trouble_read(trouble, r, path) : 0;
}

int attribute_check(struct sysfs *sysfs, const char *path, const char *value,
		    struct trouble *trouble)
{
	_cleanup_free_ char *now = NULL;
	int r;

	r = attribute_read(sysfs, path, &now, trouble);
	if (r < 0)
		return r;
	if (strcmp(now, value) != 0)
		return trouble_set(trouble, -EIO, path,
				   "/%s took \"%s\" without an error but reads \"%s\"; somebody "
				   "else writes to it as well",
				   path, value, now);
	return 0;
}

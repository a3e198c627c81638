/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/take-config.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>

#include "base/cleanup.h"

static const char *const dropin_dirs[] = {
	"etc/daxtier.conf.d",
	"run/daxtier.conf.d",
	"usr/lib/daxtier.conf.d",
};

/* Not through the recorder's own operations: they would keep it unmasked. */
static int take_file(struct sysfs *sysfs, struct recorder *recorder, const char *path)
{
	_cleanup_free_ char *text = NULL, *masked = NULL;
	size_t size = 0;
	int r;

	r = sysfs_real_ops.read(NULL, sysfs->root_fd, path, &text, &size);
	if (r == -EACCES || r == -EPERM)
		return strv_add(&recorder->unreadable, path);
	/* Below another root /dev/null need not exist. */
	if (r == -EINVAL ||
	    (r == -ENOENT && faccessat(sysfs->root_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0))
		return image_put_file(recorder->image, path, "", 0);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (!recorder->mask)
		return image_put_file(recorder->image, path, text, size);
	masked = serial_mask_config(&recorder->serials, text);
	return masked ? image_put_file(recorder->image, path, masked, strlen(masked)) : -ENOMEM;
}

static int take_folder(struct sysfs *sysfs, struct recorder *recorder, const char *folder)
{
	_cleanup_(strv_done) struct strv names = {};
	int r;

	r = sysfs_real_ops.list(NULL, sysfs->root_fd, folder, &names);
	if (r == -EACCES || r == -EPERM)
		return strv_add(&recorder->unreadable, folder);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	strv_sort(&names);
	for (size_t i = 0; r == 0 && i < names.n; i++) {
		_cleanup_free_ char *path = NULL;

		if (fnmatch("*.conf", names.items[i], FNM_PERIOD) != 0)
			continue;
		if (asprintf(&path, "%s/%s", folder, names.items[i]) < 0) {
			path = NULL;
			return -ENOMEM;
		}
		r = take_file(sysfs, recorder, path);
	}
	return r;
}

int take_config(struct sysfs *sysfs, struct recorder *recorder)
{
	int r;

	r = take_file(sysfs, recorder, "etc/daxtier.conf");
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(dropin_dirs); i++)
		r = take_folder(sysfs, recorder, dropin_dirs[i]);
	return r;
}

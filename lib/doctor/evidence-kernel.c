/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/evidence-kernel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "doctor/evidence-initramfs.h"
#include "doctor/gunzip.h"

/* A path below the root, and what people call it. */
static int take(char **ret_file, char **ret_text, const char *path, char **text)
{
	if (asprintf(ret_file, "/%s", path) < 0) {
		*ret_file = NULL;
		return -ENOMEM;
	}
	*ret_text = TAKE_PTR(*text);
	return 0;
}

/* What the kernel itself says, where it was built with CONFIG_IKCONFIG_PROC. */
static int running_config_look(struct look *look, struct evidence *ret)
{
	_cleanup_free_ char *packed = NULL, *text = NULL;
	size_t size;
	int r;

	r = sysfs_read_blob(look->sysfs, &packed, &size, "proc/config.gz");
	if (r < 0)
		return look_failed(look, r, "/proc/config.gz");
	r = gunzip(packed, size, &text);
	if (r == -EBADMSG)
		return look_problem(look, "/proc/config.gz cannot be unpacked");
	return r < 0 ? r : take(&ret->config_file, &ret->config, "proc/config.gz", &text);
}

static int installed_config_look(struct look *look, const char *release, struct evidence *ret)
{
	static const char *const names[] = {"boot/config-%s", "usr/lib/modules/%s/config",
					    "lib/modules/%s/config"};
	int r = 0;

	for (size_t i = 0; r == 0 && !ret->config && i < ARRAY_SIZE(names); i++) {
		_cleanup_free_ char *text = NULL, *path = NULL;
		const char *gap = strchr(names[i], '%');

		if (asprintf(&path, "%.*s%s%s", (int)(gap - names[i]), names[i], release, gap + 2) <
		    0) {
			path = NULL;
			return -ENOMEM;
		}
		r = look_string(look, &text, "%s", path);
		if (r == 0 && text)
			r = take(&ret->config_file, &ret->config, path, &text);
	}
	return r;
}

static int config_look(struct look *look, const char *release, struct evidence *ret)
{
	int r = running_config_look(look, ret);

	if (r == 0 && !ret->config)
		r = installed_config_look(look, release, ret);
	if (r < 0 || ret->config)
		return r;
	return look_problem(look,
			    "kernel options: there is neither /proc/config.gz nor /boot/config-%s",
			    release);
}

static int modules_look(struct look *look, const char *release, struct evidence *ret)
{
	static const char *const directories[] = {"lib/modules", "usr/lib/modules"};
	int r = 0;

	for (size_t i = 0; r == 0 && !ret->modules_dep && i < ARRAY_SIZE(directories); i++) {
		r = look_string(look, &ret->modules_dep, "%s/%s/modules.dep", directories[i],
				release);
		if (r < 0 || !ret->modules_dep)
			continue;
		if (asprintf(&ret->modules_directory, "/%s/%s", directories[i], release) < 0) {
			ret->modules_directory = NULL;
			return -ENOMEM;
		}
		r = look_string(look, &ret->modules_builtin, "%s/%s/modules.builtin",
				directories[i], release);
	}
	if (r < 0 || ret->modules_dep)
		return r;
	return look_problem(look, "modules: there is no /lib/modules/%s/modules.dep", release);
}

int evidence_kernel_look(struct look *look, const char *release, struct evidence *ret)
{
	int r;

	r = look_string(look, &ret->cmdline, "proc/cmdline");
	if (r == 0 && !ret->cmdline)
		r = look_problem(look, "boot parameters: there is no /proc/cmdline");
	if (r < 0)
		return r;
	/* It becomes a part of paths. */
	if (!release || strchr(release, '/'))
		return look_problem(look,
				    "kernel options and modules: the kernel's release is unknown");
	r = config_look(look, release, ret);
	if (r == 0)
		r = modules_look(look, release, ret);
	return r < 0 ? r : evidence_initramfs_look(look, release, &ret->initramfs);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/evidence-agent.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "doctor/evidence-line.h"
#include "doctor/module.h"
#include "observe/daxctl-config.h"
#include "observe/udev-rules.h"

/* Of files of the same name, the first counts: modprobe.d(5), udev(7). */
static const char *const modprobe_directories[] = {"etc/modprobe.d", "run/modprobe.d",
						   "usr/local/lib/modprobe.d", "usr/lib/modprobe.d",
						   "lib/modprobe.d"};
static const char *const udev_directories[] = {"etc/udev/rules.d", "run/udev/rules.d",
					       "usr/local/lib/udev/rules.d",
					       "usr/lib/udev/rules.d"};
static const char *const daxctl_directories[] = {DAXCTL_CONFIG_DIRECTORY};

/* *ret stays NULL for what is no file: a link to /dev/null switches off those of the same name. */
static int fragment_read(struct look *look, const char *path, char **ret)
{
	size_t size;
	int r = sysfs_read_blob(look->sysfs, ret, &size, "%s", path);

	return r < 0 && r != -EINVAL ? look_failed(look, r, "/%s", path) : 0;
}

/* As people write it. */
static int path_copy(char **ret, const char *path)
{
	if (asprintf(ret, "/%s", path) < 0) {
		*ret = NULL;
		return -ENOMEM;
	}
	return 0;
}

int modprobe_lines_add(struct evidence_lines *lines, const char *path, char *text)
{
	char *cursor = text, *line;
	bool joined;
	int r = 0;

	while (r == 0 && (line = line_next_joined(&cursor, &joined))) {
		const struct module *module;
		enum module_ban ban;

		r = module_line_parse(line, &ban, &module);
		if (r < 0 || ban == MODULE_FREE)
			continue;
		r = evidence_lines_add(lines, path, line);
		if (r == 0)
			lines->items[lines->n - 1].joined = joined;
	}
	return r;
}

static int modprobe_file_look(struct look *look, const char *path, void *userdata)
{
	_cleanup_free_ char *text = NULL;
	int r;

	r = fragment_read(look, path, &text);
	return r < 0 || !text ? r : modprobe_lines_add(userdata, path, text);
}

static int udev_file_look(struct look *look, const char *path, void *userdata)
{
	struct evidence *evidence = userdata;
	_cleanup_free_ char *text = NULL;
	const char *line;
	int r;

	r = fragment_read(look, path, &text);
	if (r < 0 || !text)
		return r;
	switch (udev_rules_parse(text, &line)) {
	case UDEV_RULES_HARMLESS:
		return 0;
	case UDEV_RULES_DAXCTL_CONFIG:
		return evidence->daxctl_rule ? 0 : path_copy(&evidence->daxctl_rule, path);
	case UDEV_RULES_COMPETE:
		return evidence_lines_add(&evidence->udev_rules, path, line);
	}
	return 0;
}

/* "[reconfigure-device NAME]": see daxctl-reconfigure-device(1). */
static int daxctl_file_look(struct look *look, const char *path, void *userdata)
{
	_cleanup_free_ char *text = NULL;
	char *cursor, *line;
	int r;

	r = fragment_read(look, path, &text);
	if (r < 0 || !text)
		return r;
	cursor = text;
	while (r == 0 && (line = line_next(&cursor)))
		if (daxctl_config_is_section(line))
			r = evidence_lines_add(userdata, path, line);
	return r;
}

int evidence_agent_look(struct look *look, struct evidence *ret)
{
	int r;

	r = fragments_each(look, modprobe_directories, ARRAY_SIZE(modprobe_directories), ".conf",
			   modprobe_file_look, &ret->modprobe);
	if (r == 0)
		r = fragments_each(look, udev_directories, ARRAY_SIZE(udev_directories), ".rules",
				   udev_file_look, ret);
	if (r < 0)
		return r;
	return fragments_each(look, daxctl_directories, ARRAY_SIZE(daxctl_directories), ".conf",
			      daxctl_file_look, &ret->daxctl);
}

/*
 * The kernel's threads are those of the first namespace alone, and of root's where /proc is mounted
 * with hidepid: who sees them sees every process. 1, 0, or -ENOMEM.
 */
static int sees_all_processes(struct look *look)
{
	_cleanup_free_ char *comm = NULL;
	int r;

	r = sysfs_read_string(look->sysfs, &comm, "proc/2/comm");
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	return strcmp(comm, EVIDENCE_KERNEL_THREAD) == 0;
}

int evidence_daemon_look(struct look *look, bool *ret_absent)
{
	_cleanup_(strv_done) struct strv names = {};
	int r;

	r = sees_all_processes(look);
	if (r <= 0)
		return r;
	r = look_list(look, &names, "proc");
	for (size_t i = 0; r == 0 && i < names.n; i++) {
		_cleanup_free_ char *comm = NULL;
		const char *name = names.items[i];

		if (name[strspn(name, "0123456789")])
			continue;
		r = sysfs_read_string(look->sysfs, &comm, "proc/%s/comm", name);
		if (r == 0 && strcmp(comm, EVIDENCE_DAEMON) == 0)
			return 0;
		/* It has ended. */
		r = r == -ENOMEM ? r : 0;
	}
	*ret_absent = r == 0;
	return r;
}

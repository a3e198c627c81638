/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/evidence-initramfs.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>

#include "base/cleanup.h"
#include "doctor/evidence-agent.h"
#include "doctor/evidence-line.h"
#include "doctor/module.h"
#include "initramfs/initramfs.h"
#include "observe/udev-rules.h"
#include "sysfs/open-below.h"

/* Of each kind. There are nine modules; an image that somebody made may list them without end. */
#define KEPT_MAX 64

void evidence_initramfs_done(struct evidence_initramfs *initramfs)
{
	free(initramfs->file);
	free(initramfs->claim);
	strv_done(&initramfs->modules);
	strv_done(&initramfs->udev_rules);
	evidence_lines_done(&initramfs->loads);
	evidence_lines_done(&initramfs->modprobe);
	*initramfs = (struct evidence_initramfs){};
}

/* As fnmatch(3) has it, where "*" also stands for "/". */
static bool name_is(const char *name, const char *pattern)
{
	return fnmatch(pattern, name, 0) == 0;
}

static bool is_modprobe(const char *name)
{
	return name_is(name, "*modprobe.d/*.conf");
}

static bool is_udev_rules(const char *name)
{
	return name_is(name, "*udev/rules.d/*.rules");
}

/* Names of modules that are loaded: initramfs-tools(7), modules-load.d(5). */
static bool is_load_list(const char *name)
{
	return strcmp(name, "conf/modules") == 0 || name_is(name, "*modules-load.d/*.conf");
}

static bool wants(void *userdata, const char *name)
{
	return is_modprobe(name) || is_udev_rules(name) || is_load_list(name);
}

static int add_path(struct strv *paths, const char *name)
{
	return paths->n < KEPT_MAX ? strv_addf(paths, "/%s", name) : 0;
}

static int add_loads(struct evidence_lines *loads, const char *name, char *content)
{
	char *cursor = content, *line;
	int r = 0;

	while (r == 0 && loads->n < KEPT_MAX && (line = line_next(&cursor))) {
		char *rest = line, *word = word_next(&rest);

		if (word && module_find(word))
			r = evidence_lines_add(loads, name, word);
	}
	return r;
}

static int add_claim(char **claim, const char *name)
{
	if (*claim)
		return 0;
	if (asprintf(claim, "/%s", name) < 0) {
		*claim = NULL;
		return -ENOMEM;
	}
	return 0;
}

/* There daxctl has no configuration. */
static int add_udev_rules(struct strv *paths, const char *name, char *content)
{
	const char *line;

	return udev_rules_parse(content, &line) == UDEV_RULES_COMPETE ? add_path(paths, name) : 0;
}

static int take(void *userdata, const char *name, char *content)
{
	struct evidence_initramfs *initramfs = userdata;

	/* What is in a line of its own must not end it. */
	if (strpbrk(name, "\n\t"))
		return 0;
	if (name_is(name, "*/daxtierd/boot-claim"))
		return add_claim(&initramfs->claim, name);
	if (module_of_path(name, strlen(name)))
		return add_path(&initramfs->modules, name);
	if (!content)
		return 0;
	if (is_udev_rules(name))
		return add_udev_rules(&initramfs->udev_rules, name, content);
	if (is_load_list(name))
		return add_loads(&initramfs->loads, name, content);
	return initramfs->modprobe.n < KEPT_MAX
		       ? modprobe_lines_add(&initramfs->modprobe, name, content)
		       : 0;
}

/* -ENOENT: there is none of that name. */
static int image_look(struct look *look, const char *path, struct evidence_initramfs *ret)
{
	_cleanup_(evidence_initramfs_done) struct evidence_initramfs found = {};
	const struct initramfs_reader reader = {.wants = wants, .take = take, .userdata = &found};
	_cleanup_close_ int fd = -EBADF;
	const char *why = NULL;
	int r;

	fd = sysfs_open_below(look->sysfs->root_fd, path, O_RDONLY | O_NOCTTY | O_NONBLOCK);
	if (fd == -ENOENT || fd == -ENOTDIR)
		return -ENOENT;
	r = fd < 0 ? fd : sysfs_check_regular(fd);
	if (r == 0)
		r = initramfs_read(fd, &reader, &why);
	/* Of half of it, nothing is known. */
	if (r == -EBADMSG)
		return look_problem(look, "initramfs: /%s: %s", path, why);
	if (r < 0)
		return look_failed(look, r, "/%s", path);
	if (asprintf(&found.file, "/%s", path) < 0) {
		found.file = NULL;
		return -ENOMEM;
	}
	*ret = found;
	found = (struct evidence_initramfs){};
	return 0;
}

/* Debian's, Fedora's and SUSE's name. */
static int images_look(struct look *look, const char *release, struct evidence_initramfs *ret)
{
	static const char *const names[][2] = {
		{"boot/initrd.img-", ""},
		{"boot/initramfs-", ".img"},
		{"boot/initrd-", ""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_free_ char *path = NULL;
		int r;

		if (asprintf(&path, "%s%s%s", names[i][0], release, names[i][1]) < 0) {
			path = NULL;
			return -ENOMEM;
		}
		r = image_look(look, path, ret);
		if (r != -ENOENT)
			return r;
	}
	return look_problem(look, "initramfs: there is no /boot/initrd.img-%s", release);
}

static int replace(char **field, const char *value)
{
	char *copy = strdup(value);

	if (!copy)
		return -ENOMEM;
	free(*field);
	*field = copy;
	return 0;
}

/* "/etc/modprobe.d/a.conf<tab>blacklist kmem" */
static int take_line(struct evidence_lines *lines, char *value)
{
	char *tab = strchr(value, '\t');

	if (!tab || lines->n >= KEPT_MAX)
		return 0;
	*tab = '\0';
	return evidence_lines_add(lines, value, tab + 1);
}

static int take_key(struct evidence_initramfs *initramfs, const char *key, char *value)
{
	if (strcmp(key, "file") == 0)
		return replace(&initramfs->file, value);
	if (strcmp(key, "claim") == 0)
		return replace(&initramfs->claim, value);
	if (strcmp(key, "module") == 0 && initramfs->modules.n < KEPT_MAX)
		return strv_add(&initramfs->modules, value);
	if (strcmp(key, "udev-rules") == 0 && initramfs->udev_rules.n < KEPT_MAX)
		return strv_add(&initramfs->udev_rules, value);
	if (strcmp(key, "load") == 0)
		return take_line(&initramfs->loads, value);
	if (strcmp(key, "modprobe") == 0)
		return take_line(&initramfs->modprobe, value);
	return 0;
}

/* What another version knows besides is passed over. */
static int parse(char *text, struct evidence_initramfs *ret)
{
	char *cursor = text, *line;
	int r = 0;

	while (r == 0 && (line = line_next(&cursor))) {
		char *value = strchr(line, '=');

		if (!value || value[1] != '/')
			continue;
		*value = '\0';
		r = take_key(ret, line, value + 1);
	}
	return r;
}

/* 1, 0 (also where it cannot be told), or -ENOMEM. */
static int exists(struct look *look, const char *path)
{
	int r = sysfs_exists(look->sysfs, "%s", path);

	return r < 0 ? look_failed(look, r, "/%s", path) : r;
}

/* What is on the host: the hook that images are made with, and the mark of the one that it ran. */
static int host_look(struct look *look, struct evidence_initramfs *ret)
{
	int r;

	r = exists(look, "usr/share/initramfs-tools/hooks/daxtierd");
	if (r > 0)
		ret->hook = INITRAMFS_HOOK_TOOLS;
	if (r == 0 && (r = exists(look, "usr/lib/dracut/modules.d/90daxtierd/module-setup.sh")) > 0)
		ret->hook = INITRAMFS_HOOK_DRACUT;
	if (r >= 0)
		r = exists(look, EVIDENCE_BOOT_CLAIM);
	ret->abandoned = r > 0;
	return r < 0 ? r : 0;
}

int evidence_initramfs_look(struct look *look, const char *release, struct evidence_initramfs *ret)
{
	_cleanup_free_ char *text = NULL;
	int r = 0;

	if (!sysfs_is_live(look->sysfs))
		r = look_string(look, &text, EVIDENCE_INITRAMFS_PATH);
	if (r == 0)
		r = text ? parse(text, ret) : images_look(look, release, ret);
	return r < 0 ? r : host_look(look, ret);
}

static void put_lines(FILE *f, const char *key, const struct evidence_lines *lines)
{
	for (size_t i = 0; i < lines->n; i++)
		fprintf(f, "%s=%s\t%s\n", key, lines->items[i].file, lines->items[i].line);
}

static void put_paths(FILE *f, const char *key, const struct strv *paths)
{
	for (size_t i = 0; i < paths->n; i++)
		fprintf(f, "%s=%s\n", key, paths->items[i]);
}

char *evidence_initramfs_to_string(const struct evidence_initramfs *initramfs)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_fclose_ FILE *f = NULL;
	size_t size;

	f = open_memstream(&text, &size);
	if (!f)
		return NULL;
	fprintf(f, "file=%s\n", initramfs->file);
	if (initramfs->claim)
		fprintf(f, "claim=%s\n", initramfs->claim);
	put_paths(f, "module", &initramfs->modules);
	put_paths(f, "udev-rules", &initramfs->udev_rules);
	put_lines(f, "load", &initramfs->loads);
	put_lines(f, "modprobe", &initramfs->modprobe);
	/* Before the text is taken: closing sets it once more. */
	if (fclose(TAKE_PTR(f)) != 0)
		return NULL;
	return TAKE_PTR(text);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "capture/filter.h"

void recorder_done(struct recorder *recorder)
{
	serial_mask_done(&recorder->serials);
	strv_done(&recorder->unreadable);
}

/* "../../sys/devices/a": to, seen from the folder from, which is "" for the root. */
static char *relative(const char *from, const char *to)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_fclose_ FILE *f = NULL;
	size_t size;

	f = open_memstream(&text, &size);
	if (!f)
		return NULL;
	if (*from)
		fputs("../", f);
	for (; *from; from++)
		if (*from == '/')
			fputs("../", f);
	fputs(to, f);
	if (fclose(TAKE_PTR(f)) != 0)
		return NULL;
	return TAKE_PTR(text);
}

/*
 * The links on the way from below the folder at, whose path passes through none, to at/name; *ret
 * is where that is. 0 or negative errno.
 */
static int keep_component(struct recorder *recorder, int root_fd, const char *at, const char *name,
			  char **ret)
{
	_cleanup_free_ char *path = NULL, *real = NULL, *target = NULL;
	int r;

	if (asprintf(&path, "%s%s%s", at, *at ? "/" : "", name) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	r = sysfs_real_ops.resolve(NULL, root_fd, path, &real);
	if (r < 0)
		return r;
	if (strcmp(path, real) != 0) {
		target = relative(at, real);
		if (!target)
			return -ENOMEM;
		r = image_put_link(recorder->image, path, target);
		if (r < 0)
			return r;
	}
	*ret = TAKE_PTR(real);
	return 0;
}

/* Keeps the links on path; *ret is what it leads to, without any. 0 or negative errno. */
static int keep_links(struct recorder *recorder, int root_fd, const char *path, char **ret)
{
	_cleanup_free_ char *copy = strdup(path), *at = strdup("");
	char *save = NULL;

	if (!copy || !at)
		return -ENOMEM;
	for (char *name = strtok_r(copy, "/", &save); name; name = strtok_r(NULL, "/", &save)) {
		char *next;
		int r;

		r = keep_component(recorder, root_fd, at, name, &next);
		if (r < 0)
			return r;
		free(at);
		at = next;
	}
	*ret = TAKE_PTR(at);
	return 0;
}

static const char *last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Content that goes in as another one; *ret stays NULL where it goes in as it is. */
static int mask_content(struct recorder *recorder, const char *path, const char *data, char **ret)
{
	uint64_t serial, masked;
	int r;

	if (!recorder->mask || strcmp(last_component(path), "serial") != 0)
		return 0;
	/* What cannot be understood cannot be told to be harmless. */
	if (parse_u64(data, &serial) < 0)
		serial = 0;
	r = serial_mask_number(&recorder->serials, serial, &masked);
	if (r < 0)
		return r;
	if (asprintf(ret, "0x%" PRIx64 "\n", masked) < 0) {
		*ret = NULL;
		return -ENOMEM;
	}
	return 0;
}

static int keep_file(struct recorder *recorder, int root_fd, const char *path, const char *data,
		     size_t size)
{
	_cleanup_free_ char *real = NULL, *changed = NULL;
	int r;

	r = filter_content(path, data, &changed);
	if (r <= 0)
		return r;
	r = keep_links(recorder, root_fd, path, &real);
	if (r == 0)
		r = mask_content(recorder, real, data, &changed);
	if (r < 0)
		return r;
	return image_put_file(recorder->image, real, changed ?: data,
			      changed ? strlen(changed) : size);
}

/* That it is there, not what is in it. */
static int keep_existence(struct recorder *recorder, int root_fd, const char *path)
{
	_cleanup_free_ char *real = NULL;
	struct stat st;
	int r;

	r = keep_links(recorder, root_fd, path, &real);
	if (r < 0 || !*real)
		return r;
	if (fstatat(root_fd, real, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return image_put_directory(recorder->image, real);
	if (!S_ISREG(st.st_mode) || image_get(recorder->image, real))
		return 0;
	return image_put_file(recorder->image, real, "", 0);
}

/* What left in the meantime is as good as never seen. */
static int only_oom(int r)
{
	return r == -ENOMEM ? r : 0;
}

static int note_unreadable(struct recorder *recorder, const char *path, int error)
{
	if (error != -EACCES && error != -EPERM)
		return 0;
	if (strv_contains(&recorder->unreadable, path))
		return 0;
	return strv_add(&recorder->unreadable, path);
}

static int record_read(void *userdata, int root_fd, const char *path, char **ret, size_t *ret_size)
{
	struct recorder *recorder = userdata;
	_cleanup_free_ char *data = NULL;
	size_t size = 0;
	int r;

	r = sysfs_real_ops.read(NULL, root_fd, path, &data, &size);
	if (r < 0)
		return note_unreadable(recorder, path, r) < 0 ? -ENOMEM : r;
	r = only_oom(keep_file(recorder, root_fd, path, data, size));
	if (r < 0)
		return r;
	*ret = TAKE_PTR(data);
	*ret_size = size;
	return 0;
}

/* Who only looks does not write. */
static int record_write(void *userdata, int root_fd, const char *path, const char *value)
{
	return -EROFS;
}

static int record_resolve(void *userdata, int root_fd, const char *path, char **ret)
{
	struct recorder *recorder = userdata;
	_cleanup_free_ char *target = NULL;
	int r;

	r = sysfs_real_ops.resolve(NULL, root_fd, path, &target);
	if (r < 0)
		return note_unreadable(recorder, path, r) < 0 ? -ENOMEM : r;
	r = only_oom(keep_existence(recorder, root_fd, path));
	if (r < 0)
		return r;
	*ret = TAKE_PTR(target);
	return 0;
}

/* The folder, and what is in it only when that is looked at, too. */
static int record_list(void *userdata, int root_fd, const char *path, struct strv *ret)
{
	struct recorder *recorder = userdata;
	_cleanup_(strv_done) struct strv names = {};
	int r;

	r = sysfs_real_ops.list(NULL, root_fd, path, &names);
	if (r < 0)
		return note_unreadable(recorder, path, r) < 0 ? -ENOMEM : r;
	r = only_oom(keep_existence(recorder, root_fd, path));
	if (r < 0)
		return r;
	*ret = names;
	names = (struct strv){};
	return 0;
}

const struct sysfs_ops recorder_ops = {
	.read = record_read,
	.write = record_write,
	.resolve = record_resolve,
	.list = record_list,
};

static int keep_path(struct sysfs *sysfs, const char *path)
{
	_cleanup_free_ char *data = NULL, *target = NULL;
	size_t size;
	int r;

	r = sysfs_read_blob(sysfs, &data, &size, "%s", path);
	if (r == -EISDIR)
		r = sysfs_resolve(sysfs, &target, "%s", path);
	return only_oom(r);
}

/* Names without a leading dot, as a shell has it. */
static bool matches(const char *pattern, const char *name)
{
	return fnmatch(pattern, name, FNM_PERIOD) == 0;
}

int recorder_keep(struct sysfs *sysfs, const char *pattern)
{
	_cleanup_(strv_done) struct strv names = {};
	_cleanup_free_ char *folder = NULL, *component = NULL;
	size_t begin, end;
	int r;

	begin = strcspn(pattern, "*?");
	if (!pattern[begin])
		return keep_path(sysfs, pattern);
	while (begin > 0 && pattern[begin - 1] != '/')
		begin--;
	end = begin + strcspn(pattern + begin, "/");
	folder = strndup(pattern, begin > 0 ? begin - 1 : 0);
	component = strndup(pattern + begin, end - begin);
	if (!folder || !component)
		return -ENOMEM;
	r = only_oom(sysfs_list(sysfs, &names, "%s", folder));
	for (size_t i = 0; r == 0 && i < names.n; i++) {
		_cleanup_free_ char *next = NULL;

		if (!matches(component, names.items[i]))
			continue;
		if (asprintf(&next, "%s/%s%s", folder, names.items[i], pattern + end) < 0) {
			next = NULL;
			return -ENOMEM;
		}
		r = recorder_keep(sysfs, next);
	}
	return r;
}

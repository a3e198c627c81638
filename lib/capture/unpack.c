/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "capture/tar.h"

/* Deeper than any device sits. */
#define DEPTH_MAX 64

static int fail(char **ret_why, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static int fail(char **ret_why, int error, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	if (vasprintf(ret_why, format, ap) < 0)
		*ret_why = NULL;
	va_end(ap);
	return error;
}

static bool component_is(const char *s, size_t n, const char *name)
{
	return n == strlen(name) && strncmp(s, name, n) == 0;
}

/*
 * "./sys//devices/" to "sys/devices", in place. The number of components, or -EBADMSG: a name that
 * leads elsewhere.
 */
static int normalize(char *path)
{
	const char *from = path;
	char *to = path;
	int n = 0;

	if (*path == '/')
		return -EBADMSG;
	while (*from) {
		size_t length = strcspn(from, "/");

		if (component_is(from, length, ".."))
			return -EBADMSG;
		if (length > 0 && !component_is(from, length, ".")) {
			if (n++ > 0)
				*to++ = '/';
			memmove(to, from, length);
			to += length;
		}
		from += length;
		from += strspn(from, "/");
	}
	*to = '\0';
	return n;
}

/* Whether path is proc/PID/fd/N. */
static bool is_descriptor(const char *path)
{
	static const char digits[] = "0123456789";
	size_t n;

	if (strncmp(path, "proc/", 5) != 0)
		return false;
	path += 5;
	n = strspn(path, digits);
	if (n == 0 || strncmp(path + n, "/fd/", 4) != 0)
		return false;
	path += n + 4;
	n = strspn(path, digits);
	return n > 0 && path[n] == '\0';
}

/*
 * Whether a link with depth folders above it stays below the root. A ".." behind a name could lead
 * up from where that name's link leads to, so there is none; at the beginning it counts from where
 * the link stands, which no link is on the way to. None leads to the root or to proc, and so by
 * another one's detour to the links of descriptors, which do lead out.
 */
static bool target_stays(const char *target, int depth)
{
	bool down = false;
	int ups = 0;

	if (*target == '/' || *target == '\0')
		return false;
	while (*target) {
		size_t length = strcspn(target, "/");

		if (component_is(target, length, "..")) {
			if (down || ++ups > depth)
				return false;
		} else if (length > 0 && !component_is(target, length, ".")) {
			if (!down && ups == depth && component_is(target, length, "proc"))
				return false;
			down = true;
		}
		target += length;
		target += strspn(target, "/");
	}
	return down || ups < depth;
}

static bool link_stays(const struct tar_entry *entry, int depth)
{
	if (is_descriptor(entry->path))
		return true;
	return strncmp(entry->path, "proc/", 5) != 0 && target_stays(entry->target, depth);
}

/*
 * Opens the folder above path's last component, and makes those on the way. No link is followed:
 * one that the archive made would otherwise lead to wherever it says.
 */
static int open_parent(int dir_fd, char *path, int *ret_fd, const char **ret_name)
{
	_cleanup_close_ int fd = dup(dir_fd);
	char *slash;

	if (fd < 0)
		return -errno;
	while ((slash = strchr(path, '/'))) {
		int next, error = 0;

		*slash = '\0';
		if (mkdirat(fd, path, 0755) < 0 && errno != EEXIST)
			error = -errno;
		next = error < 0 ? -1
				 : openat(fd, path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (error == 0 && next < 0)
			error = -errno;
		*slash = '/';
		if (error < 0)
			return error;
		close_keep_errno(fd);
		fd = next;
		path = slash + 1;
	}
	*ret_fd = TAKE_FD(fd);
	*ret_name = path;
	return 0;
}

static int make_file(int dir_fd, const char *name, const char *data, size_t size)
{
	_cleanup_close_ int fd = -EBADF;
	size_t done = 0;

	fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	while (done < size) {
		ssize_t n = write(fd, data + done, size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		done += (size_t)n;
	}
	return 0;
}

static int make_directory(int dir_fd, const char *name)
{
	struct stat st;

	if (mkdirat(dir_fd, name, 0755) == 0)
		return 0;
	/* Tar lists folders also after what is in them. */
	if (errno == EEXIST && fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(st.st_mode))
		return 0;
	return -EEXIST;
}

static int make_entry(int dir_fd, struct tar_entry *entry)
{
	_cleanup_close_ int parent = -EBADF;
	const char *name = NULL;
	int r;

	r = open_parent(dir_fd, entry->path, &parent, &name);
	if (r < 0)
		return r;
	switch (entry->type) {
	case TAR_FILE:
		return make_file(parent, name, entry->data, entry->size);
	case TAR_DIRECTORY:
		return make_directory(parent, name);
	case TAR_LINK:
		return symlinkat(entry->target, parent, name) < 0 ? -errno : 0;
	}
	return -EBADMSG;
}

static int unpack_entry(int dir_fd, struct tar_entry *entry, char **ret_why)
{
	int depth, r;

	depth = normalize(entry->path);
	if (depth < 0)
		return fail(ret_why, -EBADMSG, "%s leads out of it", entry->path);
	if (depth > DEPTH_MAX || strlen(entry->path) >= PATH_MAX)
		return fail(ret_why, -EBADMSG, "a name in it is too long");
	if (depth == 0 && entry->type == TAR_DIRECTORY) /* "./" */
		return 0;
	if (depth == 0)
		return fail(ret_why, -EBADMSG, "something in it has no name");
	if (entry->type == TAR_LINK && !link_stays(entry, depth - 1))
		return fail(ret_why, -EBADMSG, "the link %s leads out of it, to %s", entry->path,
			    entry->target);
	r = make_entry(dir_fd, entry);
	switch (r) {
	case -EEXIST:
		return fail(ret_why, -EBADMSG, "%s is in it twice", entry->path);
	case -ENOTDIR:
	case -ELOOP:
		return fail(ret_why, -EBADMSG, "%s is below something that is no folder",
			    entry->path);
	case -ENAMETOOLONG:
		return fail(ret_why, -EBADMSG, "a name in it is too long");
	}
	return r < 0 ? fail(ret_why, r, "cannot unpack %s: %s", entry->path, strerror(-r)) : 0;
}

int capture_unpack(FILE *f, int dir_fd, char **ret_why)
{
	size_t bytes = 0;

	for (size_t n = 0; n < UNPACK_ENTRIES_MAX; n++) {
		_cleanup_(tar_entry_done) struct tar_entry entry = {};
		const char *why = NULL;
		int r;

		r = tar_read(f, &entry, &why);
		if (r < 0)
			return fail(ret_why, r, "%s", why ?: strerror(-r));
		if (r == 0)
			return 0;
		bytes += entry.size;
		if (bytes > UNPACK_BYTES_MAX)
			return fail(ret_why, -EBADMSG, "it is too large for a captured host");
		r = unpack_entry(dir_fd, &entry, ret_why);
		if (r < 0)
			return r;
	}
	return fail(ret_why, -EBADMSG, "it has too many files for a captured host");
}

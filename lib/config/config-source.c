/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/config-source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"

#define FILE_SIZE_MAX (1U << 20)

/* In the order in which a name in one masks the same name in the next. */
static const char *const dropin_dirs[] = {
	"etc/daxtier.conf.d",
	"run/daxtier.conf.d",
	"usr/lib/daxtier.conf.d",
};

DEFINE_CLEANUP(DIR *, closedir);

static void config_source_done(struct config_source *source)
{
	free(source->name);
	free(source->path);
}

void config_sources_done(struct config_sources *sources)
{
	for (size_t i = 0; i < sources->n; i++)
		config_source_done(&sources->items[i]);
	free(sources->items);
	*sources = (struct config_sources){0};
}

char *config_source_full_path(const char *root, const char *path)
{
	size_t n = strlen(root);
	char *s;

	while (n > 0 && root[n - 1] == '/')
		n--;
	if (asprintf(&s, "%.*s/%s", (int)n, root, path) < 0)
		return NULL;
	return s;
}

/*
 * O_NONBLOCK: a FIFO must not hold up the start. RESOLVE_IN_ROOT: an absolute link in a captured
 * host means a file of that host.
 */
static int open_in(int root_fd, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY),
		.resolve = root_fd == AT_FDCWD ? 0 : RESOLVE_IN_ROOT,
	};
	long fd;

	fd = syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
	/* Sandboxes that predate the call; what is lost is only the tie to the root. */
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		fd = openat(root_fd, path, (int)how.flags);
	return fd < 0 ? -errno : (int)fd;
}

static bool is_dropin_name(const char *name)
{
	size_t n = strlen(name);

	/* Hidden files are editors' left-overs and locks. */
	return name[0] != '.' && n > strlen(".conf") &&
	       strcmp(name + n - strlen(".conf"), ".conf") == 0;
}

static bool is_listed(const struct config_sources *sources, const char *name)
{
	for (size_t i = 0; i < sources->n; i++)
		if (strcmp(sources->items[i].name, name) == 0)
			return true;
	return false;
}

static int add_source(struct config_sources *sources, const char *dir, const char *name)
{
	struct config_source source = {0}, *items;

	source.name = strdup(name);
	if (asprintf(&source.path, "%s/%s", dir, name) < 0)
		source.path = NULL; /* undefined after a failure */
	items = reallocarray(sources->items, sources->n + 1, sizeof(*items));
	if (items)
		sources->items = items;
	if (!source.name || !source.path || !items) {
		config_source_done(&source);
		return -ENOMEM;
	}
	sources->items[sources->n++] = source;
	return 0;
}

/* 0, or what the kernel says against it. */
static int list_dir(int root_fd, const char *dir, struct config_sources *sources)
{
	_cleanup_(closedirp) DIR *d = NULL;
	const struct dirent *entry;
	int fd, r;

	fd = open_in(root_fd, dir, O_DIRECTORY);
	if (fd < 0)
		return fd;
	d = fdopendir(fd);
	if (!d) {
		r = -errno;
		close(fd);
		return r;
	}
	while (errno = 0, (entry = readdir(d))) {
		if (!is_dropin_name(entry->d_name) || is_listed(sources, entry->d_name))
			continue;
		r = add_source(sources, dir, entry->d_name);
		if (r < 0)
			return r;
	}
	return -errno;
}

static int compare_sources(const void *a, const void *b)
{
	const struct config_source *x = a, *y = b;

	return strcmp(x->name, y->name);
}

int config_sources_list(int root_fd, const char *root, struct config_sources *ret,
			struct config_errors *errors)
{
	_cleanup_(config_sources_done) struct config_sources sources = {0};

	for (size_t i = 0; i < ARRAY_SIZE(dropin_dirs); i++) {
		_cleanup_free_ char *path = NULL;
		int r = list_dir(root_fd, dropin_dirs[i], &sources);

		if (r == 0 || r == -ENOENT)
			continue;
		if (r == -ENOMEM)
			return r;
		path = config_source_full_path(root, dropin_dirs[i]);
		if (!path)
			return -ENOMEM;
		r = config_errors_add(errors, &(struct config_place){.file = path},
				      "the folder cannot be read: %s", strerrordesc_np(-r));
		if (r < 0)
			return r;
	}
	if (sources.n > 0)
		qsort(sources.items, sources.n, sizeof(*sources.items), compare_sources);
	*ret = sources;
	sources = (struct config_sources){0};
	return 0;
}

/* Reads up to FILE_SIZE_MAX bytes and one more. */
static int read_text(int fd, char **ret_text, size_t *ret_size)
{
	_cleanup_free_ char *text = NULL;
	size_t size = 0, room = 0;

	for (;;) {
		ssize_t n;

		if (size == room) {
			char *grown;

			if (size > FILE_SIZE_MAX)
				return -EFBIG;
			room = room ? room * 2 : 4096;
			grown = realloc(text, room);
			if (!grown)
				return -ENOMEM;
			text = grown;
		}
		n = read(fd, text + size, room - size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		size += (size_t)n;
	}
	if (size > FILE_SIZE_MAX)
		return -EFBIG;
	*ret_text = TAKE_PTR(text);
	*ret_size = size;
	return 0;
}

/* Whether the link at path names /dev/null, which need not exist below a root. */
static bool is_null_link(int root_fd, const char *path)
{
	static const char null[] = "/dev/null";
	char target[sizeof(null)];
	ssize_t n = readlinkat(root_fd, path, target, sizeof(target));

	return n == (ssize_t)strlen(null) && memcmp(target, null, (size_t)n) == 0;
}

static int problem(const char *text, enum config_read *ret, char **ret_problem)
{
	char *copy = strdup(text);

	if (!copy)
		return -ENOMEM;
	*ret_problem = copy;
	*ret = CONFIG_READ_PROBLEM;
	return 0;
}

static int problem_errno(int r, enum config_read *ret, char **ret_problem)
{
	char *text;

	if (r == -ENOMEM)
		return r;
	if (asprintf(&text, "the file cannot be read: %s", strerrordesc_np(-r)) < 0)
		return -ENOMEM;
	*ret_problem = text;
	*ret = CONFIG_READ_PROBLEM;
	return 0;
}

int config_source_read(int root_fd, const char *path, enum config_read *ret, char **ret_text,
		       size_t *ret_size, char **ret_problem)
{
	_cleanup_close_ int fd = -EBADF;
	struct stat st;
	int r;

	if (is_null_link(root_fd, path)) {
		*ret = CONFIG_READ_MASK;
		return 0;
	}
	fd = open_in(root_fd, path, 0);
	/* A link that leads nowhere is a file that cannot be read. */
	if (fd == -ENOENT && faccessat(root_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) < 0) {
		*ret = CONFIG_READ_ABSENT;
		return 0;
	}
	if (fd < 0)
		return problem_errno(fd, ret, ret_problem);
	if (fstat(fd, &st) < 0)
		return problem_errno(-errno, ret, ret_problem);
	if (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3)) {
		*ret = CONFIG_READ_MASK;
		return 0;
	}
	if (!S_ISREG(st.st_mode))
		return problem("it is not a regular file", ret, ret_problem);

	r = read_text(fd, ret_text, ret_size);
	if (r == -EFBIG)
		return problem("the file is larger than 1 MiB", ret, ret_problem);
	if (r < 0)
		return problem_errno(r, ret, ret_problem);
	*ret = CONFIG_READ_TEXT;
	return 0;
}

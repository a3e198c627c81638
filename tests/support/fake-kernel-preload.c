/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Puts the fake kernel under a program that knows nothing of it:
 *
 *   LD_PRELOAD=…/libfake-kernel-preload.so FAKE_KERNEL_ROOT=/path/of/the/tree daxtierd --root …
 *
 * A write(2) to a file below sys/ or proc/ of that tree goes to the model instead of the file, and
 * a first read(2) may be made to fail. Whatever else the program writes is its own. A program built
 * with AddressSanitizer also needs ASAN_OPTIONS=verify_asan_link_order=0.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fake-kernel.h"

static char root[PATH_MAX]; /* "": no fake kernel */
static ssize_t (*real_write)(int fd, const void *buf, size_t size);
static ssize_t (*real_read)(int fd, void *buf, size_t size);
static long (*real_syscall)(long number, ...);

/* The model reads and writes files of the tree itself. */
static __thread int inside;

ssize_t __read_chk(int fd, void *buf, size_t size, size_t buf_size);

static void load(void)
{
	const char *wanted = getenv("FAKE_KERNEL_ROOT");

	real_write = (ssize_t(*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
	real_read = (ssize_t(*)(int, void *, size_t))dlsym(RTLD_NEXT, "read");
	real_syscall = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	if (wanted && !realpath(wanted, root))
		root[0] = '\0';
}

static void load_once(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load);
}

static int is_attribute(const char *path)
{
	return strncmp(path, "sys/", 4) == 0 || strncmp(path, "proc/", 5) == 0;
}

/* Where below the root the descriptor leads, NULL when it is none of ours. A file that the model
 * replaced after it was opened is still the same attribute. */
static const char *below_root(int fd, char buf[static PATH_MAX])
{
	static const char deleted[] = " (deleted)";
	size_t n = strlen(root), length;
	char link[64];
	ssize_t k;

	if (inside || root[0] == '\0')
		return NULL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	k = readlink(link, buf, PATH_MAX - 1);
	if (k < 0)
		return NULL;
	buf[k] = '\0';
	if (strncmp(buf, root, n) != 0 || buf[n] != '/')
		return NULL;
	length = (size_t)k;
	if (length > sizeof(deleted) - 1 &&
	    strcmp(buf + length - (sizeof(deleted) - 1), deleted) == 0)
		buf[length - (sizeof(deleted) - 1)] = '\0';
	return is_attribute(buf + n + 1) ? buf + n + 1 : NULL;
}

ssize_t write(int fd, const void *buf, size_t size)
{
	int saved = errno, r;
	char path_buf[PATH_MAX], *value;
	const char *path;

	load_once();
	path = below_root(fd, path_buf);
	errno = saved;
	if (!path)
		return real_write(fd, buf, size);
	value = strndup(buf, size);
	if (!value)
		abort();
	inside = 1;
	r = fake_kernel_write(root, path, value);
	inside = 0;
	free(value);
	/* It was there when it was opened. */
	errno = r == -ENOENT ? ENODEV : r < 0 ? -r : saved;
	return r < 0 ? -1 : (ssize_t)size;
}

/* Only the first read of an open file asks the kernel for the attribute's text. */
static int read_fails(int fd)
{
	char path_buf[PATH_MAX];
	const char *path;
	int saved = errno, r = 0;

	path = below_root(fd, path_buf);
	if (path && lseek(fd, 0, SEEK_CUR) == 0) {
		inside = 1;
		r = fake_kernel_before_read(root, path);
		inside = 0;
	}
	errno = r < 0 ? -r : saved;
	return r < 0;
}

ssize_t read(int fd, void *buf, size_t size)
{
	load_once();
	return read_fails(fd) ? -1 : real_read(fd, buf, size);
}

/* What read() becomes with _FORTIFY_SOURCE. */
ssize_t __read_chk(int fd, void *buf, size_t size, size_t buf_size)
{
	if (size > buf_size)
		abort();
	return read(fd, buf, size);
}

/*
 * openat2(2) has no wrapper. A truncated attribute would be empty for other processes until the
 * write that follows, and for good when that fails; sysfs ignores O_TRUNC.
 */
static long open_attribute(int dir_fd, const char *path, const struct open_how *how, size_t size)
{
	struct open_how changed = *how;

	if (root[0] && is_attribute(path))
		changed.flags &= ~(uint64_t)O_TRUNC;
	return real_syscall(SYS_openat2, dir_fd, path, &changed, size);
}

long syscall(long number, ...)
{
	long a[6];
	va_list ap;

	load_once();
	va_start(ap, number);
	for (size_t i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (number == SYS_openat2 && (size_t)a[3] == sizeof(struct open_how))
		return open_attribute((int)a[0], (const char *)a[1], (const struct open_how *)a[2],
				      (size_t)a[3]);
	return real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

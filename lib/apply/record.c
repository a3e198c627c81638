/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "apply/record.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/format.h"

/* Two words of the kernel and their keys: what is longer is no record. */
#define RECORD_SIZE_MAX 256

/* A line for each of more blocks than a host has. */
#define RECORD_TEXT_MAX ((size_t)16 << 20)

void record_done(struct record *record)
{
	for (size_t i = 0; i < RECORD_FIELDS; i++)
		free(record->values[i]);
	*record = (struct record){};
}

int run_dir_open(const char *path, int *ret_fd)
{
	int fd;

	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

int run_dir_make(const char *path, int *ret_fd)
{
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return -errno;
	return run_dir_open(path, ret_fd);
}

int run_dir_lock(int dir_fd, const char *name, int *ret_fd)
{
	_cleanup_close_ int fd = -EBADF;

	fd = openat(dir_fd, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return -errno;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

/* 1 with the text, 0 when there is no such file. Longer text is cut, and so not of the form. */
static int read_text(int dir_fd, const char *name, char buf[static RECORD_SIZE_MAX])
{
	_cleanup_close_ int fd = -EBADF;
	ssize_t n;

	fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	n = read(fd, buf, RECORD_SIZE_MAX - 1);
	if (n < 0)
		return -errno;
	buf[n] = '\0';
	return 1;
}

char *record_text(int dir_fd, const char *name)
{
	char buf[RECORD_SIZE_MAX];

	if (read_text(dir_fd, name, buf) <= 0)
		buf[0] = '\0';
	return text_clean(buf);
}

/* Takes "key=value\n" off the front of *text; the value is cut out in place. */
static int take_field(char **text, const char *key, char **ret)
{
	size_t n = strlen(key);
	char *end;

	if (strncmp(*text, key, n) != 0 || (*text)[n] != '=')
		return -EBADMSG;
	end = strchr(*text, '\n');
	if (!end || end == *text + n + 1)
		return -EBADMSG;
	*end = '\0';
	*ret = *text + n + 1;
	*text = end + 1;
	return 0;
}

int record_read(int dir_fd, const char *name, const char *const keys[RECORD_FIELDS],
		struct record *ret)
{
	_cleanup_(record_done) struct record record = {};
	char buf[RECORD_SIZE_MAX], *rest = buf, *value;
	int r;

	r = read_text(dir_fd, name, buf);
	if (r <= 0)
		return r;
	for (size_t i = 0; i < RECORD_FIELDS; i++) {
		r = take_field(&rest, keys[i], &value);
		if (r < 0)
			return r;
		record.values[i] = strdup(value);
		if (!record.values[i])
			return -ENOMEM;
	}
	if (*rest != '\0')
		return -EBADMSG;
	*ret = record;
	record = (struct record){};
	return 1;
}

static int write_synced(int dir_fd, const char *name, const char *text)
{
	_cleanup_close_ int fd = -EBADF;
	size_t size = strlen(text);
	ssize_t n;

	fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	n = write(fd, text, size);
	if (n < 0)
		return -errno;
	if ((size_t)n != size)
		return -EIO;
	return fsync(fd) < 0 ? -errno : 0;
}

int record_write_text(int dir_fd, const char *name, const char *text)
{
	char fresh[NAME_MAX];
	int r;

	snprintf(fresh, sizeof(fresh), "%s.new", name);
	r = write_synced(dir_fd, fresh, text);
	if (r < 0)
		return r;
	if (renameat(dir_fd, fresh, dir_fd, name) < 0)
		return -errno;
	return fsync(dir_fd) < 0 ? -errno : 0;
}

int record_write(int dir_fd, const char *name, const char *const keys[RECORD_FIELDS],
		 const char *const values[RECORD_FIELDS])
{
	char text[RECORD_SIZE_MAX];
	int n;

	n = snprintf(text, sizeof(text), "%s=%s\n%s=%s\n", keys[0], values[0], keys[1], values[1]);
	if (n < 0 || (size_t)n >= sizeof(text) - 1)
		return -EMSGSIZE;
	return record_write_text(dir_fd, name, text);
}

int record_read_text(int dir_fd, const char *name, char **ret)
{
	_cleanup_close_ int fd = -EBADF;
	_cleanup_free_ char *text = NULL;
	struct stat st;
	ssize_t n;

	fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size < 0 || (uint64_t)st.st_size > RECORD_TEXT_MAX)
		return -EFBIG;
	text = malloc((size_t)st.st_size + 1);
	if (!text)
		return -ENOMEM;
	n = read(fd, text, (size_t)st.st_size);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	*ret = TAKE_PTR(text);
	return 1;
}

int record_remove(int dir_fd, const char *name)
{
	if (unlinkat(dir_fd, name, 0) < 0)
		return errno == ENOENT ? 0 : -errno;
	return fsync(dir_fd) < 0 ? -errno : 0;
}

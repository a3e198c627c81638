/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One write(2) to an attribute, and the kernel's answer as a person and a test can read it:
 *
 *   attribute write FILE VALUE          print "ok", or the name of the errno, such as EBUSY
 *   attribute write-nth N FILE VALUE    the same, with the N-th allocation inside the kernel
 *                                       made to fail; prints also "failed" or "untouched":
 *                                       whether there were that many
 *
 * The exit code is 0 whenever there was an answer. An echo of the shell tells less: it writes what
 * it likes, and only prints a text that depends on the locale.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fail(const char *what)
{
	perror(what);
	return 2;
}

static const char *answer_of(ssize_t written, size_t size, int error)
{
	if (written == (ssize_t)size)
		return "ok";
	return written < 0 ? strerrorname_np(error) : "short";
}

static int write_value(const char *path, const char *value)
{
	size_t size = strlen(value);
	ssize_t n;
	int fd;

	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0) {
		/* Refused already here, as it is to a user who may not. */
		puts(strerrorname_np(errno));
		return 0;
	}
	n = write(fd, value, size);
	puts(answer_of(n, size, errno));
	close(fd);
	return 0;
}

/*
 * fail-nth counts down at every allocation of this task, and the one that brings it to 0 fails.
 * Nothing may be allocated between arming it and the write.
 */
static int write_value_nth(const char *nth, const char *path, const char *value)
{
	size_t size = strlen(value);
	int fd, nth_fd, error;
	char left[32] = "";
	ssize_t n;

	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return fail(path);
	nth_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (nth_fd < 0)
		return fail("/proc/thread-self/fail-nth");
	if (write(nth_fd, nth, strlen(nth)) < 0)
		return fail("arming fail-nth");
	n = write(fd, value, size);
	error = errno;
	if (pread(nth_fd, left, sizeof(left) - 1, 0) <= 0)
		return fail("reading fail-nth");
	if (write(nth_fd, "0", 1) < 0)
		return fail("disarming fail-nth");
	printf("%s %s\n", answer_of(n, size, error), atoi(left) == 0 ? "failed" : "untouched");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "write") == 0)
		return write_value(argv[2], argv[3]);
	if (argc == 5 && strcmp(argv[1], "write-nth") == 0)
		return write_value_nth(argv[2], argv[3], argv[4]);
	fprintf(stderr, "usage: attribute write FILE VALUE | write-nth N FILE VALUE\n");
	return 2;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/look.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/errno-util.h"

static int add_problem(struct look *look, char *line)
{
	if (strv_contains(look->problems, line)) {
		free(line);
		return 0;
	}
	return strv_add_take(look->problems, line);
}

int look_problem(struct look *look, const char *format, ...)
{
	char *line = NULL;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vasprintf(&line, format, ap);
	va_end(ap);
	return n < 0 ? -ENOMEM : add_problem(look, line);
}

static int failed(struct look *look, int error, const char *what)
{
	const char *hint = "";
	char *line = NULL;

	if (error == -ENOMEM)
		return error;
	if (errno_classify(error) == ERRNO_CLASS_GONE)
		return 0;
	look->failures++;
	if (error == -EACCES || error == -EPERM)
		hint = "; run as root";
	if (asprintf(&line, "cannot read %s: %s (%s)%s", what, strerror(-error), errno_name(error),
		     hint) < 0)
		return -ENOMEM;
	return add_problem(look, line);
}

int look_failed(struct look *look, int error, const char *format, ...)
{
	_cleanup_free_ char *what = NULL;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vasprintf(&what, format, ap);
	va_end(ap);
	if (n < 0) {
		what = NULL;
		return -ENOMEM;
	}
	return failed(look, error, what);
}

/*
 * The one shape of all readers: format the path, call the function of sysfs/ that has the same
 * name, absorb its failure.
 */
#define LOOK_AT(function)                                                                          \
	_cleanup_free_ char *path = NULL;                                                          \
	va_list ap;                                                                                \
	int n, r;                                                                                  \
                                                                                                   \
	va_start(ap, format);                                                                      \
	n = vasprintf(&path, format, ap);                                                          \
	va_end(ap);                                                                                \
	if (n < 0) {                                                                               \
		path = NULL;                                                                       \
		return -ENOMEM;                                                                    \
	}                                                                                          \
	r = function(look->sysfs, ret, "%s", path);                                                \
	return r < 0 ? failed(look, r, path) : 0

int look_string(struct look *look, char **ret, const char *format, ...)
{
	LOOK_AT(sysfs_read_string);
}

int look_link_name(struct look *look, char **ret, const char *format, ...)
{
	LOOK_AT(sysfs_link_name);
}

int look_resolve(struct look *look, char **ret, const char *format, ...)
{
	LOOK_AT(sysfs_resolve);
}

int look_instance(struct look *look, uint64_t *ret, const char *format, ...)
{
	LOOK_AT(sysfs_instance);
}

int look_list(struct look *look, struct strv *ret, const char *format, ...)
{
	LOOK_AT(sysfs_list);
}

int look_u64(struct look *look, uint64_t *ret, const char *format, ...)
{
	LOOK_AT(sysfs_read_u64);
}

int look_hex(struct look *look, uint64_t *ret, const char *format, ...)
{
	LOOK_AT(sysfs_read_hex);
}

int look_int(struct look *look, int *ret, const char *format, ...)
{
	LOOK_AT(sysfs_read_int);
}

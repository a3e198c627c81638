/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/errno-util.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

/* The kernel never returns an error beyond this one (MAX_ERRNO in include/linux/err.h). */
#define ERRNO_MAX 4095

static int magnitude(int error)
{
	if (error == INT_MIN)
		return INT_MAX;
	return error < 0 ? -error : error;
}

enum errno_class errno_classify(int error)
{
	switch (magnitude(error)) {
	case 0:
		return ERRNO_CLASS_NONE;
	case EBUSY:
	case EAGAIN:
	case EINTR:
	case ENOMEM:
		return ERRNO_CLASS_TRANSIENT;
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return ERRNO_CLASS_GONE;
	}
	return ERRNO_CLASS_PERMANENT;
}

const char *errno_name(int error)
{
	const char *name;

	if (error == 0)
		return "OK";
	name = strerrorname_np(magnitude(error));
	return name ? name : "UNKNOWN";
}

int errno_from_name(const char *name)
{
	for (int error = 1; error <= ERRNO_MAX; error++) {
		const char *candidate = strerrorname_np(error);

		if (candidate && strcmp(candidate, name) == 0)
			return -error;
	}
	return 0;
}

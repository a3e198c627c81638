/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_BASE_ERRNO_UTIL_H
#define DAXTIER_BASE_ERRNO_UTIL_H

/* What an error means for the caller, whatever it was called on. */
enum errno_class {
	ERRNO_CLASS_NONE,      /* no error */
	ERRNO_CLASS_TRANSIENT, /* the same call may succeed later: EBUSY, EAGAIN, EINTR, ENOMEM */
	ERRNO_CLASS_GONE,      /* the object left: ENOENT, ENODEV, ENXIO */
	ERRNO_CLASS_PERMANENT, /* anything else: somebody has to act */
};

/* error: negative errno, 0, or positive errno. */
enum errno_class errno_classify(int error);

/* The symbolic name ("EBUSY") of a negative or positive errno; "OK" for 0, "UNKNOWN" for
 * what has no name; static storage. */
const char *errno_name(int error);

/* The reverse: a negative errno from its symbolic name, or 0 when there is no such name. */
int errno_from_name(const char *name);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_BASE_CLEANUP_H
#define DAXTIER_BASE_CLEANUP_H

/*
 * Scope-bound ownership. A local is acquired into a variable that releases itself, and is
 * published last with TAKE_PTR() or TAKE_FD(), so that an early return leaks nothing.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(f) __attribute__((cleanup(f)))

#define TAKE_PTR(p)                                                                                \
	({                                                                                         \
		__typeof__(p) *_pp = &(p);                                                         \
		__typeof__(p) _taken = *_pp;                                                       \
		*_pp = NULL;                                                                       \
		_taken;                                                                            \
	})

#define TAKE_FD(fd)                                                                                \
	({                                                                                         \
		int *_fdp = &(fd);                                                                 \
		int _taken = *_fdp;                                                                \
		*_fdp = -EBADF;                                                                    \
		_taken;                                                                            \
	})

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Defines func##p() for _cleanup_(func##p) on a variable of the given pointer type. */
#define DEFINE_CLEANUP(type, func)                                                                 \
	static inline void func##p(type *p)                                                        \
	{                                                                                          \
		if (*p)                                                                            \
			func(*p);                                                                  \
	}                                                                                          \
	struct swallow_semicolon_##func

/* Closes fd unless it is negative; errno is kept. Returns -EBADF, to assign in place. */
static inline int close_keep_errno(int fd)
{
	if (fd >= 0) {
		int saved = errno;

		close(fd);
		errno = saved;
	}
	return -EBADF;
}

static inline void closep(int *fd)
{
	close_keep_errno(*fd);
}

static inline void freep(void *p)
{
	free(*(void **)p);
}

DEFINE_CLEANUP(FILE *, fclose);

#define _cleanup_free_	 _cleanup_(freep)
#define _cleanup_close_	 _cleanup_(closep)
#define _cleanup_fclose_ _cleanup_(fclosep)

#endif

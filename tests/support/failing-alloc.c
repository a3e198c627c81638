/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "failing-alloc.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* With ld's --wrap=f, calls of f arrive at __wrap_f, and __real_f is the one of libc. */
#define WRAPPED(type, function, ...)                                                               \
	type __real_##function(__VA_ARGS__);                                                       \
	type __wrap_##function(__VA_ARGS__)

static unsigned countdown; /* 0: not armed, or past */
static bool reached;

void failing_alloc_arm(unsigned n)
{
	countdown = n;
	reached = false;
}

int failing_alloc_disarm(void)
{
	countdown = 0;
	return reached;
}

static bool fail_now(void)
{
	if (countdown == 0 || --countdown > 0)
		return false;
	reached = true;
	errno = ENOMEM;
	return true;
}

WRAPPED(void *, malloc, size_t size);
WRAPPED(void *, calloc, size_t n, size_t size);
WRAPPED(void *, realloc, void *p, size_t size);
WRAPPED(void *, reallocarray, void *p, size_t n, size_t size);
WRAPPED(char *, strdup, const char *s);
WRAPPED(char *, strndup, const char *s, size_t n);
WRAPPED(int, vasprintf, char **ret, const char *format, va_list ap);
WRAPPED(int, __vasprintf_chk, char **ret, int flag, const char *format, va_list ap);
int __wrap_asprintf(char **ret, const char *format, ...);
int __wrap___asprintf_chk(char **ret, int flag, const char *format, ...);
WRAPPED(FILE *, open_memstream, char **ret, size_t *ret_size);

void *__wrap_malloc(size_t size)
{
	return fail_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fail_now() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fail_now() ? NULL : __real_realloc(p, size);
}

void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
	return fail_now() ? NULL : __real_reallocarray(p, n, size);
}

char *__wrap_strdup(const char *s)
{
	return fail_now() ? NULL : __real_strdup(s);
}

char *__wrap_strndup(const char *s, size_t n)
{
	return fail_now() ? NULL : __real_strndup(s, n);
}

/* What *ret is then, is not defined (asprintf(3)): who frees it all the same is to be seen. */
static int fail_printing(char **ret)
{
	*ret = (char *)16;
	return -1;
}

int __wrap_vasprintf(char **ret, const char *format, va_list ap)
{
	return fail_now() ? fail_printing(ret) : __real_vasprintf(ret, format, ap);
}

int __wrap___vasprintf_chk(char **ret, int flag, const char *format, va_list ap)
{
	return fail_now() ? fail_printing(ret) : __real___vasprintf_chk(ret, flag, format, ap);
}

int __wrap_asprintf(char **ret, const char *format, ...)
{
	va_list ap;
	int n;

	if (fail_now())
		return fail_printing(ret);
	va_start(ap, format);
	n = __real_vasprintf(ret, format, ap);
	va_end(ap);
	return n;
}

int __wrap___asprintf_chk(char **ret, int flag, const char *format, ...)
{
	va_list ap;
	int n;

	if (fail_now())
		return fail_printing(ret);
	va_start(ap, format);
	n = __real___vasprintf_chk(ret, flag, format, ap);
	va_end(ap);
	return n;
}

FILE *__wrap_open_memstream(char **ret, size_t *ret_size)
{
	return fail_now() ? NULL : __real_open_memstream(ret, ret_size);
}

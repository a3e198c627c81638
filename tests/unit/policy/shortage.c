/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shortage.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool armed, reached;
static unsigned left;

void shortage_begin(unsigned n)
{
	left = n;
	reached = false;
	armed = true;
}

bool shortage_end(void)
{
	armed = false;
	return reached;
}

static bool strikes(void)
{
	if (!armed || reached)
		return false;
	reached = left-- == 0;
	return reached;
}

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size)
{
	return strikes() ? NULL : __real_calloc(n, size);
}

void *__real_reallocarray(void *p, size_t n, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
	return strikes() ? NULL : __real_reallocarray(p, n, size);
}

char *__real_strdup(const char *s);
char *__wrap_strdup(const char *s);
char *__wrap_strdup(const char *s)
{
	return strikes() ? NULL : __real_strdup(s);
}

int __real_vasprintf(char **ret, const char *format, va_list ap)
	__attribute__((format(printf, 2, 0)));

/* What a failed one leaves in *ret is undefined: here, something that must not be freed. */
static int __attribute__((format(printf, 2, 0))) print(char **ret, const char *format, va_list ap)
{
	static char not_allocated[1];

	if (strikes()) {
		*ret = not_allocated;
		return -1;
	}
	return __real_vasprintf(ret, format, ap);
}

int __wrap_asprintf(char **ret, const char *format, ...) __attribute__((format(printf, 2, 3)));
int __wrap_asprintf(char **ret, const char *format, ...)
{
	va_list ap;
	int r;

	va_start(ap, format);
	r = print(ret, format, ap);
	va_end(ap);
	return r;
}

int __wrap___asprintf_chk(char **ret, int flag, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int __wrap___asprintf_chk(char **ret, int flag, const char *format, ...)
{
	va_list ap;
	int r;

	va_start(ap, format);
	r = print(ret, format, ap);
	va_end(ap);
	return r;
}

int __wrap_vasprintf(char **ret, const char *format, va_list ap)
	__attribute__((format(printf, 2, 0)));
int __wrap_vasprintf(char **ret, const char *format, va_list ap)
{
	return print(ret, format, ap);
}

int __wrap___vasprintf_chk(char **ret, int flag, const char *format, va_list ap)
	__attribute__((format(printf, 3, 0)));
int __wrap___vasprintf_chk(char **ret, int flag, const char *format, va_list ap)
{
	return print(ret, format, ap);
}

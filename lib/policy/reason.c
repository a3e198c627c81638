/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/reason.h"

#include <stdarg.h>

#include "base/cleanup.h"

static int __attribute__((format(printf, 3, 0)))
reason_replace(char **reason, const char *keep, const char *format, va_list ap)
{
	_cleanup_free_ char *added = NULL;
	char *whole = NULL;

	if (vasprintf(&added, format, ap) < 0) {
		added = NULL; /* its contents are undefined now */
		return -ENOMEM;
	}
	if (asprintf(&whole, "%s%s", keep, added) < 0)
		return -ENOMEM;

	free(*reason);
	*reason = whole;
	return 0;
}

int reason_set(char **reason, const char *format, ...)
{
	va_list ap;
	int r;

	va_start(ap, format);
	r = reason_replace(reason, "", format, ap);
	va_end(ap);
	return r;
}

int reason_add(char **reason, const char *format, ...)
{
	va_list ap;
	int r;

	va_start(ap, format);
	r = reason_replace(reason, *reason ?: "", format, ap);
	va_end(ap);
	return r;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>

#include "base/format.h"
#include "cli/verb.h"

void complain(const char *format, ...)
{
	_cleanup_free_ char *text = NULL, *clean = NULL;
	va_list ap;
	int r;

	va_start(ap, format);
	r = vasprintf(&text, format, ap);
	va_end(ap);
	if (r < 0)
		text = NULL;
	else
		clean = text_clean(text);
	fprintf(stderr, "daxtierctl: %s\n", clean ?: "out of memory");
}

enum exit_status complain_oom(void)
{
	complain("out of memory");
	return STATUS_FAILURE;
}

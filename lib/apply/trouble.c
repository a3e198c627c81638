/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "apply/trouble.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/errno-util.h"

void trouble_done(struct trouble *trouble)
{
	free(trouble->path);
	free(trouble->message);
	*trouble = (struct trouble){};
}

/* Out of memory only costs the words: the errno stays. */
int trouble_set(struct trouble *trouble, int error, const char *path, const char *format, ...)
{
	va_list ap;

	trouble_done(trouble);
	va_start(ap, format);
	if (vasprintf(&trouble->message, format, ap) < 0)
		trouble->message = NULL;
	va_end(ap);
	if (path && asprintf(&trouble->path, "%s%s", path[0] == '/' ? "" : "/", path) < 0)
		trouble->path = NULL;
	return error;
}

int trouble_read(struct trouble *trouble, int error, const char *path)
{
	return trouble_set(trouble, error, path, "cannot read %s%s: %s (%s)",
			   path[0] == '/' ? "" : "/", path, trouble_words(error),
			   errno_name(error));
}

const char *trouble_words(int error)
{
	const char *words = strerrordesc_np(error < 0 ? -error : error);

	return words ? words : "unknown error";
}

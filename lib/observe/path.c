/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/path.h"

#include <string.h>

const char *path_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool path_up(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash)
		return false;
	*slash = '\0';
	return true;
}

bool path_find(const char *path, const char *prefix, size_t *ret_offset)
{
	size_t length = strlen(prefix);

	for (const char *p = path; *p;) {
		size_t component = strcspn(p, "/");

		if (component > length && strncmp(p, prefix, length) == 0 &&
		    strspn(p + length, "0123456789") == component - length) {
			*ret_offset = (size_t)(p - path);
			return true;
		}
		p += component;
		p += *p == '/';
	}
	return false;
}

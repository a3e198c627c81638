/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/daxctl-config.h"

#include <string.h>

#include "base/cleanup.h"

#define SECTION "[reconfigure-device"
#define SUFFIX	".conf"

bool daxctl_config_is_file(const char *name)
{
	size_t n = strlen(name), suffix = strlen(SUFFIX);

	return n > suffix && strcmp(name + n - suffix, SUFFIX) == 0;
}

bool daxctl_config_is_section(const char *line)
{
	line += strspn(line, " \t");
	return strncmp(line, SECTION, strlen(SECTION)) == 0;
}

static bool has_section(const char *text)
{
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (daxctl_config_is_section(line))
			return true;
	}
	return false;
}

int daxctl_config_look(struct look *look)
{
	_cleanup_(strv_done) struct strv names = {};
	int r;

	r = look_list(look, &names, DAXCTL_CONFIG_DIRECTORY);
	for (size_t i = 0; r == 0 && i < names.n; i++) {
		_cleanup_free_ char *text = NULL;

		if (!daxctl_config_is_file(names.items[i]))
			continue;
		r = look_string(look, &text, DAXCTL_CONFIG_DIRECTORY "/%s", names.items[i]);
		if (r == 0 && text && has_section(text))
			return 1;
	}
	return r;
}

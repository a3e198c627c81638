/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/manifest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"

void manifest_done(struct manifest *manifest)
{
	free(manifest->tool);
	strv_done(&manifest->unreadable);
	*manifest = (struct manifest){};
}

char *manifest_to_string(const struct manifest *manifest)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_fclose_ FILE *f = NULL;
	size_t size;

	f = open_memstream(&text, &size);
	if (!f)
		return NULL;
	fprintf(f, "format=%u\n", manifest->format);
	if (manifest->tool)
		fprintf(f, "tool=%s\n", manifest->tool);
	fprintf(f, "serials=%s\n", manifest->masked ? "masked" : "real");
	for (size_t i = 0; i < manifest->unreadable.n; i++)
		fprintf(f, "unreadable=%s\n", manifest->unreadable.items[i]);
	/* Before the text is taken: closing sets it once more. */
	if (fclose(TAKE_PTR(f)) != 0)
		return NULL;
	return TAKE_PTR(text);
}

static int take_line(struct manifest *manifest, const char *key, const char *value)
{
	uint64_t format;

	if (strcmp(key, "format") == 0) {
		if (parse_u64(value, &format) < 0 || format == 0)
			return -EBADMSG;
		if (format > MANIFEST_FORMAT)
			return -EPROTONOSUPPORT;
		manifest->format = (unsigned)format;
	} else if (strcmp(key, "tool") == 0) {
		free(manifest->tool);
		manifest->tool = strdup(value);
		return manifest->tool ? 0 : -ENOMEM;
	} else if (strcmp(key, "serials") == 0) {
		manifest->masked = strcmp(value, "masked") == 0;
	} else if (strcmp(key, "unreadable") == 0) {
		return strv_add(&manifest->unreadable, value);
	}
	return 0;
}

int manifest_parse(const char *text, struct manifest *ret)
{
	_cleanup_(manifest_done) struct manifest manifest = {};
	_cleanup_free_ char *copy = strdup(text);
	char *save = NULL;
	int r = 0;

	if (!copy)
		return -ENOMEM;
	for (char *line = strtok_r(copy, "\n", &save); r == 0 && line;
	     line = strtok_r(NULL, "\n", &save)) {
		char *value = strchr(line, '=');

		if (!value)
			return -EBADMSG;
		*value++ = '\0';
		r = take_line(&manifest, line, value);
	}
	if (r < 0)
		return r;
	if (manifest.format == 0)
		return -EBADMSG;
	*ret = manifest;
	manifest = (struct manifest){};
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/replace-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

/* "/var/lib/x/.daxtier.prom.XXXXXX": in the same directory, since only a rename within a file
 * system is atomic. */
static char *template_beside(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	char *text;

	if (asprintf(&text, "%.*s.%s.XXXXXX", (int)(name - path), path, name) < 0)
		return NULL;
	return text;
}

int replacement_open(struct replacement *replacement, const char *path)
{
	_cleanup_free_ char *target = strdup(path), *beside = template_beside(path);
	FILE *f;
	int fd, r;

	if (!target || !beside)
		return -ENOMEM;
	fd = mkostemp(beside, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	f = fdopen(fd, "w");
	if (!f) {
		r = -errno;
		close(fd);
		unlink(beside);
		return r;
	}
	*replacement = (struct replacement){
		.f = f,
		.path = TAKE_PTR(target),
		.beside = TAKE_PTR(beside),
	};
	return 0;
}

static int finish_writing(struct replacement *replacement)
{
	FILE *f = replacement->f;

	if (fflush(f) != 0)
		return -errno;
	if (ferror(f)) /* of a write before, whose error is lost */
		return -EIO;
	if (fchmod(fileno(f), 0644) < 0)
		return -errno;
	replacement->f = NULL;
	return fclose(f) == 0 ? 0 : -errno;
}

int replacement_commit(struct replacement *replacement)
{
	int r = finish_writing(replacement);

	if (r < 0)
		return r;
	if (rename(replacement->beside, replacement->path) < 0)
		return -errno;
	replacement->beside = (free(replacement->beside), NULL);
	return 0;
}

void replacement_done(struct replacement *replacement)
{
	int saved = errno;

	if (replacement->f)
		fclose(replacement->f);
	if (replacement->beside)
		unlink(replacement->beside);
	free(replacement->beside);
	free(replacement->path);
	*replacement = (struct replacement){};
	errno = saved;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CONFIG_LOAD_H
#define DAXTIER_CONFIG_LOAD_H

#include "model/config.h"

/* One thing that is wrong, complete enough to be mended: where, which key, what is allowed. */
struct config_error {
	char *file;
	unsigned line; /* 0: the file as a whole */
	char *section; /* "memmap", "rule far"; NULL where it does not apply */
	char *key;     /* NULL where it does not apply */
	char *message; /* "\"12Q\" is not a size; use bytes or K, M, G, T, as in 64G" */
};

struct config_errors {
	struct config_error *items;
	size_t n;
};

void config_errors_done(struct config_errors *errors);

/* "/etc/daxtier.conf:12: [memmap] min-size: …". Owned by the caller; NULL on out of memory. */
char *config_error_to_string(const struct config_error *error);

/*
 * Reads root's etc/daxtier.conf (or file, when not NULL, which is then relative to the working
 * directory, and has to exist) and the drop-ins daxtier.conf.d/ of etc, run and usr/lib, where a
 * name in etc masks the same name in run, and that the one in usr/lib; an empty file or a link to
 * /dev/null masks too. With file, no drop-ins are read. Below a root links lead nowhere out of it.
 *
 * Settings: a later file overrides an earlier one; the main file is first, then drop-ins sorted by
 * name. Rules: the drop-ins' come first, in the same order, then the main file's, so that a drop-in
 * can precede a shipped catch-all. A missing main file is not an error: the defaults hold and there
 * is no rule.
 *
 * 0: *ret is a whole configuration and errors is empty. -EINVAL: errors lists everything that is
 * wrong, file by file and line by line, and *ret is untouched. Another negative errno: out of
 * memory, and errors is empty. An unreadable file is one of the errors. What errors held before is
 * not looked at.
 */
int config_load(const char *root, const char *file, struct config **ret,
		struct config_errors *errors);

/*
 * The same where the root's folder is not what people know it by: messages and config->files have
 * name in its stead.
 */
int config_load_named(const char *root, const char *name, const char *file, struct config **ret,
		      struct config_errors *errors);

/* The defaults without any file. */
int config_new_default(struct config **ret);

#endif

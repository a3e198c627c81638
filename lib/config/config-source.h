/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CONFIG_SOURCE_H
#define DAXTIER_CONFIG_SOURCE_H

/* Inside config/: which files there are, and what stands in them. */

#include <stddef.h>

#include "config/config-error.h"

/* One drop-in that counts: none of the same name in a folder before its own. */
struct config_source {
	char *name; /* "10-pmem.conf" */
	char *path; /* below the root, no leading slash */
};

struct config_sources {
	struct config_source *items; /* sorted by name, as bytes */
	size_t n;
};

void config_sources_done(struct config_sources *sources);

/*
 * The drop-ins below root_fd. A folder that cannot be listed is one of the errors, for which root
 * is the root's name. 0 or -ENOMEM.
 */
int config_sources_list(int root_fd, const char *root, struct config_sources *ret,
			struct config_errors *errors);

enum config_read {
	CONFIG_READ_TEXT,
	CONFIG_READ_MASK,    /* /dev/null, or a link to it */
	CONFIG_READ_ABSENT,  /* there is no such file */
	CONFIG_READ_PROBLEM, /* there is, but it cannot be read; in *ret_problem why */
};

/*
 * Reads the file at path. Below a root, links lead nowhere out of it; root_fd AT_FDCWD: below none.
 * *ret_text, of *ret_size bytes, is owned by the caller. 0 or -ENOMEM.
 */
int config_source_read(int root_fd, const char *path, enum config_read *ret, char **ret_text,
		       size_t *ret_size, char **ret_problem);

/* "/etc/daxtier.conf" of root "/" and path "etc/daxtier.conf". Owned by the caller; NULL on out of
 * memory. */
char *config_source_full_path(const char *root, const char *path);

#endif

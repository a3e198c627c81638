/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CLI_REPLACE_FILE_H
#define DAXTIER_CLI_REPLACE_FILE_H

/*
 * A file in place of another one, all of it or nothing: who reads it sees the old content or the
 * new. The new one is written beside it, as a hidden file that does not have its suffix.
 */

#include <stdio.h>

struct replacement {
	FILE *f; /* to be written to */
	char *path, *beside;
};

/* Path may be there already; a symbolic link is replaced, and not followed. 0 or negative errno. */
int replacement_open(struct replacement *replacement, const char *path);

/* Puts it in place, readable for all; on failure the old one stays. 0 or a negative errno, also of
 * a write to it that did not arrive. */
int replacement_commit(struct replacement *replacement);

/* Removes what was not put in place. Keeps errno. */
void replacement_done(struct replacement *replacement);

#endif

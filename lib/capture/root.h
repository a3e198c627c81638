/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CAPTURE_ROOT_H
#define DAXTIER_CAPTURE_ROOT_H

/* A host to look at that is not this one: a folder with its files, or an archive of them. */

#include <stdbool.h>

#include "capture/manifest.h"

struct capture_root {
	char *path;		  /* of the folder */
	bool temporary;		  /* it was made for this, and goes with it */
	struct manifest manifest; /* format 0: it has none, as what an older program captured */
};

/*
 * Opens what path names. An archive is unpacked into a new folder below $TMPDIR, else /tmp; it need
 * not be trusted, see capture/unpack.h. A folder is taken as it is: sysfs/ and config/ see to it
 * that its links lead nowhere else.
 *
 * On failure a negative errno, nothing left behind, and in *ret_why, the caller's, what is in the
 * way in words; NULL on out of memory.
 */
int capture_root_open(const char *path, struct capture_root *ret, char **ret_why);
void capture_root_done(struct capture_root *root);

#endif

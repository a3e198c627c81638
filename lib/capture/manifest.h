/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CAPTURE_MANIFEST_H
#define DAXTIER_CAPTURE_MANIFEST_H

#include <stdbool.h>

#include "base/strv.h"

/* What a captured host says of itself, in lines "key=value". */
#define MANIFEST_PATH "capture/manifest"

/*
 * Grows when what is there before is to be understood otherwise. What is added does not count: a
 * key that is not known is passed over, and a file that is missing is as if the host had none.
 */
#define MANIFEST_FORMAT 1

struct manifest {
	unsigned format;
	char *tool;		/* "daxtierctl 0.1.0" */
	bool masked;		/* serial numbers are not the host's */
	struct strv unreadable; /* paths that were there and closed to who captured it */
};

/* Owned by the caller; NULL on out of memory. */
char *manifest_to_string(const struct manifest *manifest);
/* -EBADMSG: no manifest. -EPROTONOSUPPORT: of a format that is not known. -ENOMEM. */
int manifest_parse(const char *text, struct manifest *ret);
void manifest_done(struct manifest *manifest);

#endif

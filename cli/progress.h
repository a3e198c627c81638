/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CLI_PROGRESS_H
#define DAXTIER_CLI_PROGRESS_H

/*
 * How far the daemon is with a device, while somebody waits: a bar that is drawn anew in its place
 * where that is possible, else a line now and then.
 */

#include "cli/style.h"

struct progress_view {
	FILE *f;
	const struct style *style;
	char *shown; /* the last line that was printed */
	bool drawn;  /* a bar stands in the line where the cursor is */
};

/* state and detail as the properties State and StateDetail of a device; they must be clean. */
void progress_show(struct progress_view *view, const char *device, const char *state,
		   const char *detail);

/* Takes the bar away, so that something else can be printed, and forgets everything. */
void progress_end(struct progress_view *view);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CLI_PROGRESS_H
#define DAXTIER_CLI_PROGRESS_H

/*
 * How far the daemon is with a device, while somebody waits: a bar that is drawn anew in its place
 * where that is possible, else a line now and then.
 */

#include "cli/style.h"

struct progress_view {
	FILE *f; /* NULL: nothing is shown */
	const struct style *style;
	char *device, *state, *detail; /* what is shown; NULL: nothing yet */
	char *shown;		       /* what the last line in a pipe was about */
	unsigned seconds, said;	       /* of waiting; when the last line in a pipe was printed */
	bool drawn;		       /* a bar stands in the line where the cursor is */
};

/* state and detail as the properties State and StateDetail of a device; they must be clean. */
void progress_show(struct progress_view *view, const char *device, const char *state,
		   const char *detail);

/* So many seconds have gone by: what takes long without a word from the kernel still shows life. */
void progress_tick(struct progress_view *view, unsigned seconds);

/* Takes the bar away, so that something else can be printed, and forgets everything. */
void progress_end(struct progress_view *view);

#endif

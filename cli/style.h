/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CLI_STYLE_H
#define DAXTIER_CLI_STYLE_H

/* What the output can show: a terminal of some width in colour, or a pipe. */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct style {
	bool color;
	bool utf8;	/* dashes and lines beyond ASCII */
	size_t columns; /* of the terminal; 0: lines may be as long as they are */
	bool redraw;	/* a line can be written over, as it is on a terminal that is not "dumb" */
};

enum tone {
	TONE_PLAIN,
	TONE_TITLE,
	TONE_DIM,
	TONE_GOOD,
	TONE_BUSY,
	TONE_WARNING,
	TONE_BAD,
};

/*
 * Colour only on a terminal that is not "dumb", and not with a non-empty $NO_COLOR. Width from
 * $COLUMNS or the terminal, no limit where f is none. The locale must have been set.
 */
void style_detect(struct style *style, FILE *f);

/* Escape sequences around text of this tone; "" without colour. Static storage. */
const char *style_begin(const struct style *style, enum tone tone);
const char *style_end(const struct style *style, enum tone tone);

const char *style_ellipsis(const struct style *style);
const char *style_dash(const struct style *style); /* for a value that does not apply */

#endif

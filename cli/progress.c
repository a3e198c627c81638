/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/progress.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/text.h"
#include "cli/view.h"

#define BAR_WIDTH 30

/* In a pipe a line each time that so many more parts of the whole are done. */
#define PARTS 10

struct share {
	uint64_t done, total;
};

/* "58 of 125 blocks" */
static bool share_from_detail(const char *detail, struct share *ret)
{
	struct share share;

	if (sscanf(detail, "%" SCNu64 " of %" SCNu64, &share.done, &share.total) != 2 ||
	    share.total == 0)
		return false;
	if (share.done > share.total)
		share.done = share.total;
	*ret = share;
	return true;
}

/* done of total as so many of whole; neither can be so large that this overflows but by a lie. */
static unsigned scale(const struct share *share, unsigned whole)
{
	return (unsigned)((double)share->done / (double)share->total * whole);
}

static void put_bar(FILE *f, const struct style *style, const struct share *share)
{
	unsigned full = scale(share, BAR_WIDTH);

	fprintf(f, "%s[", style_begin(style, TONE_DIM));
	for (unsigned i = 0; i < BAR_WIDTH; i++)
		fputs(i < full ? style->utf8 ? "█" : "#" : style->utf8 ? "·" : ".", f);
	fprintf(f, "]%s %3u %%  ", style_end(style, TONE_DIM), scale(share, 100));
}

/* The columns that put_bar() takes. */
#define BAR_COLUMNS (BAR_WIDTH + 2 + 8)

static void draw(struct progress_view *view, const char *device, const char *state,
		 const char *detail)
{
	const struct style *style = view->style;
	enum tone tone = view_state_tone(state);
	size_t column = text_width(device) + 1 + text_width(state) + 2;
	struct share share;

	fprintf(view->f, "\r%s%s%s %s%s%s  ", style_begin(style, TONE_TITLE), device,
		style_end(style, TONE_TITLE), style_begin(style, tone), state,
		style_end(style, tone));
	/* A line that is too long would not be written over, but leave its first part behind. */
	if (share_from_detail(detail, &share) &&
	    (style->columns == 0 || column + BAR_COLUMNS < style->columns)) {
		put_bar(view->f, style, &share);
		column += BAR_COLUMNS;
	}
	if (style->columns == 0 || column < style->columns)
		text_print_cut(view->f, style, detail,
			       style->columns ? style->columns - column : text_width(detail));
	fprintf(view->f, "\033[K");
	view->drawn = true;
}

/* What has to differ for another line in a pipe. */
static char *worth_a_line(const char *device, const char *state, const char *detail)
{
	struct share share;
	char *key;
	int r;

	if (share_from_detail(detail, &share))
		r = asprintf(&key, "%s %s %u", device, state, scale(&share, PARTS));
	else
		r = asprintf(&key, "%s %s %s", device, state, detail);
	return r < 0 ? NULL : key;
}

void progress_show(struct progress_view *view, const char *device, const char *state,
		   const char *detail)
{
	_cleanup_free_ char *key = NULL;

	if (view->style->redraw) {
		draw(view, device, state, detail);
		fflush(view->f);
		return;
	}
	key = worth_a_line(device, state, detail);
	if (key && view->shown && strcmp(key, view->shown) == 0)
		return;
	fprintf(view->f, "%s: %s%s%s\n", device, state, detail[0] ? ", " : "", detail);
	fflush(view->f);
	free(view->shown);
	view->shown = TAKE_PTR(key);
}

void progress_end(struct progress_view *view)
{
	if (view->drawn)
		fprintf(view->f, "\r\033[K");
	fflush(view->f);
	free(view->shown);
	view->shown = NULL;
	view->drawn = false;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/progress.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/text.h"
#include "cli/view.h"

#define BAR_WIDTH 30

/* In a pipe a line each time that so many more parts of the whole are done, and each time that
 * nothing was said for so long. */
#define PARTS	     10
#define SILENCE_SECS 30

/* On a terminal, how long it has taken is worth the room from here on. */
#define PATIENCE_SECS 5

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

/* "4 of 8 blocks, 12 s"; NULL on out of memory. */
static char *detail_with_time(const struct progress_view *view, unsigned patience)
{
	char *text;
	int r;

	if (view->seconds < patience)
		return strdup(view->detail);
	r = asprintf(&text, "%s%s%u s", view->detail, view->detail[0] ? ", " : "", view->seconds);
	return r < 0 ? NULL : text;
}

static void draw(struct progress_view *view)
{
	_cleanup_free_ char *detail = detail_with_time(view, PATIENCE_SECS);
	const struct style *style = view->style;
	enum tone tone = view_state_tone(view->state);
	size_t column = text_width(view->device) + 1 + text_width(view->state) + 2;
	struct share share;

	if (!detail)
		return;
	fprintf(view->f, "\r%s%s%s %s%s%s  ", style_begin(style, TONE_TITLE), view->device,
		style_end(style, TONE_TITLE), style_begin(style, tone), view->state,
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
	fflush(view->f);
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

static void print_line(struct progress_view *view)
{
	_cleanup_free_ char *detail = detail_with_time(view, SILENCE_SECS);

	if (!detail)
		return;
	fprintf(view->f, "%s: %s%s%s\n", view->device, view->state, detail[0] ? ", " : "", detail);
	fflush(view->f);
	view->said = view->seconds;
}

static void forget(struct progress_view *view)
{
	free(view->device);
	free(view->state);
	free(view->detail);
	view->device = view->state = view->detail = NULL;
}

static bool remember(struct progress_view *view, const char *device, const char *state,
		     const char *detail)
{
	forget(view);
	view->device = strdup(device);
	view->state = strdup(state);
	view->detail = strdup(detail);
	if (view->device && view->state && view->detail)
		return true;
	forget(view);
	return false;
}

void progress_show(struct progress_view *view, const char *device, const char *state,
		   const char *detail)
{
	_cleanup_free_ char *key = NULL;

	if (!view->f || !remember(view, device, state, detail))
		return;
	if (view->style->redraw) {
		draw(view);
		return;
	}
	key = worth_a_line(device, state, detail);
	if (key && view->shown && strcmp(key, view->shown) == 0)
		return;
	print_line(view);
	free(view->shown);
	view->shown = TAKE_PTR(key);
}

void progress_tick(struct progress_view *view, unsigned seconds)
{
	view->seconds = seconds;
	if (!view->f || !view->device)
		return;
	if (!view->style->redraw) {
		if (seconds - view->said >= SILENCE_SECS)
			print_line(view);
	} else if (seconds >= PATIENCE_SECS) {
		draw(view);
	}
}

void progress_end(struct progress_view *view)
{
	if (view->drawn)
		fprintf(view->f, "\r\033[K");
	if (view->f)
		fflush(view->f);
	forget(view);
	free(view->shown);
	view->shown = NULL;
	view->drawn = false;
}

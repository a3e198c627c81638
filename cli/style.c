/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/style.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/parse.h"

static size_t terminal_columns(int fd)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	uint64_t n;

	if (columns && parse_u64(columns, &n) == 0 && n > 0)
		return n;
	if (ioctl(fd, TIOCGWINSZ, &size) == 0)
		return size.ws_col; /* 0 where the terminal does not know, as on a serial line */
	return 0;
}

void style_detect(struct style *style, FILE *f)
{
	bool terminal = isatty(fileno(f));
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	bool clever = terminal && term && strcmp(term, "dumb") != 0;

	*style = (struct style){
		.color = clever && !(no_color && no_color[0]),
		.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
		.columns = terminal ? terminal_columns(fileno(f)) : 0,
		.redraw = clever,
	};
}

const char *style_begin(const struct style *style, enum tone tone)
{
	if (!style->color)
		return "";
	switch (tone) {
	case TONE_PLAIN:
		break;
	case TONE_TITLE:
		return "\033[1m";
	case TONE_DIM:
		return "\033[2m";
	case TONE_GOOD:
		return "\033[32m";
	case TONE_BUSY:
		return "\033[36m";
	case TONE_WARNING:
		return "\033[33m";
	case TONE_BAD:
		return "\033[1;31m";
	}
	return "";
}

const char *style_end(const struct style *style, enum tone tone)
{
	return style->color && tone != TONE_PLAIN ? "\033[0m" : "";
}

const char *style_ellipsis(const struct style *style)
{
	return style->utf8 ? "…" : "...";
}

const char *style_dash(const struct style *style)
{
	return style->utf8 ? "–" : "-";
}

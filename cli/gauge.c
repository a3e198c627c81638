/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/gauge.h"

uint64_t gauge_scale(uint64_t part, uint64_t whole, uint64_t scale)
{
	double scaled = whole == 0 ? 0 : (double)part / (double)whole * (double)scale;

	/* Further than any limit that is compared with, and no figure that a host has. */
	return scaled < 1e18 ? (uint64_t)scaled : UINT64_C(1000000000000000000);
}

static void put(FILE *f, uint64_t n, const char *glyph)
{
	for (uint64_t i = 0; i < n; i++)
		fputs(glyph, f);
}

/* Cells for part out of room ones, to the nearest. */
static uint64_t cells_of(uint64_t part, uint64_t total, unsigned cells, uint64_t room)
{
	uint64_t n = (gauge_scale(part, total, UINT64_C(2) * cells) + 1) / 2;

	return n < room ? n : room;
}

void gauge_print(FILE *f, const struct style *style, unsigned cells, uint64_t used, uint64_t cache,
		 uint64_t total)
{
	uint64_t full = cells_of(used, total, cells, cells);
	uint64_t soft = cells_of(cache, total, cells, cells - full);

	put(f, full, style->utf8 ? "█" : "#");
	put(f, soft, style->utf8 ? "▒" : "+");
	put(f, cells - full - soft, style->utf8 ? "░" : ".");
}

void gauge_print_unknown(FILE *f, const struct style *style, unsigned cells)
{
	put(f, cells, style->utf8 ? "·" : "?");
}

const char *gauge_legend(const struct style *style)
{
	return style->utf8 ? "█ in use, ▒ cache that goes when memory is wanted, ░ free"
			   : "# in use, + cache that goes when memory is wanted, . free";
}

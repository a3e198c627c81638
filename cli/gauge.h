/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CLI_GAUGE_H
#define DAXTIER_CLI_GAUGE_H

/* A share of something as a bar of characters. */

#include <stdint.h>

#include "cli/style.h"

/*
 * Prints cells cells that stand for total: those of used, then those of cache, then what is left,
 * each to the nearest.
 */
void gauge_print(FILE *f, const struct style *style, unsigned cells, uint64_t used, uint64_t cache,
		 uint64_t total);

/* cells cells of which nothing is known. */
void gauge_print_unknown(FILE *f, const struct style *style, unsigned cells);

/* How the three parts look, a clause. */
const char *gauge_legend(const struct style *style);

/* part of whole as so many of scale, rounded down; part may be more than whole. */
uint64_t gauge_scale(uint64_t part, uint64_t whole, uint64_t scale);

#endif

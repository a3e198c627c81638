/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CONFIG_TEXT_H
#define DAXTIER_CONFIG_TEXT_H

/* Inside config/: plain questions about a piece of text. A blank is a space or a tab. */

#include <stdbool.h>
#include <stddef.h>

bool is_blank(char c);

/* Narrows [*text, *text + *n) to what is between leading and trailing blanks. */
void text_strip(const char **text, size_t *n);

/* 0; -EILSEQ: not UTF-8; -EINVAL: UTF-8, but with a control character other than a tab. */
int text_check(const char *text, size_t n);

/* Insertions, deletions, replacements and swaps of neighbours that make b of a, whatever their
 * case; limit + 1 when it takes more than limit. */
size_t text_distance(const char *a, const char *b, size_t limit);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CLI_TEXT_H
#define DAXTIER_CLI_TEXT_H

/* Text in columns of a terminal. What is printed here was cleaned of control characters before. */

#include <stddef.h>
#include <stdio.h>

#include "cli/style.h"

/* Columns that s takes: its characters, not its bytes. */
size_t text_width(const char *s);

/* Prints at most width columns of s, with an ellipsis in place of what is left out. */
void text_print_cut(FILE *f, const struct style *style, const char *s, size_t width);

/* Prints n spaces. */
void text_pad(FILE *f, size_t n);

/*
 * Prints s, from column `column` on, broken at spaces where the terminal ends; further lines are
 * indented by indent. A newline ends it. Never narrower than 20 columns.
 */
void text_print_wrapped(FILE *f, const struct style *style, size_t column, size_t indent,
			const char *s);

/* "  Label        value", the value wrapped under itself. */
#define FIELD_LABEL_WIDTH 18
void field_print(FILE *f, const struct style *style, const char *label, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* A line with the title of what follows, after an empty line. */
void section_print(FILE *f, const struct style *style, const char *title);

#endif

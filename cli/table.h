/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CLI_TABLE_H
#define DAXTIER_CLI_TABLE_H

/* Rows of cells under titles, as wide as their widest cell, and never wider than the terminal. */

#include <stdio.h>

#include "cli/style.h"

enum table_align {
	ALIGN_LEFT,
	ALIGN_RIGHT,
};

#define TABLE_COLUMNS_MAX 16

struct table_column {
	const char *title;
	enum table_align align;
};

struct table_cell {
	char *text;
	enum tone tone;
};

struct table {
	const struct table_column *columns;
	size_t n_columns;
	struct table_cell *cells; /* n_rows * n_columns */
	size_t n_rows;
	size_t at; /* the column that is filled next */
};

/* columns must outlive it, and be at most TABLE_COLUMNS_MAX. */
void table_init(struct table *table, const struct table_column *columns, size_t n_columns);
void table_done(struct table *table);

/* The next cell, row by row. The text must be clean. 0 or -ENOMEM. */
int table_add(struct table *table, enum tone tone, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The columns that its lines take where there is room. */
size_t table_width(const struct table *table);

/*
 * Where the terminal is too narrow, first the space between columns shrinks to one, then the last
 * column is cut down to its title's width, then each line at the terminal's edge.
 */
void table_print(const struct table *table, const struct style *style, FILE *f);

#endif

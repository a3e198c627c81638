/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/table.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "cli/text.h"

void table_init(struct table *table, const struct table_column *columns, size_t n_columns)
{
	assert(n_columns > 0 && n_columns <= TABLE_COLUMNS_MAX);
	*table = (struct table){.columns = columns, .n_columns = n_columns};
}

void table_done(struct table *table)
{
	for (size_t i = 0; i < table->n_rows * table->n_columns; i++)
		free(table->cells[i].text);
	free(table->cells);
	*table = (struct table){};
}

static int table_add_row(struct table *table)
{
	struct table_cell *cells;

	cells = reallocarray(table->cells, (table->n_rows + 1) * table->n_columns, sizeof(*cells));
	if (!cells)
		return -ENOMEM;
	table->cells = cells;
	for (size_t i = 0; i < table->n_columns; i++)
		cells[table->n_rows * table->n_columns + i] = (struct table_cell){};
	table->n_rows++;
	return 0;
}

int table_add(struct table *table, enum tone tone, const char *format, ...)
{
	struct table_cell *cell;
	char *text;
	va_list ap;
	int r;

	if (table->at == 0) {
		r = table_add_row(table);
		if (r < 0)
			return r;
	}
	va_start(ap, format);
	r = vasprintf(&text, format, ap);
	va_end(ap);
	if (r < 0)
		return -ENOMEM;
	cell = &table->cells[(table->n_rows - 1) * table->n_columns + table->at];
	*cell = (struct table_cell){.text = text, .tone = tone};
	table->at = (table->at + 1) % table->n_columns;
	return 0;
}

static const struct table_cell *table_cell(const struct table *table, size_t row, size_t column)
{
	return &table->cells[row * table->n_columns + column];
}

/* Between columns, where there is room. */
#define GAP 2

struct layout {
	size_t gap;
	size_t edge; /* 0: none */
	size_t widths[TABLE_COLUMNS_MAX];
};

static void measure(const struct table *table, struct layout *layout)
{
	for (size_t c = 0; c < table->n_columns; c++) {
		size_t widest = text_width(table->columns[c].title);

		for (size_t row = 0; row < table->n_rows; row++) {
			size_t width = text_width(table_cell(table, row, c)->text ?: "");

			if (width > widest)
				widest = width;
		}
		layout->widths[c] = widest;
	}
}

static size_t total_width(const struct table *table, const struct layout *layout)
{
	size_t total = (table->n_columns - 1) * layout->gap;

	for (size_t c = 0; c < table->n_columns; c++)
		total += layout->widths[c];
	return total;
}

size_t table_width(const struct table *table)
{
	struct layout layout = {.gap = GAP};

	measure(table, &layout);
	return total_width(table, &layout);
}

static void fit(const struct table *table, struct layout *layout)
{
	size_t last = table->n_columns - 1, floor, total;

	if (layout->edge == 0 || total_width(table, layout) <= layout->edge)
		return;
	layout->gap = 1;
	total = total_width(table, layout);
	floor = text_width(table->columns[last].title);
	if (total <= layout->edge || layout->widths[last] <= floor)
		return;
	if (total - layout->edge < layout->widths[last] - floor)
		layout->widths[last] -= total - layout->edge;
	else
		layout->widths[last] = floor;
}

/* Where the next thing of a line goes, and how much room there is before the edge. */
struct cursor {
	FILE *f;
	size_t column, edge;
	size_t owed; /* spaces that are printed only if something follows */
};

static size_t room(const struct cursor *cursor)
{
	if (cursor->edge == 0)
		return SIZE_MAX;
	return cursor->edge > cursor->column ? cursor->edge - cursor->column : 0;
}

static void put_spaces(struct cursor *cursor, size_t n)
{
	if (n > room(cursor))
		n = room(cursor);
	cursor->owed += n;
	cursor->column += n;
}

static void put_text(struct cursor *cursor, const struct style *style, enum tone tone,
		     const char *text, size_t width)
{
	size_t wanted = text_width(text);

	if (width > room(cursor))
		width = room(cursor);
	if (width == 0 || wanted == 0)
		return;
	text_pad(cursor->f, cursor->owed);
	cursor->owed = 0;
	fputs(style_begin(style, tone), cursor->f);
	text_print_cut(cursor->f, style, text, width);
	fputs(style_end(style, tone), cursor->f);
	cursor->column += wanted < width ? wanted : width;
}

static void print_row(const struct table *table, const struct layout *layout,
		      const struct style *style, FILE *f, size_t row, bool title)
{
	struct cursor cursor = {.f = f, .edge = layout->edge};

	for (size_t c = 0; c < table->n_columns; c++) {
		const struct table_cell *cell = title ? NULL : table_cell(table, row, c);
		const char *text = title ? table->columns[c].title : cell->text ?: "";
		size_t width = text_width(text), spare;

		spare = layout->widths[c] > width ? layout->widths[c] - width : 0;
		if (c > 0)
			put_spaces(&cursor, layout->gap);
		if (table->columns[c].align == ALIGN_RIGHT)
			put_spaces(&cursor, spare);
		put_text(&cursor, style, title ? TONE_TITLE : cell->tone, text, layout->widths[c]);
		if (table->columns[c].align == ALIGN_LEFT && c + 1 < table->n_columns)
			put_spaces(&cursor, spare);
	}
	fputc('\n', f);
}

void table_print(const struct table *table, const struct style *style, FILE *f)
{
	struct layout layout = {.gap = GAP, .edge = style->columns};

	measure(table, &layout);
	fit(table, &layout);
	print_row(table, &layout, style, f, 0, true);
	for (size_t row = 0; row < table->n_rows; row++)
		print_row(table, &layout, style, f, row, false);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory of a host as the kernel ranks it, drawn: how much there is, how full it is, how far
 * away and how quick. What is not known is said to be so.
 */
#include <errno.h>
#include <string.h>

#include "base/format.h"
#include "cli/gauge.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/tier-rows.h"
#include "cli/view.h"
#include "model/names.h"

/* Cells of the bar that the largest node has; the others have their share of that. */
#define BAR_MIN	 6
#define BAR_MAX	 32
#define BAR_PIPE 20

struct picture {
	const struct tier_rows *rows;
	const struct style *style;
	uint64_t largest;    /* node */
	unsigned bar;	     /* 0: none */
	unsigned tier_width; /* of the numbers of tiers */
};

/* Each cell on its own; all return 0 or -ENOMEM. */
typedef int (*add_cell_t)(struct table *table, const struct picture *picture, size_t i);

static int add_unknown(struct table *table)
{
	return table_add(table, TONE_DIM, "?");
}

/* " 4 ┬─", and below it those of the same tier. */
static int add_tier(struct table *table, const struct picture *picture, size_t i)
{
	static const char *const glyphs[2][4] = {{"--", "+-", "|-", "`-"},
						 {"──", "┬─", "├─", "└─"}};
	const struct tier_rows *rows = picture->rows;
	bool first = i == 0 || rows->items[i - 1].tier != rows->items[i].tier;
	bool last = i + 1 == rows->n || rows->items[i + 1].tier != rows->items[i].tier;
	const char *glyph = glyphs[picture->style->utf8][first ? !last : last ? 3 : 2];
	char name[32] = "";

	if (first && rows->items[i].tier < 0)
		snprintf(name, sizeof(name), "none");
	else if (first)
		snprintf(name, sizeof(name), "%" PRIi64, rows->items[i].tier);
	return table_add(table, TONE_PLAIN, "%*s %s", (int)picture->tier_width, name, glyph);
}

static int add_node(struct table *table, const struct picture *picture, size_t i)
{
	return table_add(table, TONE_TITLE, "%" PRIi64, picture->rows->items[i].node);
}

static int add_kind(struct table *table, const struct picture *picture, size_t i)
{
	return table_add(table, TONE_PLAIN, "%s", picture->rows->items[i].kind);
}

static int add_size(struct table *table, const struct picture *picture, size_t i)
{
	const struct tier_row *row = &picture->rows->items[i];
	char size[FORMAT_SIZE_MAX];

	return table_add(table, row->online ? TONE_PLAIN : TONE_DIM, "%s",
			 format_size(row->size, size));
}

static void put_use(FILE *f, const struct picture *picture, const struct tier_row *row)
{
	unsigned cells = (unsigned)gauge_scale(row->size, picture->largest, picture->bar);

	if (cells == 0 && picture->bar > 0)
		cells = 1;
	if (row->use_known)
		gauge_print(f, picture->style, cells, row->used, row->cache, row->size);
	else
		gauge_print_unknown(f, picture->style, cells);
	if (picture->bar > 0)
		text_pad(f, picture->bar - cells + 1);
	if (row->use_known)
		fprintf(f, "%3" PRIu64 " %%", gauge_scale(row->used, row->size, 100));
	else
		fprintf(f, "  ?");
}

static int add_use(struct table *table, const struct picture *picture, size_t i)
{
	const struct tier_row *row = &picture->rows->items[i];
	_cleanup_free_ char *text = NULL;
	_cleanup_fclose_ FILE *f = NULL;
	size_t size;

	if (!row->online)
		return table_add(table, TONE_DIM, "%s",
				 row->n_devices > 0 ? "offline" : "no memory");
	f = open_memstream(&text, &size);
	if (!f)
		return -ENOMEM;
	put_use(f, picture, row);
	if (fflush(f) != 0)
		return -ENOMEM;
	return table_add(table, row->use_known ? TONE_BUSY : TONE_DIM, "%s", text);
}

static int add_distance(struct table *table, const struct picture *picture, size_t i)
{
	const struct tier_row *row = &picture->rows->items[i];

	if (row->has_cpu)
		return table_add(table, TONE_PLAIN, "local");
	if (row->distance == 0)
		return add_unknown(table);
	if (row->initiator < 0)
		return table_add(table, TONE_PLAIN, "%" PRIu64, row->distance);
	return table_add(table, TONE_PLAIN, "%" PRIu64 " from %" PRIi64, row->distance,
			 row->initiator);
}

static int add_latency(struct table *table, const struct picture *picture, size_t i)
{
	uint64_t latency = picture->rows->items[i].latency;

	return latency == 0 ? add_unknown(table)
			    : table_add(table, TONE_PLAIN, "%" PRIu64 " ns", latency);
}

static int add_bandwidth(struct table *table, const struct picture *picture, size_t i)
{
	uint64_t bandwidth = picture->rows->items[i].bandwidth;

	if (bandwidth == 0)
		return add_unknown(table);
	if (bandwidth < 1000)
		return table_add(table, TONE_PLAIN, "%" PRIu64 " MB/s", bandwidth);
	return table_add(table, TONE_PLAIN, "%" PRIu64 ".%" PRIu64 " GB/s", bandwidth / 1000,
			 bandwidth % 1000 / 100);
}

/* Their names; the state of one is its colour, and in the table of devices. */
static int add_devices(struct table *table, const struct picture *picture, size_t i)
{
	const struct tier_row *row = &picture->rows->items[i];
	_cleanup_free_ char *text = NULL;
	_cleanup_fclose_ FILE *f = NULL;
	enum tone tone = TONE_PLAIN;
	size_t size;

	f = open_memstream(&text, &size);
	if (!f)
		return -ENOMEM;
	for (size_t n = 0; n < row->n_devices; n++)
		fprintf(f, "%s%s", n ? ", " : "", get_text(row->devices[n], "Name"));
	if (fflush(f) != 0)
		return -ENOMEM;
	if (row->n_devices == 1)
		tone = view_state_tone(get_text(row->devices[0], "State"));
	return table_add(table, tone, "%s", text);
}

#define LEVEL_MAX	      3
#define PERFORMANCE_LEVEL_MAX 1

/* What a narrow terminal does without comes last in leave. */
static const struct {
	struct table_column column;
	add_cell_t add;
	unsigned keep; /* up to this level of narrowness */
} columns[] = {
	{{"TIER", ALIGN_LEFT}, add_tier, 3},
	{{"NODE", ALIGN_RIGHT}, add_node, 3},
	{{"KIND", ALIGN_LEFT}, add_kind, 1},
	{{"SIZE", ALIGN_RIGHT}, add_size, 3},
	{{"IN USE", ALIGN_LEFT}, add_use, 3},
	{{"DISTANCE", ALIGN_LEFT}, add_distance, 2},
	{{"LATENCY", ALIGN_RIGHT}, add_latency, PERFORMANCE_LEVEL_MAX},
	{{"BANDWIDTH", ALIGN_RIGHT}, add_bandwidth, PERFORMANCE_LEVEL_MAX},
	{{"DEVICES", ALIGN_LEFT}, add_devices, 3},
};

/* A table of the columns that there are at this level. */
struct drawing {
	struct table table;
	struct table_column columns[ARRAY_SIZE(columns)];
};

static void drawing_done(struct drawing *drawing)
{
	table_done(&drawing->table);
}

/* Latency and bandwidth that are known of no node take no room. */
static bool is_told(const struct picture *picture, add_cell_t add)
{
	if (add != add_latency && add != add_bandwidth)
		return true;
	for (size_t i = 0; i < picture->rows->n; i++)
		if (add == add_latency ? picture->rows->items[i].latency
				       : picture->rows->items[i].bandwidth)
			return true;
	return false;
}

static int draw(const struct picture *picture, unsigned level, struct drawing *drawing)
{
	add_cell_t adds[ARRAY_SIZE(columns)];
	size_t n = 0;

	for (size_t c = 0; c < ARRAY_SIZE(columns); c++) {
		if (level > columns[c].keep || !is_told(picture, columns[c].add))
			continue;
		drawing->columns[n] = columns[c].column;
		adds[n++] = columns[c].add;
	}
	table_init(&drawing->table, drawing->columns, n);
	for (size_t i = 0; i < picture->rows->n; i++)
		for (size_t c = 0; c < n; c++)
			if (adds[c](&drawing->table, picture, i) < 0)
				return -ENOMEM;
	return 0;
}

/*
 * Columns that it takes at least, and how many more where there are two spaces between columns; the
 * table makes do with one where it must. Both 0 on out of memory.
 */
static size_t width_of(const struct picture *picture, unsigned level, size_t *ret_gaps)
{
	_cleanup_(drawing_done) struct drawing drawing = {};

	*ret_gaps = 0;
	if (draw(picture, level, &drawing) < 0)
		return 0;
	*ret_gaps = drawing.table.n_columns - 1;
	return table_width(&drawing.table) - *ret_gaps;
}

/* Level 0 is with the bar, as long as there is room for it; what room is left makes it longer. */
static unsigned choose_level(struct picture *picture)
{
	size_t room = picture->style->columns, width, gaps;
	unsigned level;

	picture->bar = BAR_PIPE;
	if (room == 0)
		return 0;
	picture->bar = BAR_MIN;
	width = width_of(picture, 0, &gaps);
	if (width <= room) {
		size_t spare = room - width, bar;

		bar = BAR_MIN + (spare < gaps ? spare : spare - gaps);
		picture->bar = bar < BAR_MAX ? (unsigned)bar : BAR_MAX;
		return 0;
	}
	picture->bar = 0;
	for (level = 1; level < LEVEL_MAX; level++)
		if (width_of(picture, level, &gaps) <= room)
			break;
	return level;
}

static void measure(struct picture *picture)
{
	for (size_t i = 0; i < picture->rows->n; i++) {
		const struct tier_row *row = &picture->rows->items[i];
		int width = row->tier < 0 ? 4 : snprintf(NULL, 0, "%" PRIi64, row->tier);

		if (row->online && row->size > picture->largest)
			picture->largest = row->size;
		if ((unsigned)width > picture->tier_width)
			picture->tier_width = (unsigned)width;
	}
}

static void print_notes(FILE *f, const struct picture *picture, unsigned level)
{
	const struct style *style = picture->style;
	bool use = false;
	bool told = is_told(picture, add_latency) || is_told(picture, add_bandwidth);

	for (size_t i = 0; i < picture->rows->n; i++)
		use = use || picture->rows->items[i].use_known;
	if (use && picture->bar > 0)
		text_print_wrapped(f, style, 0, 0, gauge_legend(style));
	else if (!use)
		text_print_wrapped(f, style, 0, 0, "How full they are is not known here.");
	if (!told)
		text_print_wrapped(f, style, 0, 0,
				   "Latency and bandwidth are not known: the firmware does not "
				   "tell them.");
	else if (level <= PERFORMANCE_LEVEL_MAX)
		text_print_wrapped(f, style, 0, 0,
				   "Latency and bandwidth are of reads, as firmware tells them.");
}

int view_tiers(FILE *f, const struct style *style, struct json_object *document)
{
	_cleanup_(tier_rows_done) struct tier_rows rows = {};
	_cleanup_(drawing_done) struct drawing drawing = {};
	struct picture picture = {.rows = &rows, .style = style};
	unsigned level;

	if (tier_rows_make(document, &rows) < 0)
		return -ENOMEM;
	if (rows.n == 0)
		return 0;
	measure(&picture);
	level = choose_level(&picture);
	if (draw(&picture, level, &drawing) < 0)
		return -ENOMEM;
	section_print(f, style, "Memory tiers, the fastest first");
	table_print(&drawing.table, style, f);
	print_notes(f, &picture, level);
	return 0;
}

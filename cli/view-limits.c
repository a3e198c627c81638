/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/format.h"
#include "cli/gauge.h"
#include "cli/text.h"
#include "cli/view.h"

#define BAR 12

/* Near a limit the daemon begins to hold back. */
static enum tone share_tone(uint64_t part, uint64_t whole)
{
	uint64_t percent = gauge_scale(part, whole, 100);

	return part > whole ? TONE_BAD : percent >= 80 ? TONE_WARNING : TONE_GOOD;
}

/* A bar as text, owned by the caller; NULL on out of memory. */
static char *make_bar(const struct style *style, uint64_t part, uint64_t whole)
{
	enum tone tone = share_tone(part, whole);
	_cleanup_free_ char *text = NULL;
	_cleanup_fclose_ FILE *f = NULL;
	size_t size;

	f = open_memstream(&text, &size);
	if (!f)
		return NULL;
	fputs(style_begin(style, tone), f);
	gauge_print(f, style, BAR, part, 0, whole);
	fprintf(f, "%s  ", style_end(style, tone));
	if (fclose(TAKE_PTR(f)) != 0)
		return NULL;
	return TAKE_PTR(text);
}

static void print_memmap(FILE *f, const struct style *style, struct json_object *host)
{
	uint64_t spent = get_u64(host, "DramMemmap"), budget = get_u64(host, "DramMemmapBudget");
	_cleanup_free_ char *bar = make_bar(style, spent, budget);
	char a[FORMAT_SIZE_MAX], b[FORMAT_SIZE_MAX], c[FORMAT_SIZE_MAX];

	field_print(f, style, "Memmaps in DRAM", "%s%s, may be %s of %s", bar ?: "",
		    format_size(spent, a), format_size(budget, b),
		    format_size(get_u64(host, "DramTotal"), c));
}

static void print_movable(FILE *f, const struct style *style, struct json_object *host)
{
	uint64_t movable = get_u64(host, "MovableTotal"), kernel = get_u64(host, "KernelTotal");
	uint64_t guard = get_u64(host, "MovableMaxRatio"), tenths;
	char a[FORMAT_SIZE_MAX], b[FORMAT_SIZE_MAX], limit[48] = "no guard";
	_cleanup_free_ char *bar = NULL;

	if (kernel == 0) {
		field_print(f, style, "Movable to kernel", "unknown");
		return;
	}
	if (guard > 0) {
		bar = make_bar(style, movable, kernel * guard);
		snprintf(limit, sizeof(limit), "may be %" PRIu64 ":1", guard);
	}
	tenths = (movable / kernel) * 10 + (movable % kernel) * 10 / kernel;
	field_print(f, style, "Movable to kernel", "%s%" PRIu64 ".%" PRIu64 ":1, %s (%s to %s)",
		    bar ?: "", tenths / 10, tenths % 10, limit, format_size(movable, a),
		    format_size(kernel, b));
}

void view_limits(FILE *f, const struct style *style, struct json_object *document)
{
	struct json_object *host;

	if (!json_object_object_get_ex(document, "Host", &host))
		return;
	section_print(f, style, "Limits");
	print_memmap(f, style, host);
	print_movable(f, style, host);
}

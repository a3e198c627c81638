/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/format.h"
#include "cli/text.h"
#include "cli/view.h"

static void print_memory(FILE *f, const struct style *style, struct json_object *rehearsal)
{
	uint64_t blocks = get_u64(rehearsal, "BlocksOnline");
	int64_t node = get_int(rehearsal, "Node");
	char a[FORMAT_SIZE_MAX], b[FORMAT_SIZE_MAX];

	field_print(f, style, "Online", "%s in %" PRIu64 " block%s",
		    format_size(get_u64(rehearsal, "Memory"), a), blocks, blocks == 1 ? "" : "s");
	if (blocks == 0)
		return;
	field_print(f, style, "In use", "at most %s of it, of %s in use on node %" PRIi64,
		    format_size(get_u64(rehearsal, "UsedHere"), a),
		    format_size(get_u64(rehearsal, "Used"), b), node);
	field_print(f, style, "Elsewhere", "%s%s%s is free or easily freed on other nodes: %s",
		    style_begin(style, get_bool(rehearsal, "Fits") ? TONE_GOOD : TONE_BAD),
		    format_size(get_u64(rehearsal, "Elsewhere"), a),
		    style_end(style, get_bool(rehearsal, "Fits") ? TONE_GOOD : TONE_BAD),
		    get_bool(rehearsal, "Fits") ? "it fits" : "it does not fit");
}

static void print_unmovable(FILE *f, const struct style *style, struct json_object *blocks)
{
	size_t n = json_length(blocks);

	if (n == 0)
		return;
	section_print(f, style, "Blocks that may not go offline");
	for (size_t i = 0; i < n; i++) {
		struct json_object *block = json_object_array_get_idx(blocks, i);
		size_t column = 2;

		text_pad(f, column);
		column += (size_t)fprintf(f, "memory%" PRIu64 " ", get_u64(block, "Block"));
		column += (size_t)fprintf(f, "in zone %s: ", get_text(block, "Zone"));
		text_print_wrapped(f, style, column, 4, get_text(block, "Why"));
	}
}

void view_rehearsal(FILE *f, const struct style *style, struct json_object *rehearsal)
{
	bool possible = get_bool(rehearsal, "Possible");
	enum tone tone = possible ? TONE_GOOD : TONE_BAD;

	fprintf(f, "%s%s%s: %s%s%s\n", style_begin(style, TONE_TITLE),
		get_text(rehearsal, "Device"), style_end(style, TONE_TITLE),
		style_begin(style, tone),
		possible ? "can be released, as far as is known" : "cannot be released",
		style_end(style, tone));
	field_print(f, style, "Reason", "%s", get_text(rehearsal, "Reason"));
	print_memory(f, style, rehearsal);
	if (get_text(rehearsal, "Region")[0])
		field_print(f, style, "Region", "%s would be taken apart",
			    get_text(rehearsal, "Region"));
	print_unmovable(f, style, get_array(rehearsal, "Unmovable"));
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/format.h"
#include "cli/text.h"
#include "cli/view.h"

static void print_capacity(FILE *f, struct json_object *memdev)
{
	uint64_t ram = get_u64(memdev, "Ram"), pmem = get_u64(memdev, "Pmem");
	char size[FORMAT_SIZE_MAX];

	if (ram > 0 || pmem == 0)
		fprintf(f, ", %s", format_size(ram, size));
	if (pmem > 0)
		fprintf(f, ", %s persistent", format_size(pmem, size));
}

static void print_text(FILE *f, const struct style *style, const char *text)
{
	if (!text || !text[0])
		return;
	text_pad(f, 4);
	text_print_wrapped(f, style, 4, 4, text);
}

static void print_memdev(FILE *f, const struct style *style, struct json_object *memdev)
{
	const char *state = get_text(memdev, "State");
	_cleanup_free_ char *advice = view_advice(memdev);
	enum tone tone = view_state_tone(state);

	fprintf(f, "  %s%s%s%s%s%s%s", style_begin(style, TONE_TITLE), get_text(memdev, "Name"),
		style_end(style, TONE_TITLE), state[0] ? " " : "", style_begin(style, tone), state,
		style_end(style, tone));
	print_capacity(f, memdev);
	fprintf(f, ", serial 0x%" PRIx64 "\n", get_u64(memdev, "Serial"));
	print_text(f, style, get_text(memdev, "Reason"));
	print_text(f, style, advice);
}

void view_memdevs(FILE *f, const struct style *style, struct json_object *document)
{
	struct json_object *memdevs, *host;
	bool any = false;

	if (!json_object_object_get_ex(document, "Host", &host))
		return;
	memdevs = get_array(host, "Memdevs");
	for (size_t i = 0; i < json_length(memdevs); i++) {
		struct json_object *memdev = json_object_array_get_idx(memdevs, i);

		if (get_text(memdev, "Region")[0])
			continue;
		if (!any)
			section_print(f, style, "CXL memory devices without a region");
		any = true;
		print_memdev(f, style, memdev);
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/view.h"

static int print_host(FILE *f, const struct style *style, struct json_object *host)
{
	struct json_object *changes = get_array(host, "Changes");
	uint64_t devices = get_u64(host, "Devices");
	size_t n = json_length(changes);
	int r = 0;

	fprintf(f, "%s%s%s: ", style_begin(style, TONE_TITLE), get_text(host, "Host"),
		style_end(style, TONE_TITLE));
	if (get_text(host, "Error")[0]) {
		fprintf(f, "%s%s%s\n", style_begin(style, TONE_BAD), get_text(host, "Error"),
			style_end(style, TONE_BAD));
		return 0;
	}
	fprintf(f, "%zu of %" PRIu64 " device%s would change\n", n, devices,
		devices == 1 ? "" : "s");
	for (size_t i = 0; r == 0 && i < n; i++)
		r = view_change(f, style, json_object_array_get_idx(changes, i),
				"no plan of its own", "has no plan of its own any more");
	view_lines(f, style, "What could not be read or trusted", get_array(host, "Problems"));
	return r;
}

int view_plan_diff(FILE *f, const struct style *style, struct json_object *document)
{
	struct json_object *hosts = get_array(document, "Hosts");
	int r = 0;

	for (size_t i = 0; r == 0 && i < json_length(hosts); i++) {
		fprintf(f, "%s", i > 0 ? "\n" : "");
		r = print_host(f, style, json_object_array_get_idx(hosts, i));
	}
	return r;
}

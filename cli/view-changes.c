/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "cli/view.h"

char *view_plan_summary(struct json_object *plan)
{
	size_t steps = json_length(get_array(plan, "Steps")), size;
	_cleanup_free_ char *text = NULL;
	_cleanup_fclose_ FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	fprintf(f, "%s", get_text(plan, "State"));
	if (steps > 0)
		fprintf(f, " with %zu step%s to do", steps, steps == 1 ? "" : "s");
	if (get_text(plan, "Rule")[0])
		fprintf(f, ", by rule %s", get_text(plan, "Rule"));
	if (get_bool(plan, "Managed") && get_text(plan, "MemmapReason")[0])
		fprintf(f, ", zone %s, memmap %s", get_text(plan, "Zone"),
			get_bool(plan, "MemmapEffective") ? "on the device" : "in DRAM");
	/* Before the text is taken: closing sets it once more. */
	if (fclose(TAKE_PTR(f)) != 0)
		return NULL;
	return TAKE_PTR(text);
}

int view_change(FILE *f, const struct style *style, struct json_object *change, const char *new,
		const char *gone)
{
	struct json_object *before = NULL, *after = NULL;
	_cleanup_free_ char *was = NULL;

	json_object_object_get_ex(change, "Before", &before);
	json_object_object_get_ex(change, "After", &after);
	fprintf(f, "\n");
	if (!after) {
		fprintf(f, "%s%s%s: %s\n", style_begin(style, TONE_TITLE),
			get_text(change, "Device"), style_end(style, TONE_TITLE), gone);
		return 0;
	}
	was = before ? view_plan_summary(before) : strdup(new);
	if (!was)
		return -ENOMEM;
	view_plan_of_one(f, style, after, was);
	return 0;
}

int view_changes(FILE *f, const struct style *style, struct json_object *changes)
{
	if (json_length(changes) == 0) {
		fprintf(f, "The new configuration is in force. It changes nothing for any "
			   "device.\n");
		return 0;
	}
	fprintf(f, "The new configuration is in force. What it changes:\n");
	for (size_t i = 0; i < json_length(changes); i++)
		if (view_change(f, style, json_object_array_get_idx(changes, i), "not there",
				"left in the meantime") < 0)
			return -ENOMEM;
	return 0;
}

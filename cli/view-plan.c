/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/format.h"
#include "cli/text.h"
#include "cli/view.h"
#include "model/names.h"

/* What a step does, for who does not know its name; the step's value stands between the two. */
struct step_words {
	const char *before, *after;
};

static struct step_words step_words(const char *step, const char *value)
{
	int kind = step_kind_from_string(step);

	if (kind < 0) /* of a newer daemon */
		return (struct step_words){"", ""};
	switch ((enum step_kind)kind) {
	case STEP_LOAD_MODULE:
		return (struct step_words){"load the module ", ""};
	case STEP_UNBIND_DRIVER:
		return (struct step_words){"take the device from the driver ", ""};
	case STEP_SET_MEMMAP:
		return (struct step_words){"write ", " to memmap_on_memory"};
	case STEP_HOLD_AUTO_ONLINE:
		return (struct step_words){"let auto_online_blocks read ", " during the bind"};
	case STEP_BIND_KMEM:
		return (struct step_words){"make the device system memory", ""};
	case STEP_RESTORE_AUTO_ONLINE:
		return (struct step_words){"put auto_online_blocks back", ""};
	case STEP_ONLINE_BLOCKS:
		return (struct step_words){"write ", " to blocks that are still offline"};
	case STEP_VERIFY:
		if (!value[0])
			return (struct step_words){"check that every block is online", ""};
		return (struct step_words){"check that every block is online in zone ", ""};
	case STEP_BIND_DEVDAX:
		return (struct step_words){"make the device a character device below /dev", ""};
	case STEP_PROBE_DEFAULT:
		return (struct step_words){"hand the device to the kernel's choice of driver", ""};
	case STEP_OFFLINE_BLOCKS:
		return (struct step_words){"take every block offline, the newest first", ""};
	case STEP_UNPLUG:
		return (struct step_words){"take its memory offline and away, all or nothing", ""};
	case STEP_SET_DPA:
		return (struct step_words){"reserve the memory device's capacity in ", ""};
	case STEP_CREATE_REGION:
		return (struct step_words){"make a region in the window ", ""};
	case STEP_COMMIT_REGION:
		return (struct step_words){"program the decoders on the way to it", ""};
	case STEP_ENABLE_REGION:
		return (struct step_words){"enable the region, which makes a dax device", ""};
	case STEP_DISABLE_REGION:
		return (struct step_words){"disable ", ", which takes the dax device away"};
	case STEP_DECOMMIT_REGION:
		return (struct step_words){"free the decoders on the way to ", ""};
	case STEP_DELETE_REGION:
		return (struct step_words){"delete ", ""};
	case STEP_FREE_DPA:
		return (struct step_words){"give back the capacity in ", ""};
	case STEP_MAX:
		break;
	}
	return (struct step_words){"", ""};
}

static void print_steps(FILE *f, const struct style *style, struct json_object *steps)
{
	for (size_t i = 0; i < json_length(steps); i++) {
		struct json_object *step = json_object_array_get_idx(steps, i);
		const char *name = get_text(step, "Step"), *value = get_text(step, "Value");
		struct step_words words = step_words(name, value);

		fprintf(f, "  %2zu. %s%-19s%s %s%s%s\n", i + 1, style_begin(style, TONE_BUSY), name,
			style_end(style, TONE_BUSY), words.before, value, words.after);
	}
}

/* Whether the plan says anything about memory: a device for devdax or for nobody has no memmap. */
static bool is_for_memory(struct json_object *plan)
{
	return get_bool(plan, "Managed") && get_text(plan, "MemmapReason")[0];
}

/* What the steps are for, where that is not to do what the policy says of the device. */
static const char *purpose_words(struct json_object *plan)
{
	int purpose = plan_purpose_from_string(get_text(plan, "Purpose"));

	switch (purpose) {
	case PLAN_RELEASE:
		return " to release it";
	case PLAN_CREATE_REGION:
		return " to make a region";
	}
	return "";
}

static void print_targets(FILE *f, struct json_object *targets)
{
	for (size_t i = 0; i < json_length(targets); i++) {
		struct json_object *target = json_object_array_get_idx(targets, i);

		fprintf(f, "%s%s (serial 0x%" PRIx64 ")", i > 0 ? ", " : "",
			get_text(target, "Memdev"), get_u64(target, "Serial"));
	}
}

/*
 * "4 GiB in decoder0.0, of mem0 (serial 0x1)" of one that would be made, "region0, of mem0 (serial
 * 0x1)" of one that there is.
 */
static void put_region(FILE *f, struct json_object *plan)
{
	uint64_t ways = get_u64(plan, "Ways");
	char size[FORMAT_SIZE_MAX];

	if (get_text(plan, "Region")[0])
		fprintf(f, "%s, of ", get_text(plan, "Region"));
	else
		fprintf(f, "%s in %s, of ", format_size(get_u64(plan, "Size"), size),
			get_text(plan, "Window"));
	print_targets(f, get_array(plan, "Targets"));
	if (ways > 1)
		fprintf(f, "; %" PRIu64 " ways, each %s in turn", ways,
			format_size(get_u64(plan, "Granularity"), size));
}

static void print_region(FILE *f, const struct style *style, struct json_object *plan)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_fclose_ FILE *line = NULL;
	size_t size;

	if (json_length(get_array(plan, "Targets")) == 0)
		return;
	line = open_memstream(&text, &size);
	if (!line)
		return;
	put_region(line, plan);
	if (fflush(line) == 0)
		field_print(f, style, "Region", "%s", text);
}

static void print_title(FILE *f, const struct style *style, struct json_object *plan)
{
	size_t n = json_length(get_array(plan, "Steps"));
	const char *state = get_text(plan, "State");
	enum tone tone = view_state_tone(state);

	fprintf(f, "%s%s%s: ", style_begin(style, TONE_TITLE), get_text(plan, "Device"),
		style_end(style, TONE_TITLE));
	if (n > 0)
		fprintf(f, "%zu step%s%s\n", n, n == 1 ? "" : "s", purpose_words(plan));
	else
		fprintf(f, "%s%s%s, nothing to do\n", style_begin(style, tone), state,
			style_end(style, tone));
}

void view_plan_of_one(FILE *f, const struct style *style, struct json_object *plan, const char *was)
{
	char size[FORMAT_SIZE_MAX];

	print_title(f, style, plan);
	if (was)
		field_print(f, style, "Was", "%s", was);
	field_print(f, style, "Reason", "%s", get_text(plan, "Reason"));
	if (get_text(plan, "Rule")[0])
		field_print(f, style, "Rule", "%s", get_text(plan, "Rule"));
	print_region(f, style, plan);
	if (is_for_memory(plan)) {
		field_print(f, style, "Zone", "%s", get_text(plan, "Zone"));
		field_print(f, style, "Memmap", "%s: %s",
			    format_size(get_u64(plan, "MemmapBytes"), size),
			    get_text(plan, "MemmapReason"));
	}
	print_steps(f, style, get_array(plan, "Steps"));
}

void view_plan(FILE *f, const struct style *style, struct json_object *document)
{
	struct json_object *plans = get_array(document, "Plans");

	for (size_t i = 0; i < json_length(plans); i++) {
		fprintf(f, "%s", i > 0 ? "\n" : "");
		view_plan_of_one(f, style, json_object_array_get_idx(plans, i), NULL);
	}
	if (json_length(plans) == 0)
		fprintf(f, "There is no dax device, so there is nothing to do.\n");
	view_lines(f, style, "What could not be read or trusted", get_array(document, "Problems"));
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/format.h"
#include "cli/text.h"
#include "cli/view.h"
#include "model/names.h"

/* What a step does, for who does not know its name. */
static const char *step_words(const char *step)
{
	int value = step_kind_from_string(step);

	if (value < 0)
		return "";
	switch ((enum step_kind)value) {
	case STEP_LOAD_MODULE:
		return "load the module";
	case STEP_UNBIND_DRIVER:
		return "take the device from the driver";
	case STEP_SET_MEMMAP:
		return "write memmap_on_memory";
	case STEP_HOLD_AUTO_ONLINE:
		return "during the bind, let auto_online_blocks read";
	case STEP_BIND_KMEM:
		return "make the device system memory";
	case STEP_RESTORE_AUTO_ONLINE:
		return "put auto_online_blocks back";
	case STEP_ONLINE_BLOCKS:
		return "to blocks that are still offline, write";
	case STEP_VERIFY:
		return "check that every block is online, in zone";
	case STEP_BIND_DEVDAX:
		return "make the device a /dev/dax character device";
	case STEP_PROBE_DEFAULT:
		return "hand the device to the driver that the kernel would choose";
	case STEP_MAX:
		break;
	}
	return "";
}

static void print_steps(FILE *f, const struct style *style, struct json_object *steps)
{
	for (size_t i = 0; i < json_length(steps); i++) {
		struct json_object *step = json_object_array_get_idx(steps, i);
		const char *name = get_text(step, "Step"), *value = get_text(step, "Value");
		const char *words = step_words(name);

		fprintf(f, "  %2zu. %s%-19s%s %-14s%s%s%s%s\n", i + 1,
			style_begin(style, TONE_BUSY), name, style_end(style, TONE_BUSY), value,
			words[0] ? " " : "", style_begin(style, TONE_DIM), words,
			style_end(style, TONE_DIM));
	}
}

static void print_memmap(FILE *f, const struct style *style, struct json_object *plan)
{
	bool wanted = get_bool(plan, "MemmapWanted");
	char size[FORMAT_SIZE_MAX];

	field_print(f, style, "Memmap", "%s %s%s", format_size(get_u64(plan, "MemmapBytes"), size),
		    wanted ? "on the device" : "in DRAM",
		    wanted && !get_bool(plan, "MemmapEffective") ? " wanted, but it will be in DRAM"
								 : "");
	if (get_text(plan, "MemmapReason")[0])
		field_print(f, style, "", "%s", get_text(plan, "MemmapReason"));
}

/* Whether the plan says anything about memory: a device for devdax or for nobody has no memmap. */
static bool is_for_memory(struct json_object *plan)
{
	return get_bool(plan, "Managed") && get_text(plan, "MemmapReason")[0];
}

static void print_plan(FILE *f, const struct style *style, struct json_object *plan)
{
	struct json_object *steps = get_array(plan, "Steps");
	const char *state = get_text(plan, "State");
	enum tone tone = view_state_tone(state);
	size_t n = json_length(steps);

	fprintf(f, "%s%s%s: ", style_begin(style, TONE_TITLE), get_text(plan, "Device"),
		style_end(style, TONE_TITLE));
	if (n > 0)
		fprintf(f, "%zu step%s\n", n, n == 1 ? "" : "s");
	else
		fprintf(f, "%s%s%s, nothing to do\n", style_begin(style, tone), state,
			style_end(style, tone));
	field_print(f, style, "Reason", "%s", get_text(plan, "Reason"));
	if (get_text(plan, "Rule")[0])
		field_print(f, style, "Rule", "%s", get_text(plan, "Rule"));
	if (is_for_memory(plan)) {
		field_print(f, style, "Zone", "%s", get_text(plan, "Zone"));
		print_memmap(f, style, plan);
	}
	print_steps(f, style, steps);
}

void view_plan(FILE *f, const struct style *style, struct json_object *document)
{
	struct json_object *plans = get_array(document, "Plans");

	for (size_t i = 0; i < json_length(plans); i++) {
		fprintf(f, "%s", i > 0 ? "\n" : "");
		print_plan(f, style, json_object_array_get_idx(plans, i));
	}
	if (json_length(plans) == 0)
		fprintf(f, "There is no dax device, so there is nothing to do.\n");
	view_lines(f, style, "What could not be read or trusted", get_array(document, "Problems"));
}

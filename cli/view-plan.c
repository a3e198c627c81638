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

static void print_plan(FILE *f, const struct style *style, struct json_object *plan)
{
	struct json_object *steps = get_array(plan, "Steps");
	const char *state = get_text(plan, "State");
	enum tone tone = view_state_tone(state);
	char size[FORMAT_SIZE_MAX];
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
		field_print(f, style, "Memmap", "%s: %s",
			    format_size(get_u64(plan, "MemmapBytes"), size),
			    get_text(plan, "MemmapReason"));
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

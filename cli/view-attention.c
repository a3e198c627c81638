/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "cli/text.h"
#include "cli/view.h"
#include "model/names.h"

/* With @ for the device's name. */
static const char *state_advice(enum device_state state)
{
	switch (state) {
	case DEVICE_PARTIAL:
		return "The journal says which blocks refused, and why; \"daxtierctl apply "
		       "@\" tries again.";
	case DEVICE_MISMATCH:
		return "\"daxtierctl apply @\" puts right what takes no memory offline; with "
		       "--force it takes that offline as well, or leaves it as it is if a block "
		       "will not go.";
	case DEVICE_HELD_BACK:
		return "Let its rule say \"zone = kernel\", add DRAM, or raise max-ratio in "
		       "[movable]; it is taken up as soon as it fits.";
	case DEVICE_FAILED:
		return "The journal has each step; \"daxtierctl apply @\" makes daxtierd try "
		       "again.";
	case DEVICE_STUCK:
		return "Reboot: the kernel keeps what is online when its device leaves.";
	case DEVICE_RELEASING:
		return "\"daxtierctl apply @\" ends the release and puts back what is "
		       "offline.";
	case DEVICE_RELEASED:
		return "\"daxtierctl apply @\" takes it up again.";
	case DEVICE_UNMANAGED:
	case DEVICE_PENDING:
	case DEVICE_APPLYING:
	case DEVICE_ONLINE:
	case DEVICE_DEVDAX:
	case DEVICE_STATE_MAX:
		break;
	}
	return NULL;
}

/* Online, but its memmap is not where the rule wants it. */
static bool memmap_is_elsewhere(struct json_object *device)
{
	return strcmp(get_text(device, "Driver"), "kmem") == 0 && get_text(device, "Rule")[0] &&
	       get_bool(device, "MemmapWanted") && !get_bool(device, "MemmapEffective");
}

char *view_advice(struct json_object *device)
{
	int state = device_state_from_string(get_text(device, "State"));
	const char *text = state < 0 ? NULL : state_advice((enum device_state)state);
	const char *gap = text ? strchr(text, '@') : NULL;
	char *advice;

	if (!gap)
		return text ? strdup(text) : NULL;
	if (asprintf(&advice, "%.*s%s%s", (int)(gap - text), text, get_text(device, "Name"),
		     gap + 1) < 0)
		return NULL;
	return advice;
}

static bool needs_a_word(struct json_object *device)
{
	int state = device_state_from_string(get_text(device, "State"));

	switch (state) {
	case DEVICE_ONLINE:
	case DEVICE_DEVDAX:
		return memmap_is_elsewhere(device);
	case DEVICE_UNMANAGED:
		return false;
	}
	return true;
}

static void print_indented(FILE *f, const struct style *style, size_t indent, const char *text)
{
	if (!text || !text[0])
		return;
	text_pad(f, indent);
	text_print_wrapped(f, style, indent, indent, text);
}

/* Its reason begins with where it is. */
static void print_memmap(FILE *f, const struct style *style, struct json_object *device)
{
	size_t column = 4;

	text_pad(f, column);
	column += (size_t)fprintf(f, "memmap ");
	text_print_wrapped(f, style, column, 4, get_text(device, "MemmapReason"));
}

static void print_device(FILE *f, const struct style *style, struct json_object *device)
{
	const char *state = get_text(device, "State"), *detail = get_text(device, "StateDetail");
	_cleanup_free_ char *advice = view_advice(device);
	enum tone tone = view_state_tone(state);

	fprintf(f, "  %s%s%s %s%s%s%s%s\n", style_begin(style, TONE_TITLE),
		get_text(device, "Name"), style_end(style, TONE_TITLE), style_begin(style, tone),
		state, style_end(style, tone), detail[0] ? ", " : "", detail);
	print_indented(f, style, 4, get_text(device, "Reason"));
	if (memmap_is_elsewhere(device))
		print_memmap(f, style, device);
	if (get_text(device, "LastError")[0]) {
		fprintf(f, "    %s at %s:\n", get_text(device, "LastError"),
			get_text(device, "LastErrorStep"));
		/* The reason may have it already. */
		if (!strstr(get_text(device, "Reason"), get_text(device, "LastErrorMessage")))
			print_indented(f, style, 6, get_text(device, "LastErrorMessage"));
	}
	print_indented(f, style, 4, advice);
}

void view_attention(FILE *f, const struct style *style, struct json_object *devices)
{
	bool any = false;

	for (size_t i = 0; i < json_length(devices); i++) {
		struct json_object *device = json_object_array_get_idx(devices, i);

		if (!needs_a_word(device))
			continue;
		if (!any)
			section_print(f, style, "Not as it should be, or not yet");
		any = true;
		print_device(f, style, device);
	}
	if (any)
		print_indented(f, style, 2,
			       "The journal of one device: journalctl -u daxtierd "
			       "DAXTIER_DEVICE=NAME; each state and error is explained in "
			       "daxtier-troubleshooting(7).");
}

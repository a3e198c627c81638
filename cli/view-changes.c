/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "cli/view.h"
#include "model/names.h"

/*
 * What makes two plans for a device two decisions. Reasons do not: they tell figures and times,
 * which are others at every look. Nor do steps: by the time that is asked the daemon may have taken
 * some, or all.
 */
static const char *const decisive[] = {
	"Managed", "Rule", "Zone", "MemmapWanted", "Window", "Ways", "Granularity",
};

static bool same_member(struct json_object *a, struct json_object *b, const char *key)
{
	struct json_object *x = NULL, *y = NULL;

	json_object_object_get_ex(a, key, &x);
	json_object_object_get_ex(b, key, &y);
	return json_object_equal(x, y);
}

static bool has_step(struct json_object *plan, const char *step)
{
	struct json_object *steps = get_array(plan, "Steps");

	for (size_t i = 0; i < json_length(steps); i++)
		if (strcmp(get_text(json_object_array_get_idx(steps, i), "Step"), step) == 0)
			return true;
	return false;
}

/* What it is, or is on its way to be; the same before and after the steps. */
static const char *find_aim(struct json_object *plan)
{
	const char *state = get_text(plan, "State");

	switch (device_state_from_string(state)) {
	case DEVICE_PENDING:
	case DEVICE_APPLYING:
		return device_state_to_string(has_step(plan, "bind-devdax") ? DEVICE_DEVDAX
									    : DEVICE_ONLINE);
	case DEVICE_RELEASING:
		return device_state_to_string(DEVICE_RELEASED);
	}
	return state;
}

static bool same_decision(struct json_object *a, struct json_object *b)
{
	for (size_t i = 0; i < ARRAY_SIZE(decisive); i++)
		if (!same_member(a, b, decisive[i]))
			return false;
	return strcmp(find_aim(a), find_aim(b)) == 0;
}

static struct json_object *find_plan(struct json_object *plans, const char *device)
{
	for (size_t i = 0; i < json_object_array_length(plans); i++) {
		struct json_object *plan = json_object_array_get_idx(plans, i);

		if (strcmp(get_text(plan, "Device"), device) == 0)
			return plan;
	}
	return NULL;
}

static void print_heading(FILE *f, bool *any)
{
	if (!*any)
		fprintf(f, "The new configuration is in force. What it changes:\n");
	*any = true;
}

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

int view_changes(FILE *f, const struct style *style, struct json_object *before,
		 struct json_object *after)
{
	bool any = false;

	for (size_t i = 0; i < json_object_array_length(after); i++) {
		struct json_object *plan = json_object_array_get_idx(after, i);
		struct json_object *old = find_plan(before, get_text(plan, "Device"));
		_cleanup_free_ char *was = NULL;

		if (old && same_decision(old, plan))
			continue;
		was = old ? view_plan_summary(old) : strdup("not there");
		if (!was)
			return -ENOMEM;
		print_heading(f, &any);
		fprintf(f, "\n");
		view_plan_of_one(f, style, plan, was);
	}
	for (size_t i = 0; i < json_object_array_length(before); i++) {
		const char *device = get_text(json_object_array_get_idx(before, i), "Device");

		if (find_plan(after, device))
			continue;
		print_heading(f, &any);
		fprintf(f, "\n%s%s%s: left in the meantime\n", style_begin(style, TONE_TITLE),
			device, style_end(style, TONE_TITLE));
	}
	if (!any)
		fprintf(f, "The new configuration is in force. It changes nothing for any "
			   "device.\n");
	return 0;
}

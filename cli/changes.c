/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/changes.h"

#include <errno.h>
#include <string.h>

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

/* What it is, or is on its way to be; the same before and after the steps. */
static const char *find_aim(struct json_object *plan)
{
	struct json_object *raw = json_find(get_array(plan, "Steps"), "Step", "bind-devdax");
	const char *state = get_text(plan, "State");

	switch (device_state_from_string(state)) {
	case DEVICE_PENDING:
	case DEVICE_APPLYING:
		return device_state_to_string(raw ? DEVICE_DEVDAX : DEVICE_ONLINE);
	case DEVICE_RELEASING:
		return device_state_to_string(DEVICE_RELEASED);
	}
	return state;
}

bool changes_same_decision(struct json_object *before, struct json_object *after)
{
	for (size_t i = 0; i < ARRAY_SIZE(decisive); i++)
		if (!same_member(before, after, decisive[i]))
			return false;
	return strcmp(find_aim(before), find_aim(after)) == 0;
}

/*
 * Both plans are for the same host at the same moment, so that whatever differs in them is the
 * policy's doing. How a rule is called, and in which words it is told, changes nothing for a
 * device.
 */
static const char *const outcomes[] = {
	"Managed",     "State",	 "Zone", "MemmapWanted", "MemmapEffective",
	"MemmapBytes", "Window", "Ways", "Granularity",	 "Steps",
};

bool changes_same_outcome(struct json_object *before, struct json_object *after)
{
	for (size_t i = 0; i < ARRAY_SIZE(outcomes); i++)
		if (!same_member(before, after, outcomes[i]))
			return false;
	return true;
}

static int add_change(struct json_object *changes, struct json_object *before,
		      struct json_object *after)
{
	const char *device = get_text(after ?: before, "Device");
	struct json_object *change = json_object_new_object();

	/* null for a region that only one of them would make of several memory devices. */
	if (!change || json_put(change, "Device", json_object_new_string(device)) < 0 ||
	    json_object_object_add(change, "Before", json_object_get(before)) < 0 ||
	    json_object_object_add(change, "After", json_object_get(after)) < 0 ||
	    json_object_array_add(changes, change) < 0) {
		json_object_put(change);
		return -ENOMEM;
	}
	return 0;
}

struct json_object *changes_find(struct json_object *before, struct json_object *after,
				 bool (*same)(struct json_object *before,
					      struct json_object *after))
{
	_cleanup_json_ struct json_object *changes = json_object_new_array();

	if (!changes)
		return NULL;
	for (size_t i = 0; i < json_length(after); i++) {
		struct json_object *plan = json_object_array_get_idx(after, i);
		struct json_object *old = json_find(before, "Device", get_text(plan, "Device"));

		if ((!old || !same(old, plan)) && add_change(changes, old, plan) < 0)
			return NULL;
	}
	for (size_t i = 0; i < json_length(before); i++) {
		struct json_object *plan = json_object_array_get_idx(before, i);

		if (!json_find(after, "Device", get_text(plan, "Device")) &&
		    add_change(changes, plan, NULL) < 0)
			return NULL;
	}
	return TAKE_PTR(changes);
}

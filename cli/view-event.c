/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <time.h>

#include "base/format.h"
#include "cli/text.h"
#include "cli/view.h"

/* What a line begins with, for all texts to stand below one another. */
#define SUBJECT_WIDTH 8

/* Properties that are bytes. */
static const char *const sizes[] = {
	"Size",	      "UsableSize",	  "LostBytes",	  "MemmapBytes", "DramTotal",
	"DramMemmap", "DramMemmapBudget", "MovableTotal", "KernelTotal",
};

static bool is_size(const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		if (strcmp(key, sizes[i]) == 0)
			return true;
	return false;
}

/* The time of day here, out of that in the event, which is UTC. */
static void print_time(FILE *f, const struct style *style, const char *time)
{
	struct tm utc = {}, local;
	const char *fraction = strptime(time, "%Y-%m-%dT%H:%M:%S", &utc);
	time_t seconds = timegm(&utc);

	localtime_r(&seconds, &local);
	fprintf(f, "%s%02d:%02d:%02d%.4s%s  ", style_begin(style, TONE_DIM), local.tm_hour,
		local.tm_min, local.tm_sec, fraction ?: "", style_end(style, TONE_DIM));
}

static void print_subject(FILE *f, const struct style *style, const char *subject)
{
	size_t width = text_width(subject);

	fprintf(f, "%s%s%s", style_begin(style, TONE_TITLE), subject, style_end(style, TONE_TITLE));
	text_pad(f, (width < SUBJECT_WIDTH ? SUBJECT_WIDTH - width : 0) + 2);
}

static const char *arrow(const struct style *style)
{
	return style->utf8 ? "→" : "->";
}

static void put_state(FILE *f, const struct style *style, const char *state)
{
	enum tone tone = view_state_tone(state);

	fprintf(f, "%s%s%s", style_begin(style, tone), state, style_end(style, tone));
}

/* Texts one behind the other; of what is more, how many there are. */
static void put_list(FILE *f, struct json_object *list)
{
	size_t n = json_length(list);

	if (n == 0)
		fprintf(f, "none");
	else if (!json_object_is_type(json_object_array_get_idx(list, 0), json_type_string))
		fprintf(f, "%zu", n);
	else
		for (size_t i = 0; i < n; i++)
			fprintf(f, "%s%s", i ? "; " : "",
				json_object_get_string(json_object_array_get_idx(list, i)));
}

static void put_value(FILE *f, const char *key, struct json_object *value)
{
	char size[FORMAT_SIZE_MAX];

	if (json_object_is_type(value, json_type_array))
		put_list(f, value);
	else if (is_size(key))
		fprintf(f, "%s", format_size(json_object_get_uint64(value), size));
	else if (json_object_is_type(value, json_type_string) &&
		 json_object_get_string_len(value) == 0)
		fprintf(f, "\"\"");
	else
		fprintf(f, "%s", json_object_get_string(value));
}

static void put_change(FILE *f, const struct style *style, const char *key,
		       struct json_object *before, struct json_object *now)
{
	fprintf(f, "%s ", key);
	/* Of lists it would be much, or the same number. */
	if (before && !json_object_is_type(now, json_type_array)) {
		put_value(f, key, before);
		fprintf(f, " %s ", arrow(style));
	}
	put_value(f, key, now);
}

static void put_changes(FILE *f, const struct style *style, struct json_object *changed,
			struct json_object *before)
{
	const char *separator = "";
	struct json_object_iter iter;

	json_object_object_foreachC(changed, iter)
	{
		struct json_object *old = NULL;

		/* With lines of their own. */
		if (strcmp(iter.key, "Memdevs") == 0)
			continue;
		json_object_object_get_ex(before, iter.key, &old);
		fputs(separator, f);
		put_change(f, style, iter.key, old, iter.val);
		separator = ", ";
	}
}

/* "pending → applying, 1 of 8 blocks; EBUSY at bind-kmem: …; why" */
static void put_progress(FILE *f, const struct style *style, const char *state,
			 struct json_object *changed, struct json_object *before)
{
	const char *was = get_text(before, "State"), *detail = get_text(changed, "StateDetail");
	const char *error = get_text(changed, "LastError"), *reason = get_text(changed, "Reason");

	if (was[0]) {
		put_state(f, style, was);
		fprintf(f, " %s ", arrow(style));
	}
	put_state(f, style, state);
	if (detail[0])
		fprintf(f, ", %s", detail);
	if (error[0])
		fprintf(f, "; %s%s%s: %s", style_begin(style, TONE_BAD), error,
			style_end(style, TONE_BAD), get_text(changed, "LastErrorMessage"));
	if (reason[0])
		fprintf(f, "; %s", reason);
}

static void print_device_changed(FILE *f, const struct style *style, struct json_object *event)
{
	struct json_object *changed = NULL, *before = NULL;

	json_object_object_get_ex(event, "Changed", &changed);
	json_object_object_get_ex(event, "Before", &before);
	if (get_text(changed, "State")[0] || get_text(changed, "StateDetail")[0])
		put_progress(f, style, get_text(event, "State"), changed, before);
	else
		put_changes(f, style, changed, before);
}

/* "appeared: cxl, 1 GiB, pending" */
static void print_device_added(FILE *f, const struct style *style, struct json_object *event)
{
	struct json_object *properties = NULL;
	char size[FORMAT_SIZE_MAX];

	json_object_object_get_ex(event, "Properties", &properties);
	fprintf(f, "appeared: %s, %s, ", get_text(properties, "Kind"),
		format_size(get_u64(properties, "Size"), size));
	put_state(f, style, get_text(properties, "State"));
}

/* "0.1.0 is there; dax0.0 online, dax1.0 failed" */
static void print_daemon_present(FILE *f, const struct style *style, struct json_object *event)
{
	struct json_object *devices = get_array(event, "Devices"), *host = NULL;

	json_object_object_get_ex(event, "Host", &host);
	fprintf(f, "%s is there; ", get_text(host, "Version"));
	if (json_length(devices) == 0)
		fprintf(f, "no device");
	for (size_t i = 0; i < json_length(devices); i++) {
		struct json_object *device = json_object_array_get_idx(devices, i);

		fprintf(f, "%s%s ", i ? ", " : "", get_text(device, "Name"));
		put_state(f, style, get_text(device, "State"));
	}
}

static void print_device_removed(FILE *f, const struct style *style, struct json_object *event)
{
	(void)style;
	(void)event;
	fprintf(f, "disappeared");
}

static void print_daemon_absent(FILE *f, const struct style *style, struct json_object *event)
{
	(void)event;
	fprintf(f, "%sis not running%s; waiting for it", style_begin(style, TONE_WARNING),
		style_end(style, TONE_WARNING));
}

static const struct {
	const char *event, *subject; /* subject NULL: the device */
	void (*print)(FILE *f, const struct style *style, struct json_object *event);
} kinds[] = {
	{"daemon-present", "daxtierd", print_daemon_present},
	{"daemon-absent", "daxtierd", print_daemon_absent},
	{"device-added", NULL, print_device_added},
	{"device-changed", NULL, print_device_changed},
	{"device-removed", NULL, print_device_removed},
};

static void line_begin(FILE *f, const struct style *style, struct json_object *event,
		       const char *subject)
{
	print_time(f, style, get_text(event, "Time"));
	print_subject(f, style, subject);
}

/* A memory device that is in a region has no state but that of the region's devices. */
static void put_memdev_state(FILE *f, const struct style *style, struct json_object *memdev)
{
	const char *region = get_text(memdev, "Region");

	if (region[0])
		fprintf(f, "in %s", region);
	else
		put_state(f, style, get_text(memdev, "State"));
}

static bool memdev_same(struct json_object *a, struct json_object *b)
{
	static const char *const keys[] = {"Region", "State", "Reason"};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (strcmp(get_text(a, keys[i]), get_text(b, keys[i])) != 0)
			return false;
	return true;
}

/* "mem1      unmanaged → in region4", "mem1      appeared: serial 0xabc1, pending; why"; was NULL:
 * not known before */
static void print_memdev(FILE *f, const struct style *style, struct json_object *event,
			 struct json_object *memdev, struct json_object *was)
{
	const char *reason = get_text(memdev, "Reason");

	line_begin(f, style, event, get_text(memdev, "Name"));
	if (was) {
		put_memdev_state(f, style, was);
		fprintf(f, " %s ", arrow(style));
	} else {
		fprintf(f, "appeared: serial 0x%" PRIx64 ", ", get_u64(memdev, "Serial"));
	}
	put_memdev_state(f, style, memdev);
	fprintf(f, "%s%s\n", reason[0] ? "; " : "", reason);
}

static void print_memdevs(FILE *f, const struct style *style, struct json_object *event,
			  struct json_object *now, struct json_object *before)
{
	for (size_t i = 0; i < json_length(before); i++) {
		const char *name = get_text(json_object_array_get_idx(before, i), "Name");

		if (json_find(now, "Name", name))
			continue;
		line_begin(f, style, event, name);
		fprintf(f, "disappeared\n");
	}
	for (size_t i = 0; i < json_length(now); i++) {
		struct json_object *memdev = json_object_array_get_idx(now, i);
		struct json_object *was = json_find(before, "Name", get_text(memdev, "Name"));

		if (!was || !memdev_same(memdev, was))
			print_memdev(f, style, event, memdev, was);
	}
}

/* A line of the host itself, if it is about more than its memory devices, and one of each of these.
 */
static void view_host_changed(FILE *f, const struct style *style, struct json_object *event)
{
	struct json_object *changed = NULL, *before = NULL, *memdevs;

	json_object_object_get_ex(event, "Changed", &changed);
	json_object_object_get_ex(event, "Before", &before);
	if (!json_object_object_get_ex(changed, "Memdevs", &memdevs) ||
	    json_object_object_length(changed) > 1) {
		line_begin(f, style, event, "host");
		put_changes(f, style, changed, before);
		fputc('\n', f);
	}
	print_memdevs(f, style, event, get_array(changed, "Memdevs"), get_array(before, "Memdevs"));
}

void view_event(FILE *f, const struct style *style, struct json_object *event)
{
	const char *what = get_text(event, "Event");

	if (strcmp(what, "host-changed") == 0) {
		view_host_changed(f, style, event);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (strcmp(what, kinds[i].event) != 0)
			continue;
		line_begin(f, style, event, kinds[i].subject ?: get_text(event, "Device"));
		kinds[i].print(f, style, event);
		fputc('\n', f);
	}
}

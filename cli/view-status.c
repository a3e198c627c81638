/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/format.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/view.h"
#include "model/names.h"

enum tone view_state_tone(const char *state)
{
	int value = device_state_from_string(state);

	if (value < 0) /* of a newer daemon */
		return TONE_PLAIN;
	switch ((enum device_state)value) {
	case DEVICE_ONLINE:
	case DEVICE_DEVDAX:
		return TONE_GOOD;
	case DEVICE_PENDING:
	case DEVICE_APPLYING:
	case DEVICE_RELEASING:
		return TONE_BUSY;
	case DEVICE_PARTIAL:
	case DEVICE_MISMATCH:
	case DEVICE_HELD_BACK:
		return TONE_WARNING;
	case DEVICE_FAILED:
	case DEVICE_STUCK:
		return TONE_BAD;
	case DEVICE_UNMANAGED:
	case DEVICE_RELEASED:
	case DEVICE_STATE_MAX:
		break;
	}
	return TONE_DIM;
}

/* "2 online, 1 failed", in the order of the states. */
static void put_counts(FILE *f, struct json_object *devices)
{
	const char *separator = ": ";

	for (int state = 0; state < DEVICE_STATE_MAX; state++) {
		const char *name = device_state_to_string(state);
		size_t n = 0;

		for (size_t i = 0; i < json_length(devices); i++) {
			struct json_object *device = json_object_array_get_idx(devices, i);

			n += strcmp(get_text(device, "State"), name) == 0;
		}
		if (n == 0)
			continue;
		fprintf(f, "%s%zu %s", separator, n, name);
		separator = ", ";
	}
}

static int print_heading(FILE *f, const struct style *style, struct json_object *host,
			 struct json_object *devices)
{
	size_t n = json_length(devices), size;
	_cleanup_free_ char *text = NULL;
	_cleanup_fclose_ FILE *line = open_memstream(&text, &size);

	if (!line)
		return -ENOMEM;
	fprintf(line, "daxtierd %s, Linux %s, %zu device%s", get_text(host, "Version"),
		get_text(host, "KernelRelease"), n, n == 1 ? "" : "s");
	put_counts(line, devices);
	if (fflush(line) != 0)
		return -ENOMEM;
	text_print_wrapped(f, style, 0, 2, text);
	fprintf(f, "\n");
	return 0;
}

static const struct table_column columns[] = {
	{"DEVICE", ALIGN_LEFT}, {"KIND", ALIGN_LEFT},	  {"SIZE", ALIGN_RIGHT},
	{"NODE", ALIGN_RIGHT},	{"DISTANCE", ALIGN_LEFT}, {"STATE", ALIGN_LEFT},
	{"ZONE", ALIGN_LEFT},	{"MEMMAP", ALIGN_LEFT},	  {"RULE", ALIGN_LEFT},
};

static int add_place(struct table *table, const struct style *style, struct json_object *device)
{
	const char *source = get_text(device, "DistanceSource");
	int64_t node = get_int(device, "TargetNode");
	int r;

	if (node < 0)
		r = table_add(table, TONE_DIM, "%s", style_dash(style));
	else
		r = table_add(table, TONE_PLAIN, "%" PRIi64, node);
	if (r < 0)
		return r;
	if (strcmp(source, distance_source_to_string(DISTANCE_UNKNOWN)) == 0)
		return table_add(table, TONE_DIM, "%s", style_dash(style));
	return table_add(table, TONE_PLAIN, "%" PRIu64 " %s", get_u64(device, "Distance"), source);
}

/* There is a memmap only while kmem is bound. */
static int add_memmap(struct table *table, const struct style *style, struct json_object *device)
{
	char size[FORMAT_SIZE_MAX];

	if (strcmp(get_text(device, "Driver"), "kmem") != 0)
		return table_add(table, TONE_DIM, "%s", style_dash(style));
	return table_add(table, TONE_PLAIN, "%s %s",
			 get_bool(device, "MemmapEffective") ? "device" : "DRAM",
			 format_size(get_u64(device, "MemmapBytes"), size));
}

static int add_text(struct table *table, const struct style *style, const char *text)
{
	if (text[0] == '\0' || strcmp(text, zone_to_string(ZONE_NONE)) == 0)
		return table_add(table, TONE_DIM, "%s", style_dash(style));
	return table_add(table, TONE_PLAIN, "%s", text);
}

static int add_device(struct table *table, const struct style *style, struct json_object *device)
{
	const char *state = get_text(device, "State");
	char size[FORMAT_SIZE_MAX];

	if (table_add(table, TONE_TITLE, "%s", get_text(device, "Name")) < 0 ||
	    table_add(table, TONE_PLAIN, "%s", get_text(device, "Kind")) < 0 ||
	    table_add(table, TONE_PLAIN, "%s", format_size(get_u64(device, "Size"), size)) < 0 ||
	    add_place(table, style, device) < 0 ||
	    table_add(table, view_state_tone(state), "%s", state) < 0 ||
	    add_text(table, style, get_text(device, "Zone")) < 0 ||
	    add_memmap(table, style, device) < 0 ||
	    add_text(table, style, get_text(device, "Rule")) < 0)
		return -ENOMEM;
	return 0;
}

static int print_devices(FILE *f, const struct style *style, struct json_object *devices)
{
	_cleanup_(table_done) struct table table;

	table_init(&table, columns, ARRAY_SIZE(columns));
	for (size_t i = 0; i < json_length(devices); i++)
		if (add_device(&table, style, json_object_array_get_idx(devices, i)) < 0)
			return -ENOMEM;
	table_print(&table, style, f);
	/* The others have their reason below, or need none. */
	if (json_find(devices, "State", device_state_to_string(DEVICE_UNMANAGED)))
		text_print_wrapped(f, style, 0, 0,
				   "\"daxtierctl show DEVICE\" tells why one is unmanaged.");
	return 0;
}

int view_status(FILE *f, const struct style *style, struct json_object *document)
{
	struct json_object *host, *devices = get_array(document, "Devices");
	int r;

	if (!json_object_object_get_ex(document, "Host", &host))
		host = NULL;
	r = print_heading(f, style, host, devices);
	if (r < 0)
		return r;
	if (json_length(devices) > 0) {
		r = print_devices(f, style, devices);
		if (r < 0)
			return r;
	} else {
		text_print_wrapped(
			f, style, 0, 0,
			"There is no dax device. CXL memory becomes one when it is part "
			"of a region, which \"create-regions = yes\" in [regions] of "
			"daxtier.conf(5) has the daemon make. Where there should be one, "
			"\"daxtierctl doctor\" tells what is in the way.");
	}
	r = view_tiers(f, style, document);
	if (r < 0)
		return r;
	view_limits(f, style, document);
	view_attention(f, style, devices);
	view_memdevs(f, style, document);
	view_host(f, style, document);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/format.h"
#include "cli/text.h"
#include "cli/view.h"
#include "model/names.h"

static const char *source_words(const char *source)
{
	int value = distance_source_from_string(source);

	if (value < 0)
		return source;
	switch ((enum distance_source)value) {
	case DISTANCE_UNKNOWN:
		return "unknown";
	case DISTANCE_HWLOC:
		return "hwloc";
	case DISTANCE_LIBNUMA:
		return "libnuma";
	case DISTANCE_KERNEL:
		return "the node's distance file in sysfs";
	case DISTANCE_SLIT:
		return "ACPI SLIT";
	case DISTANCE_DEFAULT:
		return "the kernel's default for what no table lists";
	case DISTANCE_SOURCE_MAX:
		break;
	}
	return source;
}

static const char *text_or_dash(const struct style *style, const char *text)
{
	return text[0] ? text : style_dash(style);
}

static void print_serials(FILE *f, const struct style *style, struct json_object *serials)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_fclose_ FILE *list = NULL;
	size_t size;

	if (json_length(serials) == 0)
		return;
	list = open_memstream(&text, &size);
	if (!list)
		return;
	for (size_t i = 0; i < json_length(serials); i++)
		fprintf(list, "%s0x%" PRIx64, i ? ", " : "",
			json_object_get_uint64(json_object_array_get_idx(serials, i)));
	if (fflush(list) == 0)
		field_print(f, style, "Serials", "%s", text);
}

static void print_identity(FILE *f, const struct style *style, struct json_object *device)
{
	uint64_t lost = get_u64(device, "LostBytes");
	char a[FORMAT_SIZE_MAX], b[FORMAT_SIZE_MAX];

	field_print(f, style, "Kind", "%s", get_text(device, "Kind"));
	if (get_text(device, "Region")[0])
		field_print(f, style, "CXL region", "%s", get_text(device, "Region"));
	print_serials(f, style, get_array(device, "Serials"));
	field_print(f, style, "Size", "%s", format_size(get_u64(device, "Size"), a));
	if (lost > 0)
		field_print(f, style, "Usable size", "%s; %s lost to the alignment of blocks",
			    format_size(get_u64(device, "UsableSize"), a), format_size(lost, b));
	field_print(f, style, "Driver", "%s", text_or_dash(style, get_text(device, "Driver")));
	if (get_text(device, "Holders")[0])
		field_print(f, style, "Open or mapped by", "%s", get_text(device, "Holders"));
}

static void print_performance(FILE *f, const struct style *style, const char *label, uint64_t read,
			      uint64_t write, const char *unit)
{
	if (read == 0 && write == 0)
		return;
	field_print(f, style, label, "read %" PRIu64 " %s, write %" PRIu64 " %s", read, unit, write,
		    unit);
}

static void print_place(FILE *f, const struct style *style, struct json_object *device)
{
	const char *source = get_text(device, "DistanceSource");
	int64_t target = get_int(device, "TargetNode"), tier = get_int(device, "Tier");
	int64_t initiator = get_int(device, "InitiatorNode");

	section_print(f, style, "Place");
	if (target < 0)
		field_print(f, style, "Node", "none; kmem refuses such a device");
	else
		field_print(f, style, "Node", "%" PRIi64, target);
	if (strcmp(source, distance_source_to_string(DISTANCE_UNKNOWN)) == 0)
		field_print(f, style, "Distance", "unknown");
	else if (initiator < 0)
		field_print(f, style, "Distance", "%" PRIu64, get_u64(device, "Distance"));
	else
		field_print(f, style, "Distance",
			    "%" PRIu64 " from node %" PRIi64 ", the nearest "
			    "with CPUs",
			    get_u64(device, "Distance"), initiator);
	field_print(f, style, "According to", "%s", source_words(source));
	print_performance(f, style, "Latency", get_u64(device, "ReadLatency"),
			  get_u64(device, "WriteLatency"), "ns");
	print_performance(f, style, "Bandwidth", get_u64(device, "ReadBandwidth"),
			  get_u64(device, "WriteBandwidth"), "MB/s");
	if (tier >= 0)
		field_print(f, style, "Tier", "%" PRIi64, tier);
}

static void print_decision(FILE *f, const struct style *style, struct json_object *device)
{
	const char *state = get_text(device, "State"), *detail = get_text(device, "StateDetail");
	_cleanup_free_ char *advice = view_advice(device);
	enum tone tone = view_state_tone(state);

	section_print(f, style, "Decision");
	field_print(f, style, "Rule", "%s", text_or_dash(style, get_text(device, "Rule")));
	field_print(f, style, "State", "%s%s%s%s%s", style_begin(style, tone), state,
		    style_end(style, tone), detail[0] ? ", " : "", detail);
	field_print(f, style, "Reason", "%s", text_or_dash(style, get_text(device, "Reason")));
	if (advice)
		field_print(f, style, "What to do", "%s", advice);
}

static const char *place_words(bool on_device)
{
	return on_device ? "on the device" : "in DRAM";
}

static void print_memmap(FILE *f, const struct style *style, struct json_object *device)
{
	bool bound = strcmp(get_text(device, "Driver"), "kmem") == 0;
	bool managed = get_text(device, "Rule")[0] != '\0';
	char size[FORMAT_SIZE_MAX];

	section_print(f, style, "Memmap");
	field_print(f, style, "Size", "%s", format_size(get_u64(device, "MemmapBytes"), size));
	field_print(f, style, "Wanted", "%s",
		    managed ? place_words(get_bool(device, "MemmapWanted")) : style_dash(style));
	if (bound || managed)
		field_print(f, style, bound ? "Is" : "Would be", "%s",
			    place_words(get_bool(device, "MemmapEffective")));
	field_print(f, style, "Reason", "%s",
		    text_or_dash(style, get_text(device, "MemmapReason")));
	field_print(f, style, "Knob", "%s", get_text(device, "MemmapKnob"));
}

/* "850 ms", "1.2 s", "3 min 20 s" */
static void print_time_to_online(FILE *f, const struct style *style, uint64_t usec)
{
	uint64_t ms = usec / 1000, seconds = ms / 1000;

	if (usec == 0)
		return;
	if (seconds == 0)
		field_print(f, style, "Brought online", "within %" PRIu64 " ms", ms + 1);
	else if (seconds < 60)
		field_print(f, style, "Brought online", "after %" PRIu64 ".%" PRIu64 " s", seconds,
			    ms % 1000 / 100);
	else
		field_print(f, style, "Brought online", "after %" PRIu64 " min %" PRIu64 " s",
			    seconds / 60, seconds % 60);
}

static void print_blocks(FILE *f, const struct style *style, struct json_object *device)
{
	const char *zone = get_text(device, "Zone");

	section_print(f, style, "Blocks");
	field_print(f, style, "Online", "%" PRIu64 " of %" PRIu64, get_u64(device, "BlocksOnline"),
		    get_u64(device, "BlocksTotal"));
	field_print(f, style, "In zone Movable", "%" PRIu64, get_u64(device, "BlocksMovable"));
	field_print(f, style, "Zone", "%s",
		    strcmp(zone, zone_to_string(ZONE_NONE)) == 0 ? style_dash(style) : zone);
	print_time_to_online(f, style, get_u64(device, "OnlineAfterUSec"));
}

static void print_error(FILE *f, const struct style *style, struct json_object *device)
{
	if (!get_text(device, "LastError")[0])
		return;
	section_print(f, style, "Last error");
	field_print(f, style, "Error", "%s%s%s", style_begin(style, TONE_BAD),
		    get_text(device, "LastError"), style_end(style, TONE_BAD));
	field_print(f, style, "Step", "%s", text_or_dash(style, get_text(device, "LastErrorStep")));
	field_print(f, style, "Message", "%s", get_text(device, "LastErrorMessage"));
	field_print(f, style, "Journal", "journalctl -u daxtierd DAXTIER_DEVICE=%s",
		    get_text(device, "Name"));
}

void view_device(FILE *f, const struct style *style, struct json_object *device)
{
	fprintf(f, "%s%s%s\n", style_begin(style, TONE_TITLE), get_text(device, "Name"),
		style_end(style, TONE_TITLE));
	print_identity(f, style, device);
	print_place(f, style, device);
	print_decision(f, style, device);
	print_memmap(f, style, device);
	print_blocks(f, style, device);
	print_error(f, style, device);
}

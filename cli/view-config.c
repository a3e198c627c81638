/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "cli/text.h"
#include "cli/view.h"

static struct json_object *member(struct json_object *object, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(object, key, &value) ? value : NULL;
}

/* As the file takes it: an integer in the largest unit that leaves no rest. */
#define NUMBER_MAX 32
static const char *size_in_file(uint64_t bytes, char buf[static NUMBER_MAX])
{
	static const char units[] = "KMGTPE";
	const char *unit = units;

	if (bytes == 0 || bytes % 1024) {
		snprintf(buf, NUMBER_MAX, "%" PRIu64, bytes);
		return buf;
	}
	for (bytes /= 1024; bytes % 1024 == 0; bytes /= 1024)
		unit++;
	snprintf(buf, NUMBER_MAX, "%" PRIu64 "%c", bytes, *unit);
	return buf;
}

static const char *time_in_file(uint64_t usec, char buf[static NUMBER_MAX])
{
	if (usec % 1000)
		snprintf(buf, NUMBER_MAX, "%" PRIu64 "us", usec);
	else if (usec % 1000000)
		snprintf(buf, NUMBER_MAX, "%" PRIu64 "ms", usec / 1000);
	else
		snprintf(buf, NUMBER_MAX, "%" PRIu64 "s", usec / 1000000);
	return buf;
}

static const char *percent_in_file(uint64_t basis_points, char buf[static NUMBER_MAX])
{
	if (basis_points % 100)
		snprintf(buf, NUMBER_MAX, "%" PRIu64 ".%02" PRIu64 "%%", basis_points / 100,
			 basis_points % 100);
	else
		snprintf(buf, NUMBER_MAX, "%" PRIu64 "%%", basis_points / 100);
	return buf;
}

/* "match-kind = cxl,hmem": as it stands in the file. */
static void put_list(FILE *f, struct json_object *rule, const char *member_name, const char *key)
{
	struct json_object *list = get_array(rule, member_name);
	/* Serial numbers; what else is a number is that of a node. */
	bool hex = strcmp(key, "match-serial") == 0 || strcmp(key, "only") == 0 ||
		   strcmp(key, "never") == 0;

	for (size_t i = 0; i < json_length(list); i++) {
		struct json_object *item = json_object_array_get_idx(list, i);

		if (i == 0)
			fprintf(f, "; %s = ", key);
		else
			fprintf(f, ",");
		if (hex)
			fprintf(f, "0x%" PRIx64, json_object_get_uint64(item));
		else
			fprintf(f, "%s", json_object_get_string(item));
	}
}

static void put_sizes(FILE *f, struct json_object *rule)
{
	struct json_object *min = member(rule, "MatchSizeMinBytes");
	struct json_object *max = member(rule, "MatchSizeMaxBytes");
	char size[NUMBER_MAX];

	if (!min)
		return;
	fprintf(f, "; match-size = %s..", size_in_file(json_object_get_uint64(min), size));
	if (max)
		fprintf(f, "%s", size_in_file(json_object_get_uint64(max), size));
}

static void put_distances(FILE *f, struct json_object *rule)
{
	struct json_object *min = member(rule, "MatchDistanceMin");
	struct json_object *max = member(rule, "MatchDistanceMax");

	if (!min)
		return;
	fprintf(f, "; match-distance = %" PRIu64 "..", json_object_get_uint64(min));
	if (max)
		fprintf(f, "%" PRIu64, json_object_get_uint64(max));
}

static void put_criteria(FILE *f, struct json_object *rule)
{
	put_list(f, rule, "MatchKinds", "match-kind");
	put_list(f, rule, "MatchDevices", "match-device");
	put_list(f, rule, "MatchRegions", "match-region");
	put_list(f, rule, "MatchSerials", "match-serial");
	put_list(f, rule, "MatchTargetNodes", "match-target-node");
	put_list(f, rule, "MatchInitiatorNodes", "match-initiator-node");
	put_sizes(f, rule);
	put_distances(f, rule);
}

static void print_criteria(FILE *f, const struct style *style, struct json_object *rule)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_fclose_ FILE *list = NULL;
	size_t size;

	list = open_memstream(&text, &size);
	if (!list)
		return;
	put_criteria(list, rule);
	if (fflush(list) != 0)
		return;
	field_print(f, style, "  Devices", "%s", text[0] ? text + strlen("; ") : "any");
}

static void print_rule(FILE *f, const struct style *style, size_t number, struct json_object *rule)
{
	fprintf(f, "  %zu. %s%s%s (%s:%" PRIu64 ")\n", number, style_begin(style, TONE_TITLE),
		get_text(rule, "Name"), style_end(style, TONE_TITLE), get_text(rule, "File"),
		get_u64(rule, "Line"));
	print_criteria(f, style, rule);
	if (get_text(rule, "MemmapOnMemory")[0])
		field_print(f, style, "  Outcome", "%s, zone = %s, memmap-on-memory = %s",
			    get_text(rule, "Mode"), get_text(rule, "Zone"),
			    get_text(rule, "MemmapOnMemory"));
	else
		field_print(f, style, "  Outcome", "%s", get_text(rule, "Mode"));
}

static void print_rules(FILE *f, const struct style *style, struct json_object *rules)
{
	if (json_length(rules) == 0) {
		section_print(f, style, "No rule, so no device is managed");
		return;
	}
	section_print(f, style, "Rules, in the order in which they are tried");
	for (size_t i = 0; i < json_length(rules); i++)
		print_rule(f, style, i + 1, json_object_array_get_idx(rules, i));
}

static void put_regions(FILE *f, struct json_object *regions)
{
	uint64_t ways = get_u64(regions, "Interleave");
	uint64_t granularity = get_u64(regions, "GranularityBytes");
	char number[NUMBER_MAX];

	fprintf(f, "create-regions = %s", get_bool(regions, "CreateRegions") ? "yes" : "no");
	put_list(f, regions, "Only", "only");
	put_list(f, regions, "Never", "never");
	if (ways > 0)
		fprintf(f, "; interleave = %" PRIu64, ways);
	else
		fprintf(f, "; interleave = none");
	fprintf(f, "; granularity = %s", granularity ? size_in_file(granularity, number) : "auto");
	fprintf(f, "; gather = %s", time_in_file(get_u64(regions, "GatherUSec"), number));
}

static void print_regions(FILE *f, const struct style *style, struct json_object *regions)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_fclose_ FILE *list = NULL;
	size_t size;

	list = open_memstream(&text, &size);
	if (!list)
		return;
	put_regions(list, regions);
	if (fflush(list) == 0)
		field_print(f, style, "[regions]", "%s", text);
}

static void print_settings(FILE *f, const struct style *style, struct json_object *config)
{
	struct json_object *daemon = member(config, "Daemon"), *memmap = member(config, "Memmap");
	struct json_object *movable = member(config, "Movable");
	uint64_t ratio = get_u64(movable, "MaxRatio");
	char number[NUMBER_MAX], percent[NUMBER_MAX];

	section_print(f, style, "Settings");
	field_print(f, style, "[daemon]", "claim = %s, settle = %s, convert = %s",
		    get_bool(daemon, "Claim") ? "yes" : "no",
		    time_in_file(get_u64(daemon, "SettleUSec"), number),
		    get_text(daemon, "Convert"));
	field_print(f, style, "[memmap]",
		    "min-size = %s, max-distance = %" PRIu64 ", dram-budget = %s",
		    size_in_file(get_u64(memmap, "MinSizeBytes"), number),
		    get_u64(memmap, "MaxDistance"),
		    percent_in_file(get_u64(memmap, "DramBudgetBasisPoints"), percent));
	print_regions(f, style, member(config, "Regions"));
	if (ratio > 0)
		field_print(f, style, "[movable]", "max-ratio = %" PRIu64, ratio);
	else
		field_print(f, style, "[movable]", "max-ratio = 0, no guard");
}

void view_config(FILE *f, const struct style *style, struct json_object *config)
{
	struct json_object *files = get_array(config, "Files");

	fprintf(f, "%sNo errors.%s\n", style_begin(style, TONE_GOOD), style_end(style, TONE_GOOD));
	if (json_length(files) == 0)
		section_print(f, style, "No file was read: the defaults are in force");
	else
		view_lines(f, style, "Files, in the order in which they were read", files);
	print_settings(f, style, config);
	print_rules(f, style, get_array(config, "Rules"));
}

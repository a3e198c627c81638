/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "base/format.h"
#include "cli/text.h"
#include "cli/view.h"

/* A device as a branch of the node with CPUs that is nearest to it. */
struct branch {
	struct json_object *device;
	uint64_t distance;
	int64_t node;
	size_t index;
};

struct branches {
	struct branch *items;
	size_t n;
};

static void branches_done(struct branches *branches)
{
	free(branches->items);
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* Near to far; as they are listed where that is the same. */
static int compare_branches(const void *a, const void *b)
{
	const struct branch *x = a, *y = b;

	return compare_numbers(x->distance, y->distance)
		       ?: compare_numbers((uint64_t)x->node, (uint64_t)y->node)
		       ?: compare_numbers(x->index, y->index);
}

static int collect_branches(struct json_object *devices, int64_t initiator, struct branches *ret)
{
	size_t n = json_length(devices);

	*ret = (struct branches){.items = calloc(n + 1, sizeof(struct branch))};
	if (!ret->items)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		struct json_object *device = json_object_array_get_idx(devices, i);

		if (get_int(device, "TargetNode") < 0 ||
		    get_int(device, "InitiatorNode") != initiator)
			continue;
		ret->items[ret->n++] = (struct branch){
			.device = device,
			.distance = get_u64(device, "Distance"),
			.node = get_int(device, "TargetNode"),
			.index = i,
		};
	}
	qsort(ret->items, ret->n, sizeof(struct branch), compare_branches);
	return 0;
}

/* "tier 22", "no tier": under one another, whatever follows or does not. */
static const char *tier_words(int64_t tier, char buf[static 32])
{
	if (tier < 0)
		return "no tier";
	snprintf(buf, 32, "tier %" PRIi64, tier);
	return buf;
}

static void print_branch(FILE *f, const struct style *style, const struct branch *branch, bool last)
{
	static const char *const glyphs[2][2] = {{"|-", "`-"}, {"├─", "└─"}};
	const char *state = get_text(branch->device, "State");
	enum tone tone = view_state_tone(state);
	char size[FORMAT_SIZE_MAX], tier[32];

	fprintf(f, "  %s%s%s ", style_begin(style, TONE_DIM), glyphs[style->utf8][last],
		style_end(style, TONE_DIM));
	if (branch->distance > 0)
		fprintf(f, "%3" PRIu64, branch->distance);
	else
		fprintf(f, "  ?");
	fprintf(f, "  node %-3" PRIi64 "  %-7s %9s  %-8s  %s %s%s%s\n", branch->node,
		get_text(branch->device, "Kind"),
		format_size(get_u64(branch->device, "Size"), size),
		tier_words(get_int(branch->device, "Tier"), tier), get_text(branch->device, "Name"),
		style_begin(style, tone), state, style_end(style, tone));
}

static void print_branches(FILE *f, const struct style *style, const struct branches *branches)
{
	for (size_t i = 0; i < branches->n; i++)
		print_branch(f, style, &branches->items[i], i + 1 == branches->n);
}

static bool is_target_of_any(struct json_object *devices, int64_t node)
{
	for (size_t i = 0; i < json_length(devices); i++)
		if (get_int(json_object_array_get_idx(devices, i), "TargetNode") == node)
			return true;
	return false;
}

static void print_node(FILE *f, const struct style *style, struct json_object *node)
{
	char size[FORMAT_SIZE_MAX], tier[32];

	fprintf(f, "  %snode %-3" PRIi64 "%s          %-7s %9s  %s\n",
		style_begin(style, TONE_TITLE), get_int(node, "Node"), style_end(style, TONE_TITLE),
		get_bool(node, "HasCpu") ? "DRAM" : "memory",
		format_size(get_u64(node, "Total"), size), tier_words(get_int(node, "Tier"), tier));
}

static int print_node_and_branches(FILE *f, const struct style *style, struct json_object *node,
				   struct json_object *devices)
{
	_cleanup_(branches_done) struct branches branches = {};

	if (collect_branches(devices, get_int(node, "Node"), &branches) < 0)
		return -ENOMEM;
	print_node(f, style, node);
	print_branches(f, style, &branches);
	return 0;
}

/* Of some it is not known which CPUs are near. */
static int print_others(FILE *f, const struct style *style, struct json_object *devices)
{
	_cleanup_(branches_done) struct branches branches = {};

	if (collect_branches(devices, -1, &branches) < 0)
		return -ENOMEM;
	if (branches.n > 0)
		fprintf(f, "  %snearest CPUs unknown%s\n", style_begin(style, TONE_TITLE),
			style_end(style, TONE_TITLE));
	print_branches(f, style, &branches);
	return 0;
}

int view_tiers(FILE *f, const struct style *style, struct json_object *document)
{
	struct json_object *devices = get_array(document, "Devices"), *nodes, *host;

	if (!json_object_object_get_ex(document, "Host", &host))
		return 0;
	nodes = get_array(host, "Nodes");
	if (json_length(nodes) == 0)
		return 0;

	section_print(f, style, "Tiers, by distance from the nearest CPUs");
	for (size_t i = 0; i < json_length(nodes); i++) {
		struct json_object *node = json_object_array_get_idx(nodes, i);

		/* What a device brought is a branch, not a node of its own. */
		if (!get_bool(node, "HasCpu") && is_target_of_any(devices, get_int(node, "Node")))
			continue;
		if (print_node_and_branches(f, style, node, devices) < 0)
			return -ENOMEM;
	}
	return print_others(f, style, devices);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

void rule_done(struct rule *rule)
{
	free(rule->name);
	free(rule->file);
	strv_done(&rule->match_devices);
	strv_done(&rule->match_regions);
	free(rule->match_serials.items);
	free(rule->match_target_nodes.items);
	free(rule->match_initiator_nodes.items);
	*rule = (struct rule){};
}

struct config *config_free(struct config *config)
{
	if (!config)
		return NULL;
	for (size_t i = 0; i < config->n_rules; i++)
		rule_done(&config->rules[i]);
	free(config->rules);
	free(config->regions_only.items);
	free(config->regions_never.items);
	strv_done(&config->files);
	free(config);
	return NULL;
}

static void print_strings(FILE *f, const char *key, const struct strv *list)
{
	/* With its length, as a pattern may hold anything. */
	for (size_t i = 0; i < list->n; i++)
		fprintf(f, "%s%zu:%s ", key, strlen(list->items[i]), list->items[i]);
}

static void print_numbers(FILE *f, const char *key, const struct u64_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		fprintf(f, "%s%" PRIu64 " ", key, list->items[i]);
}

static void print_span(FILE *f, const char *key, bool set, const struct u64_span *span)
{
	if (set)
		fprintf(f, "%s%" PRIu64 "..%" PRIu64 " ", key, span->min, span->max);
}

static void print_rule(FILE *f, const struct rule *rule)
{
	fprintf(f, "kinds=%u ", rule->match_kinds);
	print_strings(f, "device=", &rule->match_devices);
	print_strings(f, "region=", &rule->match_regions);
	print_numbers(f, "serial=", &rule->match_serials);
	print_numbers(f, "target=", &rule->match_target_nodes);
	print_numbers(f, "initiator=", &rule->match_initiator_nodes);
	print_span(f, "size=", rule->match_size_set, &rule->match_size);
	print_span(f, "distance=", rule->match_distance_set, &rule->match_distance);
	fprintf(f, "mode=%s memmap=%s zone=%s", rule_mode_to_string(rule->mode),
		memmap_choice_to_string(rule->memmap), target_zone_to_string(rule->zone));
}

char *rule_fingerprint(const struct rule *rule)
{
	char *text = NULL;
	size_t size;
	FILE *f;

	f = open_memstream(&text, &size);
	if (!f)
		return NULL;
	if (rule)
		print_rule(f, rule);
	if (fclose(f) == 0) /* which may move the text a last time */
		return text;
	free(text);
	return NULL;
}

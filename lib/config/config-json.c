/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/config-json.h"

#include <errno.h>
#include <json-c/json.h>

#include "base/cleanup.h"

DEFINE_CLEANUP(struct json_object *, json_object_put);

#define _cleanup_json_ _cleanup_(json_object_putp)

/*
 * Each of these takes over value, which is NULL when memory ran out while it was made, so that
 * calls can be chained and checked once. 0 or -ENOMEM.
 */
static int put(struct json_object *object, const char *key, struct json_object *value)
{
	if (value && json_object_object_add(object, key, value) == 0)
		return 0;
	json_object_put(value);
	return -ENOMEM;
}

static int append(struct json_object *array, struct json_object *value)
{
	if (value && json_object_array_add(array, value) == 0)
		return 0;
	json_object_put(value);
	return -ENOMEM;
}

static int put_string(struct json_object *object, const char *key, const char *value)
{
	return put(object, key, json_object_new_string(value));
}

static int put_u64(struct json_object *object, const char *key, uint64_t value)
{
	return put(object, key, json_object_new_uint64(value));
}

static int put_strings(struct json_object *object, const char *key, const struct strv *list)
{
	_cleanup_json_ struct json_object *array = json_object_new_array();

	if (!array)
		return -ENOMEM;
	for (size_t i = 0; i < list->n; i++)
		if (append(array, json_object_new_string(list->items[i])) < 0)
			return -ENOMEM;
	return put(object, key, TAKE_PTR(array));
}

static int put_numbers(struct json_object *object, const char *key, const struct u64_list *list)
{
	_cleanup_json_ struct json_object *array = json_object_new_array();

	if (!array)
		return -ENOMEM;
	for (size_t i = 0; i < list->n; i++)
		if (append(array, json_object_new_uint64(list->items[i])) < 0)
			return -ENOMEM;
	return put(object, key, TAKE_PTR(array));
}

static int put_kinds(struct json_object *object, const char *key, unsigned kinds)
{
	_cleanup_json_ struct json_object *array = json_object_new_array();

	if (!array)
		return -ENOMEM;
	for (int kind = 0; kind < DAX_KIND_MAX; kind++)
		if (kinds & 1U << kind &&
		    append(array, json_object_new_string(dax_kind_to_string(kind))) < 0)
			return -ENOMEM;
	return put(object, key, TAKE_PTR(array));
}

static int put_span(struct json_object *object, const char *min_key, const char *max_key,
		    const struct u64_span *span)
{
	if (put_u64(object, min_key, span->min) < 0)
		return -ENOMEM;
	return span->max == UINT64_MAX ? 0 : put_u64(object, max_key, span->max);
}

static int put_criteria(struct json_object *object, const struct rule *rule)
{
	if (rule->match_kinds && put_kinds(object, "MatchKinds", rule->match_kinds) < 0)
		return -ENOMEM;
	if (rule->match_devices.n && put_strings(object, "MatchDevices", &rule->match_devices) < 0)
		return -ENOMEM;
	if (rule->match_regions.n && put_strings(object, "MatchRegions", &rule->match_regions) < 0)
		return -ENOMEM;
	if (rule->match_serials.n && put_numbers(object, "MatchSerials", &rule->match_serials) < 0)
		return -ENOMEM;
	if (rule->match_target_nodes.n &&
	    put_numbers(object, "MatchTargetNodes", &rule->match_target_nodes) < 0)
		return -ENOMEM;
	if (rule->match_initiator_nodes.n &&
	    put_numbers(object, "MatchInitiatorNodes", &rule->match_initiator_nodes) < 0)
		return -ENOMEM;
	if (rule->match_size_set &&
	    put_span(object, "MatchSizeMinBytes", "MatchSizeMaxBytes", &rule->match_size) < 0)
		return -ENOMEM;
	if (rule->match_distance_set &&
	    put_span(object, "MatchDistanceMin", "MatchDistanceMax", &rule->match_distance) < 0)
		return -ENOMEM;
	return 0;
}

static int put_outcome(struct json_object *object, const struct rule *rule)
{
	if (put_string(object, "Mode", rule_mode_to_string(rule->mode)) < 0)
		return -ENOMEM;
	if (rule->mode != RULE_MODE_SYSTEM_RAM)
		return 0;
	if (put_string(object, "MemmapOnMemory", memmap_choice_to_string(rule->memmap)) < 0)
		return -ENOMEM;
	return put_string(object, "Zone", target_zone_to_string(rule->zone));
}

static int append_rule(struct json_object *array, const struct rule *rule)
{
	_cleanup_json_ struct json_object *object = json_object_new_object();

	if (!object || put_string(object, "Name", rule->name) < 0 ||
	    put_string(object, "File", rule->file) < 0 || put_u64(object, "Line", rule->line) < 0 ||
	    put_criteria(object, rule) < 0 || put_outcome(object, rule) < 0)
		return -ENOMEM;
	return append(array, TAKE_PTR(object));
}

static int put_rules(struct json_object *object, const struct config *config)
{
	_cleanup_json_ struct json_object *array = json_object_new_array();

	if (!array)
		return -ENOMEM;
	for (size_t i = 0; i < config->n_rules; i++)
		if (append_rule(array, &config->rules[i]) < 0)
			return -ENOMEM;
	return put(object, "Rules", TAKE_PTR(array));
}

static int put_daemon(struct json_object *object, const struct config *config)
{
	_cleanup_json_ struct json_object *section = json_object_new_object();

	if (!section || put(section, "Claim", json_object_new_boolean(config->claim)) < 0 ||
	    put_u64(section, "SettleUSec", config->settle_usec) < 0 ||
	    put_string(section, "Convert", convert_mode_to_string(config->convert)) < 0)
		return -ENOMEM;
	return put(object, "Daemon", TAKE_PTR(section));
}

static int put_memmap(struct json_object *object, const struct config *config)
{
	_cleanup_json_ struct json_object *section = json_object_new_object();

	if (!section || put_u64(section, "MinSizeBytes", config->memmap_min_size) < 0 ||
	    put_u64(section, "MaxDistance", config->memmap_max_distance) < 0 ||
	    put_u64(section, "DramBudgetBasisPoints", config->memmap_dram_budget) < 0)
		return -ENOMEM;
	return put(object, "Memmap", TAKE_PTR(section));
}

static int put_regions(struct json_object *object, const struct config *config)
{
	_cleanup_json_ struct json_object *section = json_object_new_object();

	if (!section ||
	    put(section, "CreateRegions", json_object_new_boolean(config->create_regions)) < 0 ||
	    put_numbers(section, "Only", &config->regions_only) < 0 ||
	    put_numbers(section, "Never", &config->regions_never) < 0 ||
	    put_u64(section, "Interleave", config->interleave_ways) < 0 ||
	    put_u64(section, "GranularityBytes", config->interleave_granularity) < 0 ||
	    put_u64(section, "GatherUSec", config->interleave_gather_usec) < 0)
		return -ENOMEM;
	return put(object, "Regions", TAKE_PTR(section));
}

static int put_movable(struct json_object *object, const struct config *config)
{
	_cleanup_json_ struct json_object *section = json_object_new_object();

	if (!section || put_u64(section, "MaxRatio", config->movable_max_ratio) < 0)
		return -ENOMEM;
	return put(object, "Movable", TAKE_PTR(section));
}

int config_to_json(const struct config *config, struct json_object **ret)
{
	_cleanup_json_ struct json_object *object = json_object_new_object();

	if (!object || put_strings(object, "Files", &config->files) < 0 ||
	    put_daemon(object, config) < 0 || put_memmap(object, config) < 0 ||
	    put_regions(object, config) < 0 || put_movable(object, config) < 0 ||
	    put_rules(object, config) < 0)
		return -ENOMEM;
	*ret = TAKE_PTR(object);
	return 0;
}

static int append_error(struct json_object *array, const struct config_error *error)
{
	_cleanup_json_ struct json_object *object = json_object_new_object();
	_cleanup_free_ char *text = config_error_to_string(error);

	if (!object || !text || (error->file && put_string(object, "File", error->file) < 0) ||
	    (error->line && put_u64(object, "Line", error->line) < 0) ||
	    (error->section && put_string(object, "Section", error->section) < 0) ||
	    (error->key && put_string(object, "Key", error->key) < 0) ||
	    put_string(object, "Message", error->message) < 0 ||
	    put_string(object, "Text", text) < 0)
		return -ENOMEM;
	return append(array, TAKE_PTR(object));
}

int config_errors_to_json(const struct config_errors *errors, struct json_object **ret)
{
	_cleanup_json_ struct json_object *array = json_object_new_array();

	if (!array)
		return -ENOMEM;
	for (size_t i = 0; i < errors->n; i++)
		if (append_error(array, &errors->items[i]) < 0)
			return -ENOMEM;
	*ret = TAKE_PTR(array);
	return 0;
}

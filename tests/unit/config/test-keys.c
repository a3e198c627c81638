/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The table of keys itself: what it says in words has to be what it does. */

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/config-key.h"
#include "outcome.h"
#include "suites.h"

#define N_KEYS 24

static bool in_rule(const struct config_key *key)
{
	return strcmp(key->section, "rule") == 0;
}

/* Parses value with the key's row; what was parsed is dropped again. */
static int try_value(const struct config_key *key, const char *value)
{
	struct value_problem problem = {0};
	struct config config = {0};
	struct rule rule = {0};
	int r;

	r = config_key_set(key, value, in_rule(key) ? (void *)&rule : (void *)&config, &problem);
	ck_assert((r < 0) == (problem.what != NULL));
	rule_done(&rule);
	free(config.regions_only.items);
	free(config.regions_never.items);
	return r;
}

START_TEST(row_is_complete_and_its_values_parse)
{
	const struct config_key *key = &config_keys[_i];

	ck_assert_uint_eq(config_n_keys, N_KEYS);
	ck_assert_ptr_nonnull(config_section_find(key->section));
	ck_assert_ptr_eq(config_key_find(key->section, key->name), key);
	ck_assert_msg(key->fallback || key->example, "%s shows no value", key->name);
	if (key->fallback)
		ck_assert_msg(try_value(key, key->fallback) == 0, "%s: default", key->name);
	if (key->example)
		ck_assert_msg(try_value(key, key->example) == 0, "%s: example", key->name);
	ck_assert_msg(key->doc[strlen(key->doc) - 1] == '.', "%s: no sentence", key->name);
	ck_assert_msg(key->allowed[strlen(key->allowed) - 1] != '.', "%s: a sentence", key->name);
}
END_TEST

START_TEST(no_name_is_used_by_two_sections)
{
	/* Or "belongs to" would be a guess. */
	ck_assert_ptr_null(config_key_elsewhere(config_keys[_i].section, config_keys[_i].name));
}
END_TEST

/* Every word that the parser takes stands in what is allowed. */
static void check_words(const char *section, const char *name, const char *(*word)(int), int n)
{
	const struct config_key *key = config_key_find(section, name);

	ck_assert_ptr_nonnull(key);
	for (int v = 0; v < n; v++) {
		ck_assert_msg(strstr(key->allowed, word(v)) != NULL, "%s does not allow %s", name,
			      word(v));
		ck_assert_int_eq(try_value(key, word(v)), 0);
	}
}

static const char *convert_word(int v)
{
	return convert_mode_to_string((enum convert_mode)v);
}

static const char *mode_word(int v)
{
	return rule_mode_to_string((enum rule_mode)v);
}

static const char *memmap_word(int v)
{
	return memmap_choice_to_string((enum memmap_choice)v);
}

static const char *zone_word(int v)
{
	return target_zone_to_string((enum target_zone)v);
}

/* The first kind is "unknown", which is nothing to ask for. */
static const char *kind_word(int v)
{
	return dax_kind_to_string((enum dax_kind)(v + 1));
}

START_TEST(words_are_named)
{
	check_words("daemon", "convert", convert_word, CONVERT_MAX);
	check_words("rule", "mode", mode_word, RULE_MODE_MAX);
	check_words("rule", "memmap-on-memory", memmap_word, MEMMAP_CHOICE_MAX);
	check_words("rule", "zone", zone_word, TARGET_ZONE_MAX);
	check_words("rule", "match-kind", kind_word, DAX_KIND_MAX - 1);
}
END_TEST

START_TEST(defaults_are_those_of_the_design)
{
	_cleanup_(config_freep) struct config *config = NULL;
	struct rule rule = {0};

	ck_assert_int_eq(config_new_default(&config), 0);
	ck_assert(config->claim);
	ck_assert_uint_eq(config->settle_usec, 200000);
	ck_assert_int_eq(config->convert, CONVERT_HOT_ADDED);
	ck_assert_uint_eq(config->memmap_min_size, UINT64_C(64) << 30);
	ck_assert_uint_eq(config->memmap_max_distance, 40);
	ck_assert_uint_eq(config->memmap_dram_budget, 500);
	ck_assert_uint_eq(config->movable_max_ratio, 4);
	ck_assert_uint_eq(config->n_rules, 0);
	ck_assert_uint_eq(config->files.n, 0);

	ck_assert_int_eq(config_keys_set_defaults("rule", &rule), 0);
	ck_assert_int_eq(rule.memmap, MEMMAP_CHOICE_AUTO);
	ck_assert_int_eq(rule.zone, TARGET_ZONE_MOVABLE);
	ck_assert_uint_eq(rule.match_kinds, 0);
	ck_assert(!rule.match_size_set && !rule.match_distance_set);
}
END_TEST

TCase *keys_tests(void)
{
	TCase *tcase = tcase_create("keys");

	tcase_add_loop_test(tcase, row_is_complete_and_its_values_parse, 0, N_KEYS);
	tcase_add_loop_test(tcase, no_name_is_used_by_two_sections, 0, N_KEYS);
	tcase_add_test(tcase, words_are_named);
	tcase_add_test(tcase, defaults_are_those_of_the_design);
	return tcase;
}

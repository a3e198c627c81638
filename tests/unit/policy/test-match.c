/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "suites.h"

static struct bench bench;
static struct dax_device *device;
static struct rule *rule;

static void setup(void)
{
	bench_init(&bench);
	device = bench_add_device(&bench, DAX_KIND_CXL, 16 * GIB);
	device->region = strdup("region3");
	device->serials = calloc(2, sizeof(*device->serials));
	ck_assert_ptr_nonnull(device->serials);
	device->serials[0] = 0xabc1;
	device->serials[1] = 0xabc2;
	device->n_serials = 2;
	rule = bench_add_rule(&bench, "only");
}

static void teardown(void)
{
	bench_done(&bench);
}

static void add_u64(struct u64_list *list, uint64_t value)
{
	list->items = reallocarray(list->items, list->n + 1, sizeof(*list->items));
	ck_assert_ptr_nonnull(list->items);
	list->items[list->n++] = value;
}

static void assert_matches(bool expected)
{
	ck_assert_ptr_eq(policy_match(&bench.config, device), expected ? rule : NULL);
}

START_TEST(an_empty_rule_matches)
{
	assert_matches(true);
}
END_TEST

START_TEST(no_rule_is_no_match)
{
	bench.config.n_rules = 0;
	ck_assert_ptr_null(policy_match(&bench.config, device));
	bench.config.n_rules = 1;
}
END_TEST

START_TEST(kind)
{
	static const struct {
		unsigned kinds;
		enum dax_kind kind;
		bool matches;
	} cases[] = {
		{1U << DAX_KIND_CXL, DAX_KIND_CXL, true},
		{1U << DAX_KIND_CXL, DAX_KIND_HMEM, false},
		{1U << DAX_KIND_CXL, DAX_KIND_UNKNOWN, false},
		{1U << DAX_KIND_CXL | 1U << DAX_KIND_PMEM, DAX_KIND_PMEM, true},
		{1U << DAX_KIND_CXL | 1U << DAX_KIND_PMEM, DAX_KIND_HMEM, false},
		{0, DAX_KIND_HMEM, true},
	};

	rule->match_kinds = cases[_i].kinds;
	device->kind = cases[_i].kind;
	assert_matches(cases[_i].matches);
}
END_TEST

/* What may hold data becomes system RAM only by a rule that names its kind, and unknown is none. */
START_TEST(what_may_hold_data_has_to_be_named)
{
	static const struct {
		unsigned kinds;
		enum rule_mode mode;
		enum dax_kind kind;
		bool matches, spares;
	} cases[] = {
		{0, RULE_MODE_SYSTEM_RAM, DAX_KIND_CXL, true, false},
		{0, RULE_MODE_SYSTEM_RAM, DAX_KIND_HMEM, true, false},
		{0, RULE_MODE_SYSTEM_RAM, DAX_KIND_PMEM, false, true},
		{0, RULE_MODE_SYSTEM_RAM, DAX_KIND_UNKNOWN, false, true},
		{BENCH_ALL_KINDS, RULE_MODE_SYSTEM_RAM, DAX_KIND_PMEM, true, false},
		{BENCH_ALL_KINDS, RULE_MODE_SYSTEM_RAM, DAX_KIND_UNKNOWN, false, false},
		{1U << DAX_KIND_UNKNOWN, RULE_MODE_SYSTEM_RAM, DAX_KIND_UNKNOWN, false, true},
		{1U << DAX_KIND_CXL, RULE_MODE_SYSTEM_RAM, DAX_KIND_PMEM, false, false},
		{0, RULE_MODE_DEVDAX, DAX_KIND_PMEM, true, false},
		{0, RULE_MODE_DEVDAX, DAX_KIND_UNKNOWN, true, false},
		{0, RULE_MODE_IGNORE, DAX_KIND_PMEM, true, false},
		{0, RULE_MODE_IGNORE, DAX_KIND_UNKNOWN, true, false},
	};

	rule->match_kinds = cases[_i].kinds;
	rule->mode = cases[_i].mode;
	device->kind = cases[_i].kind;
	assert_matches(cases[_i].matches);
	ck_assert_ptr_eq(policy_find_sparing(&bench.config, device),
			 cases[_i].spares ? rule : NULL);
}
END_TEST

START_TEST(other_criteria_name_no_kind)
{
	device->kind = DAX_KIND_PMEM;
	ck_assert_int_eq(strv_add(&rule->match_devices, "dax0.0"), 0);
	add_u64(&rule->match_target_nodes, 2);
	assert_matches(false);
	ck_assert_ptr_eq(policy_find_sparing(&bench.config, device), rule);
	device->target_node = 3;
	ck_assert_ptr_null(policy_find_sparing(&bench.config, device));
}
END_TEST

START_TEST(a_rule_that_spares_leaves_it_to_the_next)
{
	struct rule *second = bench_add_rule(&bench, "second");

	device->kind = DAX_KIND_PMEM;
	second->mode = RULE_MODE_DEVDAX;
	ck_assert_ptr_eq(policy_match(&bench.config, device), second);
	second->mode = RULE_MODE_SYSTEM_RAM;
	ck_assert_ptr_null(policy_match(&bench.config, device));
	second->match_kinds = 1U << DAX_KIND_PMEM;
	ck_assert_ptr_eq(policy_match(&bench.config, device), second);
}
END_TEST

START_TEST(device_name)
{
	static const struct {
		const char *patterns[2];
		bool matches;
	} cases[] = {
		{{"dax0.0"}, true},	      {{"dax0.*"}, true}, {{"dax[1-9].*"}, false},
		{{"dax9.*", "dax0.?"}, true}, {{"dax0"}, false},  {{"*.1"}, false},
	};

	for (size_t i = 0; i < 2 && cases[_i].patterns[i]; i++)
		ck_assert_int_eq(strv_add(&rule->match_devices, cases[_i].patterns[i]), 0);
	assert_matches(cases[_i].matches);
}
END_TEST

START_TEST(region_name)
{
	ck_assert_int_eq(strv_add(&rule->match_regions, "region[0-4]"), 0);
	assert_matches(true);
	device->region[6] = '7';
	assert_matches(false);
}
END_TEST

START_TEST(no_region_matches_no_pattern)
{
	ck_assert_int_eq(strv_add(&rule->match_regions, "*"), 0);
	assert_matches(true);
	free(device->region);
	device->region = NULL;
	assert_matches(false);
}
END_TEST

START_TEST(any_serial_of_the_device)
{
	add_u64(&rule->match_serials, 0x1);
	assert_matches(false);
	add_u64(&rule->match_serials, 0xabc2); /* the second memdev's */
	assert_matches(true);
	device->n_serials = 1;
	assert_matches(false);
	device->n_serials = 0;
	assert_matches(false);
	device->n_serials = 2;
}
END_TEST

START_TEST(target_node)
{
	add_u64(&rule->match_target_nodes, 2);
	add_u64(&rule->match_target_nodes, 5);
	assert_matches(true);
	device->target_node = 5;
	assert_matches(true);
	device->target_node = 3;
	assert_matches(false);
}
END_TEST

START_TEST(initiator_node)
{
	add_u64(&rule->match_initiator_nodes, 0);
	assert_matches(true);
	device->initiator_node = 1;
	assert_matches(false);
}
END_TEST

START_TEST(no_node_is_in_no_list)
{
	add_u64(&rule->match_target_nodes, UINT64_MAX); /* what -1 becomes when cast */
	device->target_node = -1;
	assert_matches(false);
	rule->match_target_nodes.n = 0;
	add_u64(&rule->match_initiator_nodes, UINT64_MAX);
	device->initiator_node = -1;
	assert_matches(false);
}
END_TEST

START_TEST(size_ends_are_inclusive)
{
	static const struct {
		struct u64_span span;
		bool matches;
	} cases[] = {
		{{16 * GIB, UINT64_MAX}, true}, {{16 * GIB + 1, UINT64_MAX}, false},
		{{0, 16 * GIB}, true},		{{0, 16 * GIB - 1}, false},
		{{16 * GIB, 16 * GIB}, true},	{{1 * GIB, 2 * GIB}, false},
	};

	rule->match_size_set = true;
	rule->match_size = cases[_i].span;
	assert_matches(cases[_i].matches);
}
END_TEST

START_TEST(distance_ends_are_inclusive)
{
	static const struct {
		struct u64_span span;
		bool matches;
	} cases[] = {
		{{20, 40}, true},  {{21, 40}, false}, {{10, 20}, true},
		{{10, 19}, false}, {{20, 20}, true},  {{0, UINT64_MAX}, true},
	};

	rule->match_distance_set = true;
	rule->match_distance = cases[_i].span;
	assert_matches(cases[_i].matches);
}
END_TEST

/* Its value is 0, which must not pass for near. */
START_TEST(unknown_distance_is_in_no_range)
{
	bench_set_distance(device, 0, DISTANCE_UNKNOWN);
	assert_matches(true);
	rule->match_distance_set = true;
	rule->match_distance = (struct u64_span){0, UINT64_MAX};
	assert_matches(false);
}
END_TEST

START_TEST(all_criteria_must_hold)
{
	rule->match_kinds = 1U << DAX_KIND_CXL;
	ck_assert_int_eq(strv_add(&rule->match_devices, "dax0.0"), 0);
	ck_assert_int_eq(strv_add(&rule->match_regions, "region3"), 0);
	add_u64(&rule->match_serials, 0xabc1);
	add_u64(&rule->match_target_nodes, 2);
	add_u64(&rule->match_initiator_nodes, 0);
	rule->match_size_set = true;
	rule->match_size = (struct u64_span){GIB, TIB};
	rule->match_distance_set = true;
	rule->match_distance = (struct u64_span){20, 40};
	assert_matches(true);

	device->kind = DAX_KIND_HMEM;
	assert_matches(false);
	device->kind = DAX_KIND_CXL;
	device->name[3] = '1';
	assert_matches(false);
	device->name[3] = '0';
	device->region[6] = '4';
	assert_matches(false);
	device->region[6] = '3';
	device->serials[0] = 7;
	assert_matches(false);
	device->serials[0] = 0xabc1;
	device->target_node = 3;
	assert_matches(false);
	device->target_node = 2;
	device->initiator_node = 1;
	assert_matches(false);
	device->initiator_node = 0;
	device->size = 2 * TIB;
	assert_matches(false);
	device->size = 16 * GIB;
	device->distance.value = 41;
	assert_matches(false);
	device->distance.value = 40;
	assert_matches(true);
}
END_TEST

START_TEST(the_first_match_wins)
{
	struct rule *second = bench_add_rule(&bench, "second");

	ck_assert_ptr_eq(policy_match(&bench.config, device), rule);
	rule->match_kinds = 1U << DAX_KIND_PMEM;
	ck_assert_ptr_eq(policy_match(&bench.config, device), second);
}
END_TEST

TCase *match_tests(void)
{
	TCase *tests = tcase_create("match");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, an_empty_rule_matches);
	tcase_add_test(tests, no_rule_is_no_match);
	tcase_add_loop_test(tests, kind, 0, 6);
	tcase_add_loop_test(tests, what_may_hold_data_has_to_be_named, 0, 12);
	tcase_add_test(tests, other_criteria_name_no_kind);
	tcase_add_test(tests, a_rule_that_spares_leaves_it_to_the_next);
	tcase_add_loop_test(tests, device_name, 0, 6);
	tcase_add_test(tests, region_name);
	tcase_add_test(tests, no_region_matches_no_pattern);
	tcase_add_test(tests, any_serial_of_the_device);
	tcase_add_test(tests, target_node);
	tcase_add_test(tests, initiator_node);
	tcase_add_test(tests, no_node_is_in_no_list);
	tcase_add_loop_test(tests, size_ends_are_inclusive, 0, 6);
	tcase_add_loop_test(tests, distance_ends_are_inclusive, 0, 6);
	tcase_add_test(tests, unknown_distance_is_in_no_range);
	tcase_add_test(tests, all_criteria_must_hold);
	tcase_add_test(tests, the_first_match_wins);
	return tests;
}

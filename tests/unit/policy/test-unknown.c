/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "bench.h"
#include "suites.h"

/* What could not be read of a device is not "none", and nothing is done on such a ground. */

static struct bench bench;
static struct dax_device *device;
static struct rule *raw, *ram;

static void add_item(struct u64_list *list, uint64_t value)
{
	list->items = reallocarray(list->items, list->n + 1, sizeof(*list->items));
	ck_assert_ptr_nonnull(list->items);
	list->items[list->n++] = value;
}

static void set_unknown(enum device_fact fact)
{
	device->unknown |= 1U << fact;
}

/* Its serial keeps a device from becoming system RAM, which cannot be taken back. */
static void setup(void)
{
	bench_init(&bench);
	device = bench_add_device(&bench, DAX_KIND_CXL, 16 * GIB);
	raw = bench_add_rule(&bench, "raw");
	raw->mode = RULE_MODE_DEVDAX;
	add_item(&raw->match_serials, 0xabc1);
	ram = bench_add_rule(&bench, "ram");
	ram->match_kinds = 1U << DAX_KIND_CXL;
}

static void teardown(void)
{
	bench_done(&bench);
}

static void assert_waits(const char *words)
{
	const struct device_plan *plan;

	assert_plan(&bench, device, DEVICE_PENDING, "");
	plan = bench_plan(&bench, device);
	ck_assert_str_eq(plan->reason, words);
	ck_assert(!plan->managed || plan->memmap.reason);
}

START_TEST(a_serial_that_could_not_be_read)
{
	ck_assert(bench_has_step(bench_plan(&bench, device), STEP_BIND_KMEM));
	set_unknown(DEVICE_FACT_SERIALS);
	assert_waits("waiting, because its serials could not be read, and rule \"raw\" needs that");
	ck_assert_ptr_null(bench_plan(&bench, device)->rule);
	ck_assert(!bench_plan(&bench, device)->managed);
}
END_TEST

/* One of several memdevs is listed: no other can change that. */
START_TEST(a_serial_that_is_enough)
{
	set_unknown(DEVICE_FACT_SERIALS);
	device->serials = calloc(1, sizeof(*device->serials));
	ck_assert_ptr_nonnull(device->serials);
	device->n_serials = 1;
	device->serials[0] = 0xabc1;
	assert_plan(&bench, device, DEVICE_PENDING, "bind-devdax");
	device->serials[0] = 0xabc2;
	assert_plan(&bench, device, DEVICE_PENDING, "");
}
END_TEST

START_TEST(a_rule_that_cannot_match_needs_nothing)
{
	set_unknown(DEVICE_FACT_SERIALS);
	raw->match_kinds = 1U << DAX_KIND_HMEM;
	ck_assert(bench_has_step(bench_plan(&bench, device), STEP_BIND_KMEM));
	raw->match_kinds = 0;
	add_item(&raw->match_target_nodes, 7); /* it is on node 2 */
	ck_assert(bench_has_step(bench_plan(&bench, device), STEP_BIND_KMEM));
}
END_TEST

/* The rule that matches is found before it. */
START_TEST(a_later_rule_needs_nothing)
{
	struct rule first = *ram;

	bench.rules[1] = *raw;
	bench.rules[0] = first;
	set_unknown(DEVICE_FACT_SERIALS);
	ck_assert(bench_has_step(bench_plan(&bench, device), STEP_BIND_KMEM));
}
END_TEST

/* Also where nothing else would match, and the kernel would give it a driver. */
START_TEST(no_other_rule)
{
	bench_history(&bench, device)->unprobed = true;
	ram->match_kinds = 1U << DAX_KIND_HMEM;
	assert_plan(&bench, device, DEVICE_PENDING, "probe-default");
	set_unknown(DEVICE_FACT_SERIALS);
	assert_plan(&bench, device, DEVICE_PENDING, "");
	assert_says(bench_plan(&bench, device)->reason, "rule \"raw\" needs that");
}
END_TEST

/* A system-ram rule that would not take it anyhow is no reason to wait. */
START_TEST(a_rule_that_spares_it)
{
	device->kind = DAX_KIND_PMEM;
	raw->mode = RULE_MODE_SYSTEM_RAM;
	set_unknown(DEVICE_FACT_SERIALS);
	ck_assert_int_eq(bench_plan(&bench, device)->state, DEVICE_UNMANAGED);
}
END_TEST

static void use_target(void)
{
	add_item(&raw->match_target_nodes, 7);
}

static void use_initiator(void)
{
	add_item(&raw->match_initiator_nodes, 0); /* what was found, by a guess */
}

static void use_distance(void)
{
	raw->match_distance_set = true;
	raw->match_distance = (struct u64_span){10, 20}; /* likewise */
}

START_TEST(every_criterion)
{
	static const struct {
		enum device_fact fact;
		void (*use)(void);
		const char *words;
	} cases[] = {
		{DEVICE_FACT_TARGET_NODE, use_target,
		 "waiting, because its target node could not be read, and rule \"raw\" needs that"},
		{DEVICE_FACT_INITIATOR_NODE, use_initiator,
		 "waiting, because its initiator node could not be read, and rule \"raw\" needs "
		 "that"},
		{DEVICE_FACT_DISTANCE, use_distance,
		 "waiting, because its distance could not be read, and rule \"raw\" needs that"},
	};

	raw->match_serials.n = 0;
	cases[_i].use();
	set_unknown(cases[_i].fact);
	assert_waits(cases[_i].words);
}
END_TEST

START_TEST(all_that_is_needed_is_named)
{
	use_target();
	use_distance();
	set_unknown(DEVICE_FACT_SERIALS);
	set_unknown(DEVICE_FACT_TARGET_NODE);
	set_unknown(DEVICE_FACT_DISTANCE);
	assert_waits("waiting, because its serials, target node and distance could not be read, "
		     "and rule \"raw\" needs them");
}
END_TEST

/* Not for its match, but for what it makes of the device. */
START_TEST(what_system_ram_needs)
{
	static const enum device_fact facts[] = {DEVICE_FACT_TARGET_NODE, DEVICE_FACT_RANGES,
						 DEVICE_FACT_DRIVER};
	const struct device_plan *plan;

	if (facts[_i] == DEVICE_FACT_TARGET_NODE)
		device->target_node = -1;
	set_unknown(facts[_i]);
	assert_plan(&bench, device, DEVICE_PENDING, "");
	plan = bench_plan(&bench, device);
	assert_says(plan->reason, device_fact_to_string(facts[_i]));
	assert_says(plan->reason, "rule \"ram\" needs that");
	assert_says(plan->memmap.reason, "not decided: its ");
	ck_assert_str_eq(plan->rule, "ram");
}
END_TEST

/* The distance, only where it decides about the memmap. */
START_TEST(distance_for_the_memmap)
{
	set_unknown(DEVICE_FACT_DISTANCE);
	ck_assert(bench_has_step(bench_plan(&bench, device), STEP_BIND_KMEM));
	bench.config.memmap_min_size = GIB;
	assert_plan(&bench, device, DEVICE_PENDING, "");
	assert_says(bench_plan(&bench, device)->reason, "distance could not be read");
	ram->memmap = MEMMAP_CHOICE_NO;
	ck_assert(bench_has_step(bench_plan(&bench, device), STEP_BIND_KMEM));
}
END_TEST

/* An ignored device needs nothing; a devdax one, to know whether it has its driver. */
START_TEST(what_other_modes_need)
{
	raw->match_serials.n = 0;
	for (unsigned i = 0; i < DEVICE_FACT_MAX; i++) {
		device->unknown = 1U << i;
		raw->mode = RULE_MODE_IGNORE;
		assert_plan(&bench, device, DEVICE_UNMANAGED, "");
		raw->mode = RULE_MODE_DEVDAX;
		assert_plan(&bench, device, DEVICE_PENDING,
			    i == DEVICE_FACT_DRIVER ? "" : "bind-devdax");
	}
}
END_TEST

/* Holders matter where a device may be taken from device_dax, which is dear to find out. */
START_TEST(whose_holders_matter)
{
	ck_assert(!policy_wants_holders(&bench.config, device));
	bench_set_driver(device, "kmem");
	ck_assert(!policy_wants_holders(&bench.config, device));
	bench_set_driver(device, "device_dax");
	ck_assert(policy_wants_holders(&bench.config, device));
	ram->mode = RULE_MODE_IGNORE;
	ck_assert(!policy_wants_holders(&bench.config, device));
	ram->mode = RULE_MODE_DEVDAX;
	ck_assert(!policy_wants_holders(&bench.config, device));
	set_unknown(DEVICE_FACT_SERIALS); /* whether rule "raw" matches cannot be told */
	ck_assert(policy_wants_holders(&bench.config, device));
	bench.config.n_rules = 0;
	ck_assert(!policy_wants_holders(&bench.config, device));
	bench.config.n_rules = 2;
}
END_TEST

/* The mappings of a new device come after its uevent. */
START_TEST(ranges_that_are_not_there_yet)
{
	device->n_ranges = 0;
	device->n_blocks = 0;
	assert_waits("waiting, because its ranges are not there yet");
	raw->match_serials.n = 0;
	assert_waits("waiting, because its ranges are not there yet");
	/* Where there is nothing to do, they do not matter. */
	bench_set_driver(device, "device_dax");
	assert_plan(&bench, device, DEVICE_DEVDAX, "");
}
END_TEST

START_TEST(ranges_that_are_for_root)
{
	device->n_ranges = 0;
	device->n_blocks = 0;
	set_unknown(DEVICE_FACT_RANGES);
	assert_waits("waiting, because its ranges could not be read, which only root may");
}
END_TEST

/* What waits for its ranges will want its share of the budget all the same. */
START_TEST(a_share_while_waiting)
{
	struct dax_device *second = bench_add_device(&bench, DAX_KIND_CXL, 200 * GIB);

	device->size = device->usable = 200 * GIB;
	ck_assert_int_eq(bench_plan(&bench, second)->state, DEVICE_HELD_BACK);
	device->n_ranges = 0;
	device->n_blocks = 0;
	ck_assert_int_eq(bench_plan(&bench, device)->state, DEVICE_PENDING);
	ck_assert_int_eq(bench_plan(&bench, second)->state, DEVICE_HELD_BACK);
}
END_TEST

TCase *unknown_tests(void)
{
	TCase *tests = tcase_create("unknown");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, a_serial_that_could_not_be_read);
	tcase_add_test(tests, a_serial_that_is_enough);
	tcase_add_test(tests, a_rule_that_cannot_match_needs_nothing);
	tcase_add_test(tests, a_later_rule_needs_nothing);
	tcase_add_test(tests, no_other_rule);
	tcase_add_test(tests, a_rule_that_spares_it);
	tcase_add_loop_test(tests, every_criterion, 0, 3);
	tcase_add_test(tests, all_that_is_needed_is_named);
	tcase_add_loop_test(tests, what_system_ram_needs, 0, 3);
	tcase_add_test(tests, distance_for_the_memmap);
	tcase_add_test(tests, what_other_modes_need);
	tcase_add_test(tests, whose_holders_matter);
	tcase_add_test(tests, ranges_that_are_not_there_yet);
	tcase_add_test(tests, ranges_that_are_for_root);
	tcase_add_test(tests, a_share_while_waiting);
	return tests;
}

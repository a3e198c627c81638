/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "bench.h"
#include "policy/distance.h"
#include "policy/memmap.h"
#include "suites.h"

#define AUTO MEMMAP_CHOICE_AUTO
#define YES  MEMMAP_CHOICE_YES
#define NO   MEMMAP_CHOICE_NO

#define ABSENT MEMMAP_PARAM_ABSENT
#define OFF    MEMMAP_PARAM_OFF
#define ON     MEMMAP_PARAM_ON
#define FORCE  MEMMAP_PARAM_FORCE

/*
 * The table. One DRAM of 1000 GiB and a budget of 5 % make 50 GiB, which are the memmaps of
 * 3200 GiB. min-size is 64 GiB and max-distance 40.
 */
struct row { /* NOLINT(clang-analyzer-optin.performance.Padding): in the order one reads */
	const char *what;
	enum memmap_choice choice;
	bool knob;
	enum memmap_param param;
	uint64_t size;
	unsigned distance;
	enum distance_source source;
	uint64_t others; /* DRAM taken by other memmaps */

	bool wanted, effective;
	enum memmap_why why;
	enum memmap_obstacle obstacle;
	const char *words; /* part of the reason */
};

static const struct row rows[] = {
	/* An explicit rule, with and without the kernel's consent. */
	{"yes", YES, true, ON, GIB, 20, DISTANCE_SLIT, 0, true, true, MEMMAP_RULE_YES,
	 MEMMAP_POSSIBLE, "on the device, because rule \"r\" says memmap-on-memory = yes"},
	{"yes, forced by the kernel too", YES, true, FORCE, GIB, 20, DISTANCE_SLIT, 0, true, true,
	 MEMMAP_RULE_YES, MEMMAP_POSSIBLE, "on the device, because rule"},
	{"yes, no knob", YES, false, ON, GIB, 20, DISTANCE_SLIT, 0, true, false, MEMMAP_RULE_YES,
	 MEMMAP_NO_KNOB,
	 "in DRAM, although rule \"r\" says memmap-on-memory = yes, because this "
	 "kernel has no memmap_on_memory attribute"},
	{"yes, not built in", YES, true, ABSENT, GIB, 20, DISTANCE_SLIT, 0, true, false,
	 MEMMAP_RULE_YES, MEMMAP_NOT_BUILT_IN, "CONFIG_MHP_MEMMAP_ON_MEMORY"},
	{"yes, switched off", YES, true, OFF, GIB, 20, DISTANCE_SLIT, 0, true, false,
	 MEMMAP_RULE_YES, MEMMAP_SWITCHED_OFF, "memory_hotplug.memmap_on_memory=1"},
	{"no", NO, true, ON, TIB, 20, DISTANCE_SLIT, 0, false, false, MEMMAP_RULE_NO,
	 MEMMAP_POSSIBLE, "in DRAM, because rule \"r\" says memmap-on-memory = no"},
	{"no, over budget all the same", NO, true, ON, TIB, 20, DISTANCE_SLIT, 60 * GIB, false,
	 false, MEMMAP_RULE_NO, MEMMAP_POSSIBLE, "memmap-on-memory = no"},
	{"no, no knob", NO, false, ABSENT, TIB, 20, DISTANCE_SLIT, 0, false, false, MEMMAP_RULE_NO,
	 MEMMAP_NO_KNOB, "memmap-on-memory = no"},

	/* auto: an obstacle goes before everything, the budget too. */
	{"auto, no knob", AUTO, false, ON, TIB, 20, DISTANCE_SLIT, 60 * GIB, false, false,
	 MEMMAP_OBSTACLE, MEMMAP_NO_KNOB,
	 "in DRAM, because this kernel has no memmap_on_memory attribute"},
	{"auto, neither knob nor parameter", AUTO, false, ABSENT, TIB, 20, DISTANCE_SLIT, 0, false,
	 false, MEMMAP_OBSTACLE, MEMMAP_NO_KNOB, "attribute"},
	{"auto, not built in", AUTO, true, ABSENT, TIB, 20, DISTANCE_SLIT, 60 * GIB, false, false,
	 MEMMAP_OBSTACLE, MEMMAP_NOT_BUILT_IN, "CONFIG_MHP_MEMMAP_ON_MEMORY"},
	{"auto, switched off", AUTO, true, OFF, TIB, 20, DISTANCE_SLIT, 60 * GIB, false, false,
	 MEMMAP_OBSTACLE, MEMMAP_SWITCHED_OFF, "memory_hotplug.memmap_on_memory=1"},

	/* auto: the budget goes before size and distance. 16 GiB have a memmap of 256 MiB. */
	{"auto, budget just kept", AUTO, true, ON, 16 * GIB, 20, DISTANCE_SLIT,
	 50 * GIB - 256 * MIB, false, false, MEMMAP_SMALL_OR_FAR, MEMMAP_POSSIBLE,
	 "in DRAM, because 16 GiB is below min-size 64 GiB"},
	{"auto, budget broken by one byte", AUTO, true, ON, 16 * GIB, 20, DISTANCE_SLIT,
	 50 * GIB - 256 * MIB + 1, true, true, MEMMAP_OVER_BUDGET, MEMMAP_POSSIBLE,
	 "on the device, because in DRAM its 256 MiB and the 49.8 GiB of other devices would "
	 "exceed "
	 "dram-budget 5% of 1000 GiB DRAM (50 GiB)"},
	{"auto, over budget and far", AUTO, true, ON, 16 * GIB, 255, DISTANCE_SLIT, 50 * GIB, true,
	 true, MEMMAP_OVER_BUDGET, MEMMAP_POSSIBLE, "dram-budget"},
	{"auto, over budget alone", AUTO, true, ON, 4 * TIB, 200, DISTANCE_SLIT, 0, true, true,
	 MEMMAP_OVER_BUDGET, MEMMAP_POSSIBLE,
	 "because in DRAM its 64 GiB would exceed dram-budget 5% of 1000 GiB DRAM (50 GiB)"},
	{"auto, others at the end of the scale", AUTO, true, ON, 16 * GIB, 20, DISTANCE_SLIT,
	 UINT64_MAX, true, true, MEMMAP_OVER_BUDGET, MEMMAP_POSSIBLE, "dram-budget"},
	{"auto, size at the end of the scale", AUTO, true, ON, UINT64_MAX, 200, DISTANCE_SLIT,
	 UINT64_MAX, true, true, MEMMAP_OVER_BUDGET, MEMMAP_POSSIBLE, "dram-budget"},

	/* auto: size and distance, each side of both limits. */
	{"auto, just large, just near", AUTO, true, ON, 64 * GIB, 40, DISTANCE_SLIT, 0, true, true,
	 MEMMAP_LARGE_AND_NEAR, MEMMAP_POSSIBLE,
	 "on the device, because 64 GiB reaches min-size 64 GiB and distance 40 (slit) is within "
	 "max-distance 40"},
	{"auto, kernel forces", AUTO, true, FORCE, 64 * GIB, 40, DISTANCE_HWLOC, 0, true, true,
	 MEMMAP_LARGE_AND_NEAR, MEMMAP_POSSIBLE, "distance 40 (hwloc)"},
	{"auto, one byte small", AUTO, true, ON, 64 * GIB - 1, 40, DISTANCE_SLIT, 0, false, false,
	 MEMMAP_SMALL_OR_FAR, MEMMAP_POSSIBLE, "is below min-size 64 GiB"},
	{"auto, one far", AUTO, true, ON, 64 * GIB, 41, DISTANCE_LIBNUMA, 0, false, false,
	 MEMMAP_SMALL_OR_FAR, MEMMAP_POSSIBLE,
	 "in DRAM, because distance 41 (libnuma) is beyond max-distance 40"},
	{"auto, one near", AUTO, true, ON, 64 * GIB, 39, DISTANCE_KERNEL, 0, true, true,
	 MEMMAP_LARGE_AND_NEAR, MEMMAP_POSSIBLE, "distance 39 (kernel)"},
	{"auto, small and far", AUTO, true, ON, GIB, 41, DISTANCE_DEFAULT, 0, false, false,
	 MEMMAP_SMALL_OR_FAR, MEMMAP_POSSIBLE,
	 "in DRAM, because 1 GiB is below min-size 64 GiB and distance 41 (default) is beyond "
	 "max-distance 40"},
	{"auto, large, nobody knows where", AUTO, true, ON, 64 * GIB, 0, DISTANCE_UNKNOWN, 0, false,
	 false, MEMMAP_SMALL_OR_FAR, MEMMAP_POSSIBLE, "in DRAM, because its distance is unknown"},
};

static struct memmap_case memmap_of(const struct row *row, struct bench *bench)
{
	static char device_name[] = "dax0.0", rule_name[] = "r";
	struct dax_device *device = &bench->devices[0];

	*device = (struct dax_device){
		.name = device_name,
		.size = row->size,
		.usable = row->size,
		.distance = {.value = row->distance, .source = row->source},
		.knob = row->knob ? MEMMAP_KNOB_OFF : MEMMAP_KNOB_ABSENT,
	};
	bench->rules[0] = (struct rule){.name = rule_name, .memmap = row->choice};
	bench->facts.host.memmap_param = row->param;
	return (struct memmap_case){
		.host = &bench->facts.host,
		.config = &bench->config,
		.rule = &bench->rules[0],
		.device = device,
		.dram_total = 1000 * GIB,
		.dram_others = row->others,
	};
}

START_TEST(decision_table)
{
	const struct row *row = &rows[_i];
	_cleanup_free_ char *words = NULL;
	struct memmap_verdict verdict;
	struct memmap_case memmap;
	struct bench bench;

	bench_init(&bench);
	memmap = memmap_of(row, &bench);
	verdict = memmap_decide(&memmap);

	ck_assert_msg(verdict.wanted == row->wanted, "%s: wanted %d", row->what, verdict.wanted);
	ck_assert_msg(verdict.effective == row->effective, "%s: effective %d", row->what,
		      verdict.effective);
	ck_assert_msg(verdict.why == row->why, "%s: why %d", row->what, (int)verdict.why);
	ck_assert_msg(verdict.obstacle == row->obstacle, "%s: obstacle %d", row->what,
		      (int)verdict.obstacle);
	ck_assert_uint_eq(verdict.bytes, row->size / 4096 * 64);
	ck_assert_int_eq(memmap_explain(&memmap, &verdict, &words), 0);
	assert_says(words, row->words);
}
END_TEST

static struct memmap_verdict decide_with(uint64_t dram, unsigned budget, uint64_t size,
					 uint64_t others)
{
	struct row row = {.knob = true,
			  .param = ON,
			  .size = size,
			  .source = DISTANCE_UNKNOWN,
			  .others = others};
	struct memmap_case memmap;
	struct bench bench;

	bench_init(&bench);
	bench.config.memmap_dram_budget = budget;
	memmap = memmap_of(&row, &bench);
	memmap.dram_total = dram;
	return memmap_decide(&memmap);
}

/* With the 64 KiB pages of arm64; the boot parameter is not to blame, whether it is on or off. */
START_TEST(large_pages_are_an_obstacle)
{
	struct row row = {.choice = _i % 2 ? YES : AUTO,
			  .knob = true,
			  .param = _i / 2 ? OFF : ON,
			  .size = 16 * GIB,
			  .source = DISTANCE_SLIT,
			  .others = 60 * GIB};
	_cleanup_free_ char *words = NULL;
	struct memmap_verdict verdict;
	struct memmap_case memmap;
	struct bench bench;

	bench_init(&bench);
	bench.facts.host.page_size = 64 * KIB;
	bench.facts.host.block_size = 512 * MIB;
	memmap = memmap_of(&row, &bench);
	verdict = memmap_decide(&memmap);
	ck_assert_int_eq(verdict.obstacle, MEMMAP_NOT_ALIGNED);
	ck_assert_int_eq(verdict.why, row.choice == YES ? MEMMAP_RULE_YES : MEMMAP_OBSTACLE);
	ck_assert_int_eq(verdict.wanted, row.choice == YES);
	ck_assert(!verdict.effective);
	ck_assert_int_eq(memmap_explain(&memmap, &verdict, &words), 0);
	assert_says(words, "in DRAM, ");
	assert_says(words, "because with this kernel's page and memory block sizes the memmap of "
			   "one block does not fill whole PMDs");
	ck_assert_ptr_null(strstr(words, "boot"));
}
END_TEST

START_TEST(unknown_dram_has_no_budget)
{
	ck_assert_int_eq(decide_with(0, 500, 16 * GIB, 0).why, MEMMAP_SMALL_OR_FAR);
	ck_assert_int_eq(decide_with(0, 0, 16 * GIB, UINT64_MAX).why, MEMMAP_SMALL_OR_FAR);
}
END_TEST

START_TEST(no_budget_admits_nothing)
{
	ck_assert_int_eq(decide_with(64 * GIB, 0, 4096, 0).why, MEMMAP_OVER_BUDGET);
	ck_assert_int_eq(decide_with(64 * GIB, 0, 0, 0).why, MEMMAP_SMALL_OR_FAR);
}
END_TEST

/* 0.01 % of 10 MiB + 1 is 1048.576… bytes: whole bytes only, and the remainder is not forgotten. */
START_TEST(budget_is_rounded_down_once)
{
	ck_assert_int_eq(decide_with(10 * MIB + 1, 1, 64 * KIB, 24).why, MEMMAP_SMALL_OR_FAR);
	ck_assert_int_eq(decide_with(10 * MIB + 1, 1, 64 * KIB, 25).why, MEMMAP_OVER_BUDGET);
}
END_TEST

/* total * 500 does not fit in 64 bits from 32 PiB on. */
START_TEST(budget_of_a_vast_host_does_not_wrap)
{
	uint64_t dram = UINT64_C(1) << 60, limit = dram / 20;

	ck_assert_int_eq(decide_with(dram, 500, 4096, limit - 64).why, MEMMAP_SMALL_OR_FAR);
	ck_assert_int_eq(decide_with(dram, 500, 4096, limit - 63).why, MEMMAP_OVER_BUDGET);
	ck_assert_int_eq(decide_with(UINT64_MAX, 10000, 4096, UINT64_MAX - 64).why,
			 MEMMAP_SMALL_OR_FAR);
}
END_TEST

START_TEST(budget_is_spoken_as_it_was_written)
{
	static const struct {
		unsigned basis_points;
		const char *words;
	} cases[] = {{0, "budget 0% of"},
		     {25, "budget 0.25% of"},
		     {250, "budget 2.5% of"},
		     {105, "budget 1.05% of"},
		     {10000, "budget 100% of"}};
	_cleanup_free_ char *words = NULL;
	struct memmap_verdict verdict;
	struct memmap_case memmap;
	struct bench bench;

	bench_init(&bench);
	bench.config.memmap_dram_budget = cases[_i].basis_points;
	memmap = memmap_of(
		&(struct row){.knob = true, .param = ON, .size = GIB, .others = 2000 * GIB},
		&bench);
	verdict = memmap_decide(&memmap);
	ck_assert_int_eq(memmap_explain(&memmap, &verdict, &words), 0);
	assert_says(words, cases[_i].words);
}
END_TEST

START_TEST(knob_is_written_only_where_it_changes_something_and_may)
{
	static const struct {
		enum memmap_knob knob;
		bool wanted, effective, differs;
	} cases[] = {
		{MEMMAP_KNOB_ABSENT, true, false, false}, {MEMMAP_KNOB_ABSENT, false, false, false},
		{MEMMAP_KNOB_OFF, true, true, true},	  {MEMMAP_KNOB_ON, true, true, false},
		{MEMMAP_KNOB_OFF, true, false, false}, /* EOPNOTSUPP */
		{MEMMAP_KNOB_ON, true, false, false},  /* inert, and as wanted */
		{MEMMAP_KNOB_OFF, false, false, false},	  {MEMMAP_KNOB_ON, false, false, true},
	};
	struct dax_device device = {.knob = cases[_i].knob};
	struct memmap_verdict verdict = {.wanted = cases[_i].wanted,
					 .effective = cases[_i].effective};

	ck_assert_int_eq(memmap_knob_differs(&device, &verdict), cases[_i].differs);
}
END_TEST

START_TEST(distance_is_final_once_the_node_has_it)
{
	static const bool final[DISTANCE_SOURCE_MAX] = {
		[DISTANCE_HWLOC] = true, [DISTANCE_LIBNUMA] = true, [DISTANCE_KERNEL] = true};

	for (int source = 0; source < DISTANCE_SOURCE_MAX; source++) {
		struct node_distance distance = {.value = 20, .source = source};

		ck_assert_int_eq(distance_is_final(&distance), final[source]);
	}
}
END_TEST

/* A case whose rules are the bench's, as distance_matters() asks them again. */
static struct memmap_case foresee(struct bench *bench, uint64_t size)
{
	struct dax_device *device = bench_add_device(bench, DAX_KIND_CXL, size);

	bench_add_rule(bench, "r");
	return (struct memmap_case){.host = &bench->facts.host,
				    .config = &bench->config,
				    .rule = &bench->rules[0],
				    .device = device,
				    .dram_total = 1000 * GIB};
}

START_TEST(distance_matters_to_a_large_device_only)
{
	struct bench bench;
	struct memmap_case memmap;

	bench_init(&bench);
	memmap = foresee(&bench, 64 * GIB);
	ck_assert(distance_matters(&memmap));
	ck_assert(!distance_may_mean_devdax(&memmap));

	bench.devices[0].size -= 1;
	ck_assert(!distance_matters(&memmap));
	bench.devices[0].size += 1;

	/* Nor where the answer is settled by something else. */
	bench.rules[0].memmap = MEMMAP_CHOICE_NO;
	ck_assert(!distance_matters(&memmap));
	bench.rules[0].memmap = MEMMAP_CHOICE_AUTO;
	memmap.dram_others = 1000 * GIB;
	ck_assert(!distance_matters(&memmap));
	memmap.dram_others = 0;
	bench.facts.host.memmap_param = MEMMAP_PARAM_OFF;
	ck_assert(!distance_matters(&memmap));
	bench.facts.host.memmap_param = MEMMAP_PARAM_ON;
	bench.devices[0].knob = MEMMAP_KNOB_ABSENT;
	ck_assert(!distance_matters(&memmap));
	bench_done(&bench);
}
END_TEST

START_TEST(no_distance_is_beyond_the_table)
{
	static const struct {
		uint64_t max;
		bool matters;
	} cases[] = {{9, false}, {10, true}, {254, true}, {255, false}, {UINT64_MAX, false}};
	struct bench bench;
	struct memmap_case memmap;

	bench_init(&bench);
	memmap = foresee(&bench, 64 * GIB);
	bench.config.memmap_max_distance = cases[_i].max;
	ck_assert_int_eq(distance_matters(&memmap), cases[_i].matters);
	bench_done(&bench);
}
END_TEST

/* Each end of a range, where the rule beyond it differs in one thing. */
START_TEST(distance_matters_where_rules_part)
{
	struct bench bench;
	struct memmap_case memmap;
	struct rule *beyond;

	bench_init(&bench);
	memmap = foresee(&bench, GIB);
	bench.rules[0].match_distance_set = true;
	bench.rules[0].match_distance = (struct u64_span){15, 25};
	beyond = bench_add_rule(&bench, "beyond");
	ck_assert_msg(!distance_matters(&memmap), "another name is no difference");

	beyond->zone = TARGET_ZONE_KERNEL;
	ck_assert(distance_matters(&memmap));
	beyond->zone = TARGET_ZONE_MOVABLE;
	beyond->memmap = MEMMAP_CHOICE_YES;
	ck_assert(distance_matters(&memmap));
	beyond->memmap = MEMMAP_CHOICE_NO;
	ck_assert(!distance_matters(&memmap));
	beyond->mode = RULE_MODE_DEVDAX;
	ck_assert(distance_matters(&memmap));
	ck_assert(distance_may_mean_devdax(&memmap));
	bench.rules[0].match_distance = (struct u64_span){0, 254};
	ck_assert(distance_may_mean_devdax(&memmap));
	bench.rules[0].match_distance = (struct u64_span){15, 25};
	beyond->mode = RULE_MODE_IGNORE;
	ck_assert(distance_matters(&memmap));
	ck_assert(!distance_may_mean_devdax(&memmap));

	/* No rule at all is ignore as well. */
	bench.config.n_rules = 1;
	ck_assert(distance_matters(&memmap));
	bench.rules[0].match_distance = (struct u64_span){0, UINT64_MAX};
	ck_assert(!distance_matters(&memmap));
	bench.config.n_rules = 2;
	bench_done(&bench);
}
END_TEST

TCase *memmap_tests(void)
{
	TCase *tests = tcase_create("memmap");

	tcase_add_loop_test(tests, decision_table, 0, (int)ARRAY_SIZE(rows));
	tcase_add_loop_test(tests, large_pages_are_an_obstacle, 0, 4);
	tcase_add_test(tests, unknown_dram_has_no_budget);
	tcase_add_test(tests, no_budget_admits_nothing);
	tcase_add_test(tests, budget_is_rounded_down_once);
	tcase_add_test(tests, budget_of_a_vast_host_does_not_wrap);
	tcase_add_loop_test(tests, budget_is_spoken_as_it_was_written, 0, 5);
	tcase_add_loop_test(tests, knob_is_written_only_where_it_changes_something_and_may, 0, 8);
	tcase_add_test(tests, distance_is_final_once_the_node_has_it);
	tcase_add_test(tests, distance_matters_to_a_large_device_only);
	tcase_add_loop_test(tests, no_distance_is_beyond_the_table, 0, 5);
	tcase_add_test(tests, distance_matters_where_rules_part);
	return tests;
}

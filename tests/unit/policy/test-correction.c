/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <string.h>

#include "bench.h"
#include "policy/correction.h"
#include "suites.h"

/* What somebody else changes is put right, so many times and no more; what nobody can, is said. */

#define MINUTE UINT64_C(60000000)

/* A device that was online by its rule, and that somebody has unbound since. */
static struct dax_device *arrange_unbound(struct bench *bench)
{
	struct dax_device *device;

	bench_init(bench);
	device = bench_add_device(bench, DAX_KIND_CXL, 4 * GIB);
	bench_add_rule(bench, "all");
	bench->now_usec = 100 * MINUTE;
	bench_history(bench, device)->settled = true;
	return device;
}

static void set_corrected(struct bench *bench, const struct dax_device *device, uint64_t a,
			  uint64_t b, uint64_t c)
{
	struct device_history *history = bench_history(bench, device);

	history->corrected_usec[0] = a;
	history->corrected_usec[1] = b;
	history->corrected_usec[2] = c;
}

START_TEST(corrects_so_often)
{
	struct bench bench;
	struct dax_device *device = arrange_unbound(&bench);

	ck_assert(bench_has_step(bench_plan(&bench, device), STEP_BIND_KMEM));
	set_corrected(&bench, device, 99 * MINUTE, 98 * MINUTE, 0);
	ck_assert(bench_has_step(bench_plan(&bench, device), STEP_BIND_KMEM));
	set_corrected(&bench, device, 99 * MINUTE, 98 * MINUTE, 97 * MINUTE);
	assert_plan(&bench, device, DEVICE_MISMATCH, "");
	assert_says(bench_plan(&bench, device)->reason, "3 times within 10 min");
	assert_says(bench_plan(&bench, device)->reason, "daxctl, a udev rule or a person");
	bench_done(&bench);
}
END_TEST

START_TEST(forgets_what_is_long_ago)
{
	struct bench bench;
	struct dax_device *device = arrange_unbound(&bench);

	set_corrected(&bench, device, 99 * MINUTE, 98 * MINUTE, 90 * MINUTE + 1);
	assert_plan(&bench, device, DEVICE_MISMATCH, "");
	set_corrected(&bench, device, 99 * MINUTE, 98 * MINUTE, 90 * MINUTE);
	ck_assert(bench_has_step(bench_plan(&bench, device), STEP_BIND_KMEM));
	bench_done(&bench);
}
END_TEST

/* What was never as the policy says, or is asked for, is no correction. */
START_TEST(counts_only_corrections)
{
	struct bench bench;
	struct dax_device *device = arrange_unbound(&bench);

	set_corrected(&bench, device, 99 * MINUTE, 98 * MINUTE, 97 * MINUTE);
	bench_history(&bench, device)->settled = false;
	ck_assert(bench_has_step(bench_plan(&bench, device), STEP_BIND_KMEM));
	bench_history(&bench, device)->settled = true;
	bench_history(&bench, device)->request = REQUEST_APPLY;
	ck_assert(bench_has_step(bench_plan(&bench, device), STEP_BIND_KMEM));
	bench_done(&bench);
}
END_TEST

START_TEST(names_who_competes)
{
	struct bench bench;
	struct dax_device *device = arrange_unbound(&bench);
	char *names[] = {(char *)"process 7 (daxctl)", (char *)"udev rule /x", NULL};

	bench.facts.host.competitors = (struct strv){.items = names, .n = 2};
	set_corrected(&bench, device, 99 * MINUTE, 98 * MINUTE, 97 * MINUTE);
	assert_says(bench_plan(&bench, device)->reason,
		    "what may compete: process 7 (daxctl), udev rule /x (");
	bench.facts.host.competitors = (struct strv){};
	bench_done(&bench);
}
END_TEST

START_TEST(stuck_when_unbound_or_gone_with_memory_online)
{
	struct bench bench;
	struct dax_device *device;

	bench_init(&bench);
	device = bench_add_device(&bench, DAX_KIND_CXL, 4 * GIB);
	bench_add_rule(&bench, "all");
	device->knob = MEMMAP_KNOB_OFF;
	bench_bind_kmem(device, BLOCK_ONLINE, ZONE_MOVABLE);
	assert_plan(&bench, device, DEVICE_ONLINE, "");
	bench_set_driver(device, NULL);
	assert_plan(&bench, device, DEVICE_STUCK, "");
	assert_says(bench_plan(&bench, device)->reason, "unbound from kmem with 32 of 32 blocks");
	device->gone = true;
	assert_plan(&bench, device, DEVICE_STUCK, "");
	assert_says(bench_plan(&bench, device)->reason, "removed with 32 of 32 blocks");
	bench_done(&bench);
}
END_TEST

/* The second device has the earlier rule, so it is the one that the guard has room for. */
START_TEST(earlier_rules_have_the_first_share)
{
	struct bench bench;
	struct dax_device *first, *second;
	struct rule *rule;

	bench_init(&bench);
	first = bench_add_device(&bench, DAX_KIND_CXL, 64 * GIB);
	second = bench_add_device(&bench, DAX_KIND_HMEM, 64 * GIB);
	rule = bench_add_rule(&bench, "hmem");
	rule->match_kinds = 1U << DAX_KIND_HMEM;
	bench_add_rule(&bench, "rest");
	bench.config.movable_max_ratio = 1;
	assert_plan(&bench, first, DEVICE_HELD_BACK, "");
	ck_assert(bench_has_step(bench_plan(&bench, second), STEP_BIND_KMEM));
	ck_assert_uint_eq(bench_plan(&bench, second)->rank, 0);
	ck_assert_uint_eq(bench_plan(&bench, first)->rank, 1);
	bench_done(&bench);
}
END_TEST

TCase *correction_tests(void)
{
	TCase *tests = tcase_create("correction");

	tcase_add_test(tests, corrects_so_often);
	tcase_add_test(tests, forgets_what_is_long_ago);
	tcase_add_test(tests, counts_only_corrections);
	tcase_add_test(tests, names_who_competes);
	tcase_add_test(tests, stuck_when_unbound_or_gone_with_memory_online);
	tcase_add_test(tests, earlier_rules_have_the_first_share);
	return tests;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "suites.h"

#define SEC UINT64_C(1000000)

static struct bench bench;
static struct dax_device *device;
static struct device_history *history;

static void setup(void)
{
	bench_init(&bench);
	device = bench_add_device(&bench, DAX_KIND_CXL, 16 * GIB);
	bench_add_rule(&bench, "far");
	history = bench_history(&bench, device);
	history->failures = 2;
	history->error = -EBUSY;
	history->step = STEP_BIND_KMEM;
	history->message = strdup("bind-kmem failed on dax0.0: device is busy");
	history->retry_at_usec = bench.now_usec + 4 * SEC;
}

static void teardown(void)
{
	bench_done(&bench);
}

START_TEST(a_failure_waits_and_says_until_when)
{
	assert_plan(&bench, device, DEVICE_FAILED, "");
	ck_assert_str_eq(
		bench_plan(&bench, device)->reason,
		"bind-kmem failed on dax0.0: device is busy; retrying in 4 s (rule \"far\" "
		"makes it system RAM in zone movable of node 2, its memmap in DRAM)");
	ck_assert(bench_plan(&bench, device)->managed);
}
END_TEST

START_TEST(seconds_are_rounded_up)
{
	static const struct {
		uint64_t wait;
		const char *words;
	} cases[] = {
		{1, "retrying in 1 s"},		  {SEC, "retrying in 1 s"},
		{SEC + 1, "retrying in 2 s"},	  {119 * SEC, "retrying in 119 s"},
		{120 * SEC, "retrying in 2 min"}, {3600 * SEC, "retrying in 60 min"},
	};

	history->retry_at_usec = bench.now_usec + cases[_i].wait;
	assert_says(bench_plan(&bench, device)->reason, cases[_i].words);
}
END_TEST

START_TEST(when_the_time_has_come_it_is_planned)
{
	bench.now_usec = history->retry_at_usec - 1;
	assert_plan(&bench, device, DEVICE_FAILED, "");
	bench.now_usec = history->retry_at_usec;
	ck_assert_uint_gt(bench_plan(&bench, device)->n_steps, 0);
	ck_assert_int_eq(bench_plan(&bench, device)->state, DEVICE_PENDING);
}
END_TEST

START_TEST(past_failures_do_not_count)
{
	struct dax_device *other = bench_add_device(&bench, DAX_KIND_CXL, 16 * GIB);

	history->failures = 0;
	history->retry_at_usec = UINT64_MAX;
	ck_assert_uint_gt(bench_plan(&bench, device)->n_steps, 0);

	/* Nor does it lose its share. */
	bench.nodes[0].movable = 240 * GIB;
	ck_assert_uint_gt(bench_plan(&bench, device)->n_steps, 0);
	assert_plan(&bench, other, DEVICE_HELD_BACK, "");
}
END_TEST

START_TEST(without_a_time_it_waits_for_a_change)
{
	history->retry_at_usec = UINT64_MAX;
	assert_plan(&bench, device, DEVICE_FAILED, "");
	assert_says(bench_plan(&bench, device)->reason, "; not retried until something changes (");
}
END_TEST

START_TEST(without_a_message_the_step_speaks)
{
	free(history->message);
	history->message = NULL;
	assert_says(bench_plan(&bench, device)->reason, "bind-kmem failed: EBUSY; retrying");
}
END_TEST

/* Somebody mended it by hand. */
START_TEST(what_needs_nothing_has_not_failed)
{
	device->knob = MEMMAP_KNOB_OFF;
	bench_bind_kmem(device, BLOCK_ONLINE, ZONE_MOVABLE);
	assert_plan(&bench, device, DEVICE_ONLINE, "");
}
END_TEST

START_TEST(the_history_of_one_is_not_anothers)
{
	struct dax_device *other = bench_add_device(&bench, DAX_KIND_CXL, 16 * GIB);

	assert_plan(&bench, device, DEVICE_FAILED, "");
	ck_assert_uint_gt(bench_plan(&bench, other)->n_steps, 0);
}
END_TEST

/* Else its retry would find its share gone to whoever came meanwhile. */
START_TEST(a_timed_retry_keeps_its_share)
{
	struct dax_device *other = bench_add_device(&bench, DAX_KIND_CXL, 16 * GIB);

	bench.nodes[0].movable = 240 * GIB;
	assert_plan(&bench, device, DEVICE_FAILED, "");
	assert_plan(&bench, other, DEVICE_HELD_BACK, "");
	history->retry_at_usec = UINT64_MAX;
	ck_assert_uint_gt(bench_plan(&bench, other)->n_steps, 0);
}
END_TEST

START_TEST(no_history_at_all_is_fine)
{
	struct plan *plan = NULL;

	ck_assert_int_eq(policy_plan(&bench.facts, &bench.config, NULL, 0, &plan), 0);
	ck_assert_uint_gt(plan->devices[0].n_steps, 0);
	plan_free(plan);
}
END_TEST

START_TEST(no_device_is_an_empty_plan)
{
	struct facts facts = bench.facts;
	struct plan *plan = NULL;

	facts.devices = NULL;
	facts.n_devices = 0;
	ck_assert_int_eq(policy_plan(&facts, &bench.config, &bench.history, 0, &plan), 0);
	ck_assert_uint_eq(plan->n_devices, 0);
	plan_free(plan);
}
END_TEST

TCase *history_tests(void)
{
	TCase *tests = tcase_create("history");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, a_failure_waits_and_says_until_when);
	tcase_add_loop_test(tests, seconds_are_rounded_up, 0, 6);
	tcase_add_test(tests, when_the_time_has_come_it_is_planned);
	tcase_add_test(tests, past_failures_do_not_count);
	tcase_add_test(tests, without_a_time_it_waits_for_a_change);
	tcase_add_test(tests, without_a_message_the_step_speaks);
	tcase_add_test(tests, what_needs_nothing_has_not_failed);
	tcase_add_test(tests, the_history_of_one_is_not_anothers);
	tcase_add_test(tests, a_timed_retry_keeps_its_share);
	tcase_add_test(tests, no_history_at_all_is_fine);
	tcase_add_test(tests, no_device_is_an_empty_plan);
	return tests;
}

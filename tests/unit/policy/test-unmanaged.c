/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "bench.h"
#include "suites.h"

static struct bench bench;
static struct dax_device *device;

static void setup(void)
{
	bench_init(&bench);
	device = bench_add_device(&bench, DAX_KIND_PMEM, 16 * GIB);
	bench_history(&bench, device)->unprobed = true;
}

static void teardown(void)
{
	bench_done(&bench);
}

START_TEST(without_a_rule_it_gets_its_default_driver)
{
	const struct device_plan *plan;

	assert_plan(&bench, device, DEVICE_PENDING, "probe-default");
	plan = bench_plan(&bench, device);
	ck_assert(!plan->managed);
	ck_assert_ptr_null(plan->rule);
	ck_assert_ptr_null(plan->memmap.reason);
	assert_says(plan->reason, "no rule matches; to be handed to its default driver");
}
END_TEST

/* It may hold data: a rule for everything is not meant for it, and it is said why. */
START_TEST(a_catch_all_leaves_persistent_memory)
{
	bench_add_rule(&bench, "all");
	assert_plan(&bench, device, DEVICE_PENDING, "probe-default");
	bench_set_driver(device, "device_dax");
	assert_plan(&bench, device, DEVICE_UNMANAGED, "");
	ck_assert(!bench_plan(&bench, device)->managed);
	ck_assert_ptr_null(bench_plan(&bench, device)->rule);
	assert_says(
		bench_plan(&bench, device)->reason,
		"no rule matches (rule \"all\" would, but takes pmem only when match-kind names "
		"it); left to driver device_dax");

	device->kind = DAX_KIND_UNKNOWN;
	assert_plan(&bench, device, DEVICE_UNMANAGED, "");
	assert_says(bench_plan(&bench, device)->reason,
		    "rule \"all\" would, but a device of unknown kind");
}
END_TEST

START_TEST(ignore_is_no_rule_with_a_name)
{
	const struct device_plan *plan;

	bench_add_rule(&bench, "leave")->mode = RULE_MODE_IGNORE;
	assert_plan(&bench, device, DEVICE_PENDING, "probe-default");
	plan = bench_plan(&bench, device);
	ck_assert(!plan->managed);
	ck_assert_str_eq(plan->rule, "leave");
	assert_says(plan->reason, "rule \"leave\" says mode = ignore");
}
END_TEST

START_TEST(a_driver_is_left_to_it)
{
	bench_set_driver(device, "device_dax");
	assert_plan(&bench, device, DEVICE_UNMANAGED, "");
	assert_says(bench_plan(&bench, device)->reason,
		    "no rule matches; left to driver device_dax");
	bench_bind_kmem(device, BLOCK_OFFLINE, ZONE_NONE);
	assert_plan(&bench, device, DEVICE_UNMANAGED, "");
}
END_TEST

START_TEST(it_is_handed_over_once)
{
	bench_history(&bench, device)->handed_over = true;
	assert_plan(&bench, device, DEVICE_UNMANAGED, "");
	assert_says(bench_plan(&bench, device)->reason, "left without a driver");
}
END_TEST

/* Unbound while the kernel probed, or before the daemon was started: somebody meant it. */
START_TEST(what_the_claim_did_not_keep_is_left_to_itself)
{
	static const int autoprobe[] = {0, 1, -1};

	bench_history(&bench, device)->unprobed = false;
	for (size_t i = 0; i < ARRAY_SIZE(autoprobe); i++) {
		bench.facts.host.dax_autoprobe = autoprobe[i];
		assert_plan(&bench, device, DEVICE_UNMANAGED, "");
	}
	history_forget(&bench.history, device->name);
	assert_plan(&bench, device, DEVICE_UNMANAGED, "");
}
END_TEST

/* A claim that was given up since leaves it without its driver all the same. */
START_TEST(what_the_claim_kept_is_owed_a_driver)
{
	bench.config.claim = false;
	bench.facts.host.dax_autoprobe = 1;
	assert_plan(&bench, device, DEVICE_PENDING, "probe-default");
}
END_TEST

/* For a command that only plans, too. */
START_TEST(without_history_nothing_is_handed_over)
{
	_cleanup_(plan_freep) struct plan *plan = NULL;

	ck_assert_int_eq(policy_plan(&bench.facts, &bench.config, NULL, 0, &plan), 0);
	ck_assert_int_eq(plan->devices[0].state, DEVICE_UNMANAGED);
	ck_assert_uint_eq(plan->devices[0].n_steps, 0);
}
END_TEST

START_TEST(a_failed_handover_waits_for_its_retry)
{
	struct device_history *history = bench_history(&bench, device);

	history->failures = 1;
	history->error = -EBUSY;
	history->step = STEP_PROBE_DEFAULT;
	history->retry_at_usec = bench.now_usec + 1;
	assert_plan(&bench, device, DEVICE_FAILED, "");
	bench.now_usec++;
	assert_plan(&bench, device, DEVICE_PENDING, "probe-default");
}
END_TEST

TCase *unmanaged_tests(void)
{
	TCase *tests = tcase_create("unmanaged");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, without_a_rule_it_gets_its_default_driver);
	tcase_add_test(tests, a_catch_all_leaves_persistent_memory);
	tcase_add_test(tests, ignore_is_no_rule_with_a_name);
	tcase_add_test(tests, a_driver_is_left_to_it);
	tcase_add_test(tests, it_is_handed_over_once);
	tcase_add_test(tests, what_the_claim_did_not_keep_is_left_to_itself);
	tcase_add_test(tests, what_the_claim_kept_is_owed_a_driver);
	tcase_add_test(tests, without_history_nothing_is_handed_over);
	tcase_add_test(tests, a_failed_handover_waits_for_its_retry);
	return tests;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "suites.h"

/* A driver that the bus would not give a device needs its new_id, which binds what else waits. */

#define PMEM_STEPS                                                                                 \
	"hold-auto-online online_movable, bind-kmem, restore-auto-online, online-blocks "          \
	"online_movable, verify Movable"

static struct bench bench;
static struct dax_device *cxl, *pmem;
static struct rule *rule;

static void setup(void)
{
	bench_init(&bench);
	cxl = bench_add_device(&bench, DAX_KIND_CXL, 16 * GIB);
	pmem = bench_add_device(&bench, DAX_KIND_PMEM, 16 * GIB);
	rule = bench_add_rule(&bench, "all");
	rule->match_kinds = BENCH_ALL_KINDS;
}

static void teardown(void)
{
	bench_done(&bench);
}

START_TEST(waits_for_one_that_is_about_to_be_bound)
{
	static const enum dax_kind flagged[] = {DAX_KIND_CXL, DAX_KIND_HMEM};

	cxl->kind = flagged[_i];
	assert_plan(&bench, pmem, DEVICE_PENDING, "");
	assert_says(bench_plan(&bench, pmem)->reason, "waiting until dax0.0 has its driver");
	ck_assert_uint_gt(bench_plan(&bench, cxl)->n_steps, 0);
	ck_assert_ptr_nonnull(bench_plan(&bench, pmem)->memmap.reason);

	bench_bind_kmem(cxl, BLOCK_OFFLINE, ZONE_NONE);
	assert_plan(&bench, pmem, DEVICE_PENDING, PMEM_STEPS);
}
END_TEST

START_TEST(waits_for_one_that_stays_unbound)
{
	struct rule *second = bench_add_rule(&bench, "pmem");

	bench.nodes[0].movable = 250 * GIB; /* the guard holds back the first */
	cxl->usable = cxl->size;
	ck_assert_int_eq(strv_add(&rule->match_devices, "dax0.0"), 0);
	second->match_kinds = 1U << DAX_KIND_PMEM;
	second->zone = TARGET_ZONE_KERNEL;
	ck_assert_int_eq(bench_plan(&bench, cxl)->state, DEVICE_HELD_BACK);
	assert_plan(&bench, pmem, DEVICE_PENDING, "");
	assert_says(bench_plan(&bench, pmem)->reason,
		    "dax0.0 too, which is to stay without a driver (held-back)");
}
END_TEST

START_TEST(waits_for_one_whose_retry_is_far)
{
	bench_history(&bench, cxl)->failures = 3;
	bench_history(&bench, cxl)->retry_at_usec = UINT64_MAX;
	ck_assert_int_eq(bench_plan(&bench, cxl)->state, DEVICE_FAILED);
	assert_plan(&bench, pmem, DEVICE_PENDING, "");
	assert_says(bench_plan(&bench, pmem)->reason, "without a driver (failed)");
}
END_TEST

START_TEST(waits_for_one_that_was_released)
{
	bench_history(&bench, cxl)->released = true;
	assert_plan(&bench, cxl, DEVICE_RELEASED, "");
	assert_plan(&bench, pmem, DEVICE_PENDING, "");
	assert_says(bench_plan(&bench, pmem)->reason, "without a driver (released)");
}
END_TEST

/* Its memory is stuck, but there is nothing left that a driver could take. */
START_TEST(waits_for_none_that_has_left)
{
	bench_set_blocks(cxl, cxl->n_blocks, BLOCK_ONLINE, ZONE_MOVABLE);
	assert_plan(&bench, pmem, DEVICE_PENDING, "");
	cxl->gone = true;
	assert_plan(&bench, cxl, DEVICE_STUCK, "");
	assert_plan(&bench, pmem, DEVICE_PENDING, PMEM_STEPS);
}
END_TEST

START_TEST(waits_for_one_that_is_ignored)
{
	ck_assert_int_eq(strv_add(&rule->match_devices, "dax1.0"), 0);
	bench_history(&bench, cxl)->unprobed = true;
	assert_plan(&bench, cxl, DEVICE_PENDING, "probe-default");
	assert_plan(&bench, pmem, DEVICE_PENDING, "");
	assert_says(bench_plan(&bench, pmem)->reason, "waiting until dax0.0 has its driver");
	bench_history(&bench, cxl)->handed_over = true;
	assert_plan(&bench, cxl, DEVICE_UNMANAGED, "");
	assert_plan(&bench, pmem, DEVICE_PENDING, "");
	assert_says(bench_plan(&bench, pmem)->reason, "without a driver (unmanaged)");
}
END_TEST

START_TEST(one_without_prospects_is_named_first)
{
	struct dax_device *stray = bench_add_device(&bench, DAX_KIND_CXL, 16 * GIB);

	stray->target_node = -1;
	assert_plan(&bench, pmem, DEVICE_PENDING, "");
	assert_says(bench_plan(&bench, pmem)->reason, "bind dax2.0 too");
}
END_TEST

START_TEST(other_pmem_is_no_bystander)
{
	cxl->kind = DAX_KIND_PMEM;
	assert_plan(&bench, pmem, DEVICE_PENDING, PMEM_STEPS);
}
END_TEST

START_TEST(a_pmem_device_that_needs_no_bind_does_not_wait)
{
	bench_bind_kmem(pmem, BLOCK_OFFLINE, ZONE_NONE);
	assert_plan(&bench, pmem, DEVICE_PENDING, "online-blocks online_movable, verify Movable");
	bench_set_driver(pmem, NULL);
	bench_set_blocks(pmem, pmem->n_blocks, BLOCK_ABSENT, ZONE_NONE);
	rule->mode = RULE_MODE_DEVDAX;
	assert_plan(&bench, pmem, DEVICE_PENDING, "bind-devdax");
}
END_TEST

START_TEST(a_cxl_device_never_waits_for_kmem)
{
	bench_set_driver(pmem, NULL);
	bench_add_device(&bench, DAX_KIND_CXL, 16 * GIB);
	ck_assert(bench_has_step(bench_plan(&bench, cxl), STEP_BIND_KMEM));
}
END_TEST

/* The other way round: device_dax/new_id binds what waits of its own kind. */
START_TEST(devdax_waits_for_pmem)
{
	static const enum dax_kind own[] = {DAX_KIND_PMEM, DAX_KIND_UNKNOWN};

	rule->mode = RULE_MODE_DEVDAX;
	rule->match_kinds = 1U << DAX_KIND_CXL;
	pmem->kind = own[_i];
	assert_plan(&bench, cxl, DEVICE_PENDING, "");
	assert_says(bench_plan(&bench, cxl)->reason,
		    "waiting, because device_dax/new_id, which this device needs, would bind "
		    "dax1.0 too, which is to stay without a driver (unmanaged)");
	bench_history(&bench, pmem)->unprobed = true;
	assert_plan(&bench, cxl, DEVICE_PENDING, "");
	assert_says(bench_plan(&bench, cxl)->reason, "waiting until dax1.0 has its driver");
	bench_set_driver(pmem, "device_dax");
	assert_plan(&bench, cxl, DEVICE_PENDING, "bind-devdax");
}
END_TEST

/* kmem's kinds are no danger to device_dax, and pmem needs no new_id for it. */
START_TEST(devdax_does_not_wait_for_others)
{
	rule->mode = RULE_MODE_DEVDAX;
	rule->match_kinds = 0;
	ck_assert_int_eq(strv_add(&rule->match_devices, "dax1.0"), 0);
	assert_plan(&bench, pmem, DEVICE_PENDING, "bind-devdax");
	pmem->kind = DAX_KIND_HMEM;
	assert_plan(&bench, pmem, DEVICE_PENDING, "bind-devdax");
}
END_TEST

/* Each would bind the other: the one whose bind can be taken back is bound first. */
START_TEST(two_that_need_the_others_driver)
{
	struct rule *second = bench_add_rule(&bench, "cxl");
	const struct device_plan *plan;

	rule->match_kinds = 1U << DAX_KIND_PMEM;
	second->match_kinds = 1U << DAX_KIND_CXL;
	second->mode = RULE_MODE_DEVDAX;
	assert_plan(&bench, cxl, DEVICE_PENDING, "");
	assert_says(bench_plan(&bench, cxl)->reason, "waiting until dax1.0 has its driver");
	plan = bench_plan(&bench, pmem);
	ck_assert_str_eq(bench_steps(plan), "bind-devdax");
	assert_says(plan->reason, "bound to device_dax first, because this device and dax0.0");
	bench.facts.host.device_dax_loaded = false;
	assert_plan(&bench, pmem, DEVICE_PENDING, "load-module device_dax, bind-devdax");
	bench.facts.host.device_dax_loaded = true;

	bench_set_driver(pmem, "device_dax");
	assert_plan(&bench, pmem, DEVICE_PENDING, "");
	assert_says(bench_plan(&bench, pmem)->reason, "waiting until dax0.0 has its driver");
	assert_plan(&bench, cxl, DEVICE_PENDING, "bind-devdax");
	bench_set_driver(cxl, "device_dax");
	assert_plan(&bench, pmem, DEVICE_PENDING, "unbind-driver device_dax, " PMEM_STEPS);
}
END_TEST

TCase *new_id_tests(void)
{
	TCase *tests = tcase_create("new-id");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, waits_for_one_that_is_about_to_be_bound, 0, 2);
	tcase_add_test(tests, waits_for_one_that_stays_unbound);
	tcase_add_test(tests, waits_for_one_whose_retry_is_far);
	tcase_add_test(tests, waits_for_one_that_was_released);
	tcase_add_test(tests, waits_for_none_that_has_left);
	tcase_add_test(tests, waits_for_one_that_is_ignored);
	tcase_add_test(tests, one_without_prospects_is_named_first);
	tcase_add_test(tests, other_pmem_is_no_bystander);
	tcase_add_test(tests, a_pmem_device_that_needs_no_bind_does_not_wait);
	tcase_add_test(tests, a_cxl_device_never_waits_for_kmem);
	tcase_add_loop_test(tests, devdax_waits_for_pmem, 0, 2);
	tcase_add_test(tests, devdax_does_not_wait_for_others);
	tcase_add_test(tests, two_that_need_the_others_driver);
	return tests;
}

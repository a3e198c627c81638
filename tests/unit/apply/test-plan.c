/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole plans that go well, and plans that are refused before anything is written. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "scenario.h"
#include "tree.h"

START_TEST(every_scenario_reaches_its_goal)
{
	const struct scenario *scenario = &scenarios[_i];
	struct device_plan plan;
	int r;

	scenario->prepare();
	scenario->plan(&plan);
	r = bench_apply(&plan);
	ck_assert_msg(r == 0, "%s: %s", scenario->name, bench.failure.message);
	scenario->check();
	bench_assert_no_records();
	bench_assert_reads(AUTO_ONLINE, scenario->auto_online);

	/* Once more: nothing is left to do, and nothing is written. */
	fake_kernel_clear_log(bench.root);
	device_plan_done(&plan);
	scenario->finish(&plan);
	r = bench_apply(&plan);
	ck_assert_msg(r == 0, "%s again: %s", scenario->name, bench.failure.message);
	ck_assert_uint_eq(bench_writes(), 0);
	scenario->check();
	device_plan_done(&plan);
}
END_TEST

START_TEST(reports_tell_each_step)
{
	struct device_plan plan;

	bench_host((struct fake_kernel_host){});
	bench_add(&bench_cxl);
	bench_plan(&plan, &bench_cxl);
	bench_step(&plan, STEP_LOAD_MODULE, "kmem");
	bench_step(&plan, STEP_SET_MEMMAP, "0");
	bench_step(&plan, STEP_HOLD_AUTO_ONLINE, "online_movable");
	bench_step(&plan, STEP_BIND_KMEM, NULL);
	bench_step(&plan, STEP_RESTORE_AUTO_ONLINE, NULL);
	bench_step(&plan, STEP_ONLINE_BLOCKS, "online_movable");
	bench_step(&plan, STEP_VERIFY, "Movable");
	ck_assert_int_eq(bench_apply(&plan), 0);
	ck_assert_str_eq(bench.events, "load-module:skipped set-memmap:done hold-auto-online:done "
				       "bind-kmem:done restore-auto-online:done "
				       "online-blocks:skipped verify:done");
	ck_assert_uint_eq(bench.blocks_done, N_BLOCKS);
	ck_assert_uint_eq(bench.blocks_total, N_BLOCKS);
	/* The knob, the policy, bind, the policy: four writes, whatever the size of the device. */
	ck_assert_uint_eq(bench_writes(), 4);
	device_plan_done(&plan);
}
END_TEST

START_TEST(nobody_needs_to_listen)
{
	bench_host((struct fake_kernel_host){});
	bench_add(&bench_cxl);
	bench.applier.report = NULL;
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_BIND_KMEM, NULL), 0);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_VERIFY, "Movable"), -EEXIST);
}
END_TEST

static const struct {
	enum step_kind kind;
	const char *value;
} nonsense[] = {
	{STEP_LOAD_MODULE, NULL},
	{STEP_LOAD_MODULE, "../../x"},
	{STEP_UNBIND_DRIVER, NULL},
	{STEP_UNBIND_DRIVER, "a/b"},
	{STEP_UNBIND_DRIVER, ""},
	{STEP_SET_MEMMAP, NULL},
	{STEP_SET_MEMMAP, "2"},
	{STEP_HOLD_AUTO_ONLINE, NULL},
	{STEP_HOLD_AUTO_ONLINE, "unknown"},
	{STEP_HOLD_AUTO_ONLINE, "movable"},
	{STEP_ONLINE_BLOCKS, NULL},
	{STEP_ONLINE_BLOCKS, "offline"},
	{STEP_VERIFY, "Normal"},
	{STEP_MAX, NULL},
};

/* Also when it stands last: nothing of the plan is done. */
START_TEST(nonsense_is_refused_unread)
{
	struct device_plan plan;

	bench_host((struct fake_kernel_host){});
	bench_add(&bench_cxl);
	bench_plan(&plan, &bench_cxl);
	bench_step(&plan, STEP_SET_MEMMAP, "0");
	bench_step(&plan, nonsense[_i].kind, nonsense[_i].value);
	ck_assert_int_eq(bench_apply(&plan), -EINVAL);
	bench_assert_failure(nonsense[_i].kind, -EINVAL, "dax0.0");
	ck_assert(bench.failure.undone);
	ck_assert_uint_eq(bench_writes(), 0);
	device_plan_done(&plan);
}
END_TEST

static const char *const bad_names[] = {"", "dax0", "dax0.0/..", "../x", "dax0.0 ", "dax-1.0"};

START_TEST(names_that_are_no_device)
{
	struct device_plan plan;

	bench_host((struct fake_kernel_host){});
	bench_plan(&plan, &bench_cxl);
	bench_step(&plan, STEP_BIND_KMEM, NULL);
	free(plan.device);
	plan.device = strdup(bad_names[_i]);
	ck_assert_int_eq(bench_apply(&plan), -EINVAL);
	ck_assert_uint_eq(bench_writes(), 0);
	device_plan_done(&plan);
}
END_TEST

START_TEST(block_size_is_needed)
{
	struct device_plan plan;

	bench_host((struct fake_kernel_host){});
	bench_add(&bench_cxl);
	bench_plan(&plan, &bench_cxl);
	bench_step(&plan, STEP_VERIFY, NULL);
	plan.block_size = 0;
	ck_assert_int_eq(bench_apply(&plan), -EINVAL);
	device_plan_done(&plan);
}
END_TEST

/* A plan that holds, and forgets to restore. */
START_TEST(held_value_never_stays)
{
	bench_host((struct fake_kernel_host){});
	bench_add(&bench_cxl);
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_HOLD_AUTO_ONLINE, "online_movable"), 0);
	bench_assert_reads(AUTO_ONLINE, "online");
	bench_assert_no_records();
}
END_TEST

TCase *plan_tests(void)
{
	TCase *tcase = tcase_create("plan");

	tcase_add_checked_fixture(tcase, bench_setup, bench_teardown);
	tcase_add_loop_test(tcase, every_scenario_reaches_its_goal, 0, (int)n_scenarios);
	tcase_add_test(tcase, reports_tell_each_step);
	tcase_add_test(tcase, nobody_needs_to_listen);
	tcase_add_loop_test(tcase, nonsense_is_refused_unread, 0,
			    sizeof(nonsense) / sizeof(nonsense[0]));
	tcase_add_loop_test(tcase, names_that_are_no_device, 0,
			    sizeof(bad_names) / sizeof(bad_names[0]));
	tcase_add_test(tcase, block_size_is_needed);
	tcase_add_test(tcase, held_value_never_stays);
	return tcase;
}

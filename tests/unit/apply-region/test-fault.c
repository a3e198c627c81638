/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every read and write fails in turn: either the goal is reached all the same, or the host is as it
 * was before. */
#include "bench.h"

#include <limits.h>

START_TEST(whole_way)
{
	const struct scenario *scenario = &scenarios[_i];
	struct device_plan plan;

	scenario_prepare(scenario);
	plan = scenario_plan(scenario);
	ck_assert_msg(bench_apply(&plan) == 0, "%s", bench.failure.message);
	device_plan_done(&plan);
	scenario_check(scenario, scenario->name);
	if (!scenario->teardown) {
		bench_assert_reads(CXL "region1/commit", "1");
		bench_assert_reads(CXL "region1/target0", "decoder5.0");
		bench_assert_reads(CXL "region1/interleave_granularity", "1024");
		bench_assert_reads("sys/bus/dax/devices/dax1.0/target_node", "2");
		if (scenario->ways == 2)
			bench_assert_reads(CXL "region1/target1", "decoder3.0");
	}
	/* And nothing is left to do. */
	plan = scenario_plan(scenario);
	ck_assert_uint_eq(plan.n_steps, 0);
	device_plan_done(&plan);
}
END_TEST

/* Whether the n-th came at all. */
static bool fail_at(const struct scenario *scenario, enum fake_kernel_op op,
		    enum fake_kernel_action action, unsigned n, int error)
{
	_cleanup_free_ char *before = NULL, *now = NULL, *what = NULL;
	struct device_plan plan;
	unsigned came;
	int r;

	ck_assert_int_gt(asprintf(&what, "%s: %s %u fails with %s%s", scenario->name,
				  op == FAKE_KERNEL_WRITE ? "write" : "read", n,
				  strerrorname_np(-error),
				  action == FAKE_KERNEL_FAIL_AFTER ? " after its effect" : ""),
			 0);
	scenario_prepare(scenario);
	before = bench_look();
	plan = scenario_plan(scenario);
	fake_kernel_clear_log(bench.root);
	fake_kernel_add_fault(
		bench.root,
		&(struct fake_kernel_fault){.op = op, .action = action, .nth = n, .error = error});
	r = bench_apply(&plan);
	came = fake_kernel_count(bench.root, op);
	device_plan_done(&plan);
	fake_kernel_clear_faults(bench.root);
	if (r == 0) {
		scenario_check(scenario, what);
		return came >= n;
	}
	ck_assert_msg(bench.failure.undone, "%s: %s, and then: %s", what, bench.failure.message,
		      bench.said);
	ck_assert_ptr_nonnull(bench.failure.message);
	bench_assert_no_record();
	now = bench_look();
	ck_assert_msg(strcmp(now, before) == 0, "%s: %s; the host is not as before:\n%s\nbut:\n%s",
		      what, bench.failure.message, before, now);
	return true;
}

static const int errors[] = {-ENXIO, -EBUSY, -ENOSPC, -ERANGE, -EINTR, -EINVAL, -EIO};

START_TEST(each_write_fails)
{
	const struct scenario *scenario = &scenarios[_i];
	unsigned n;

	for (size_t e = 0; e < ARRAY_SIZE(errors); e++) {
		for (n = 1; fail_at(scenario, FAKE_KERNEL_WRITE, FAKE_KERNEL_FAIL, n, errors[e]);
		     n++)
			;
		ck_assert_uint_gt(n, 4);
	}
}
END_TEST

START_TEST(each_write_fails_after_its_effect)
{
	const struct scenario *scenario = &scenarios[_i];
	unsigned n;

	for (n = 1; fail_at(scenario, FAKE_KERNEL_WRITE, FAKE_KERNEL_FAIL_AFTER, n, -EIO); n++)
		;
	ck_assert_uint_gt(n, 4);
}
END_TEST

START_TEST(each_read_fails)
{
	const struct scenario *scenario = &scenarios[_i];
	unsigned n;

	for (n = 1; fail_at(scenario, FAKE_KERNEL_READ, FAKE_KERNEL_FAIL, n, -EIO); n++)
		;
	ck_assert_uint_gt(n, 10);
}
END_TEST

/* Nothing works any more, the way back neither: the record stays, and what it says is taken apart
 * as soon as it can be. */
START_TEST(nothing_works_any_more)
{
	const struct scenario *scenario = &scenarios[_i];
	bool failed = true;

	for (unsigned n = 2; failed; n++) {
		_cleanup_free_ char *what = NULL;
		struct device_plan plan;

		ck_assert_int_gt(asprintf(&what, "%s: from write %u on", scenario->name, n), 0);
		scenario_prepare(scenario);
		plan = scenario_plan(scenario);
		bench_fail_write(n, UINT_MAX, NULL, -EIO);
		failed = bench_apply(&plan) < 0;
		device_plan_done(&plan);
		ck_assert_msg(!failed || !bench.failure.undone || scenario->teardown,
			      "%s: undone without a write", what);
		if (failed && !bench.failure.undone) {
			/* Of the region, or of memory that is offline. */
			ck_assert_msg(bench_has_record(), "%s: no record", what);
			/* Of what is unbound there is nothing to put back. */
			if (apply_restore_auto_online(&bench.applier) < 0)
				ck_assert_msg(bench_has_record(), "%s: given up", what);
			else
				ck_assert_msg(scenario->online, "%s: nothing was left", what);
		}
		fake_kernel_clear_faults(bench.root);
		ck_assert_int_eq(apply_restore_auto_online(&bench.applier), 0);
		bench_assert_no_record();
		plan = scenario_plan(scenario);
		ck_assert_msg(bench_apply(&plan) == 0, "%s: %s", what, bench.failure.message);
		device_plan_done(&plan);
		scenario_check(scenario, what);
	}
}
END_TEST

/* Taken apart, and refused at the last step. */
static int eject_in_vain(void)
{
	struct device_plan plan = bench_plan_teardown();
	int r;

	bench_fail_write(1, 1, "*/decoder5.0/dpa_size", -EBUSY);
	r = bench_apply(&plan);
	device_plan_done(&plan);
	return r;
}

/* The kernel sets a name aside for the next region ahead of its time, so it is another one. */
START_TEST(back_under_another_name)
{
	scenario_prepare(&scenarios[4]);
	ck_assert_int_eq(eject_in_vain(), -EBUSY);
	ck_assert(bench.failure.undone);
	ck_assert_ptr_nonnull(strstr(bench.failure.message, "decoder5.0/dpa_size does not take"));
	ck_assert_ptr_nonnull(strstr(bench.failure.message,
				     "dax1.0 is dax2.0 now, as its region was made again"));
	bench_assert_reads("sys/bus/dax/devices/dax2.0/mapping0/start", "0x1000000000");
	bench_assert_reads(MEMORY "memory128/valid_zones", "Movable");
	bench_assert_reads(MEMORY "memory129/valid_zones", "Normal");
	bench_assert_no_record();
}
END_TEST

/* Another region has left, and the kernel gives out the first hole that fits. */
START_TEST(back_at_other_addresses)
{
	struct device_plan plan;

	bench_put(CXL "decoder0.1/create_ram_region", "region1");
	bench_put(CXL "region1/interleave_ways", "1");
	bench_put(CXL "region1/interleave_granularity", "1024");
	bench_put(CXL "region1/size", "0x40000000");
	plan = bench_plan_create();
	ck_assert_int_eq(bench_apply(&plan), 0);
	device_plan_done(&plan);
	bench_put("sys/bus/dax/drivers/kmem/bind", "dax2.0");
	bench_put(MEMORY "memory130/state", "online_movable");
	bench_put(CXL "decoder0.1/delete_region", "region1");
	ck_assert_int_eq(eject_in_vain(), -EBUSY);
	ck_assert(!bench.failure.undone);
	ck_assert_msg(strstr(bench.said, "the memory of dax2.0 stays out of use"), "%s",
		      bench.said);
	ck_assert(bench_has_device());
}
END_TEST

TCase *fault_tests(void)
{
	TCase *tcase = tcase_create("fault");

	tcase_add_checked_fixture(tcase, bench_setup, bench_teardown);
	tcase_set_timeout(tcase, 300);
	tcase_add_loop_test(tcase, whole_way, 0, N_SCENARIOS);
	tcase_add_loop_test(tcase, each_write_fails, 0, N_SCENARIOS);
	tcase_add_loop_test(tcase, each_write_fails_after_its_effect, 0, N_SCENARIOS);
	tcase_add_loop_test(tcase, each_read_fails, 0, N_SCENARIOS);
	tcase_add_test(tcase, back_under_another_name);
	tcase_add_test(tcase, back_at_other_addresses);
	tcase_add_loop_test(tcase, nothing_works_any_more, 0, N_SCENARIOS);
	return tcase;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is somebody else's is left alone, and a plan that does not fit the host any more is refused.
 */
#include "bench.h"

#include <limits.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void assert_failure(int error, const char *words)
{
	ck_assert_int_eq(bench.failure.error, error);
	ck_assert_msg(strstr(bench.failure.message, words), "%s", bench.failure.message);
	ck_assert(bench.failure.undone);
	bench_assert_no_record();
}

/* In the very size that we wanted: it stays theirs. */
START_TEST(capacity_taken_meanwhile)
{
	struct device_plan plan;

	bench.ways = 2;
	plan = bench_plan_create();
	bench_put(CXL "decoder3.0/dpa_size", "0x40000000");
	ck_assert_int_eq(bench_apply(&plan), -EAGAIN);
	assert_failure(-EAGAIN, "decoder3.0 of mem1, which was free, holds capacity for somebody "
				"else now");
	bench_assert_reads(CXL "decoder3.0/dpa_size", "0x0000000040000000");
	bench_assert_reads(CXL "decoder5.0/dpa_size", "0x0000000000000000");
	device_plan_done(&plan);
}
END_TEST

START_TEST(another_device_at_the_decoder)
{
	struct device_plan plan = bench_plan_create();

	fake_kernel_remove_memdev(bench.root, "mem0");
	fake_kernel_add_memdev(bench.root,
			       &(struct fake_kernel_memdev){
				       .name = "mem0", .serial = 0xff, .ram = GIB, .endpoint = 5});
	ck_assert_int_eq(bench_apply(&plan), -ENODEV);
	assert_failure(-ENODEV, "decoder5.0 belongs to another memory device now (serial 0xff, not "
				"0xa0)");
	device_plan_done(&plan);
}
END_TEST

START_TEST(pulled)
{
	struct device_plan plan = bench_plan_create();

	fake_kernel_remove_memdev(bench.root, "mem0");
	ck_assert_int_eq(bench_apply(&plan), -ENODEV);
	assert_failure(-ENODEV, "decoder5.0 of mem0 is gone");
	device_plan_done(&plan);
}
END_TEST

/* Another agent is putting a region together: without a record nobody touches it. */
START_TEST(region_of_another_agent)
{
	_cleanup_free_ char *before = NULL, *after = NULL;

	bench_put(CXL "decoder3.0/dpa_size", "0x40000000");
	bench_put(CXL "decoder0.1/create_ram_region", "region1");
	bench_put(CXL "region1/interleave_ways", "1");
	before = fake_kernel_snapshot(bench.root);
	ck_assert_int_eq(apply_restore(&bench.applier), 0);
	after = fake_kernel_snapshot(bench.root);
	ck_assert_str_eq(after, before);
}
END_TEST

static void kill_teardown(unsigned nth)
{
	struct device_plan plan = bench_plan_teardown();
	int status;
	pid_t pid;

	fake_kernel_add_fault(bench.root, &(struct fake_kernel_fault){
						  .op = FAKE_KERNEL_WRITE,
						  .action = FAKE_KERNEL_KILL_AFTER,
						  .nth = nth,
					  });
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		_exit(bench_apply(&plan) == 0 ? 0 : 1);
	device_plan_done(&plan);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	fake_kernel_clear_faults(bench.root);
}

/* Killed when the region was disabled, and then the card is pulled, or one of two: whatever the
 * kernel says to what is left of it, there is nothing of ours to wait for. */
START_TEST(pulled_behind_a_kill)
{
	scenario_prepare(&scenarios[3]);
	kill_teardown(1);
	fake_kernel_remove_memdev(bench.root, "mem1");
	if (_i == 1) {
		tree_put(bench.root, CXL "region1/commit", "1\n");
		bench_fail_write(1, UINT_MAX, "*/commit", -ENXIO);
	}
	if (_i == 2)
		fake_kernel_remove_memdev(bench.root, "mem0");
	ck_assert_msg(apply_restore_leftovers(&bench.applier) == 0, "%s", bench.said);
	bench_assert_no_record();
}
END_TEST

/* It stays recorded, and is taken apart when it can be. */
START_TEST(refused_for_now)
{
	_cleanup_(apply_leftovers_done) struct apply_leftovers left = {};

	scenario_prepare(&scenarios[2]);
	kill_teardown(1);
	tree_put(bench.root, CXL "decoder5.0/locked", "1\n");
	ck_assert_int_eq(apply_restore_leftovers(&bench.applier), -EPERM);
	ck_assert(bench_has_record());
	ck_assert_int_eq(apply_leftovers_read(bench.run_dir, &left), 1);
	ck_assert_str_eq(left.region_of, "mem0");
	ck_assert_ptr_null(left.device);
	tree_put(bench.root, CXL "decoder5.0/locked", "0\n");
	ck_assert_int_eq(apply_restore_leftovers(&bench.applier), 0);
	bench_assert_no_record();
	ck_assert(!tree_has(bench.root, CXL "region1"));
}
END_TEST

/* Whoever bound it since uses it: the memory is not pulled away from under them. */
START_TEST(device_in_use)
{
	struct device_plan plan;

	scenario_prepare(&scenarios[2]);
	plan = bench_plan_teardown();
	bench_put("sys/bus/dax/drivers/kmem/bind", "dax1.0");
	ck_assert_int_eq(bench_apply(&plan), -EBUSY);
	assert_failure(-EBUSY, "region1 is not given up while dax1.0 of it is bound to kmem");
	ck_assert(bench_has_device());
	device_plan_done(&plan);
}
END_TEST

/* As kmem leaves it when it is unbound while a block comes online: no driver, and memory there. */
static void leave_stuck(void)
{
	scenario_prepare(&scenarios[2]);
	bench_put("sys/bus/dax/drivers/kmem/bind", "dax1.0");
	bench_put(MEMORY "memory128/state", "online_movable");
	bench_put("sys/bus/dax/drivers/kmem/unbind", "dax1.0");
}

START_TEST(memory_without_a_driver)
{
	struct device_plan plan;

	leave_stuck();
	plan = bench_plan_teardown();
	if (_i == 1) /* by another agent, from under our feet */
		tree_put(bench.root, MEMORY "memory128/state", "offline\n");
	if (_i == 2) /* some word of a kernel to come */
		tree_put(bench.root, MEMORY "memory128/state", "resting\n");
	ck_assert_int_eq(bench_apply(&plan), _i == 2 ? -EBADMSG : -EBUSY);
	assert_failure(bench.failure.error, _i == 2 ? "memory" : "memory128");
	bench_assert_reads(CXL "region1/commit", "1");
	ck_assert(bench_has_device());
	device_plan_done(&plan);
}
END_TEST

/* Also what a record asks for. */
START_TEST(memory_above_a_region_that_is_left)
{
	struct device_plan plan;

	scenario_prepare(&scenarios[2]);
	plan = bench_plan_teardown();
	bench_fail_write(2, UINT_MAX, NULL, -EIO);
	ck_assert_int_eq(bench_apply(&plan), -EIO); /* disabled, and no way on or back */
	ck_assert(!bench.failure.undone);
	fake_kernel_clear_faults(bench.root);
	device_plan_done(&plan);
	tree_put(bench.root, MEMORY "memory128/state", "online\n");
	tree_put(bench.root, MEMORY "memory128/valid_zones", "Movable\n");
	ck_assert_int_eq(apply_restore_leftovers(&bench.applier), -EBUSY);
	ck_assert_ptr_nonnull(
		strstr(bench.said, "region1 is not given up while there is memory128"));
	ck_assert(bench_has_record());
	bench_assert_reads(CXL "region1/commit", "1");
	tree_delete(bench.root, MEMORY "memory128");
	ck_assert_int_eq(apply_restore_leftovers(&bench.applier), 0);
	ck_assert(!tree_has(bench.root, CXL "region1"));
	bench_assert_no_record();
}
END_TEST

/* A plan of taking apart whose region is another by now. */
START_TEST(another_region_of_the_name)
{
	struct device_plan plan;

	scenario_prepare(&scenarios[2]);
	plan = bench_plan_teardown();
	free(plan.region.targets[0].decoder);
	plan.region.targets[0].decoder = strdup("decoder3.0");
	ck_assert_int_eq(bench_apply(&plan), -EAGAIN);
	assert_failure(-EAGAIN, "region1 has other targets than the plan was made for");
	ck_assert(bench_has_device());
	device_plan_done(&plan);
}
END_TEST

/* A plan comes from another process. */
static const struct {
	enum step_kind kind;
	const char *value;
} unfit[] = {
	{STEP_SET_DPA, "decoder9.0"},	  {STEP_CREATE_REGION, "decoder0.0"},
	{STEP_COMMIT_REGION, NULL},	  {STEP_ENABLE_REGION, NULL},
	{STEP_DISABLE_REGION, "region7"}, {STEP_DECOMMIT_REGION, "region7"},
	{STEP_DELETE_REGION, "region7"},  {STEP_FREE_DPA, "decoder9.0"},
	{STEP_SET_DPA, "../decoder5.0"},  {STEP_DELETE_REGION, "decoder5.0"},
	{STEP_COMMIT_REGION, "region0"},  {STEP_CREATE_REGION, NULL},
};

START_TEST(unfit_plan)
{
	struct device_plan plan = bench_plan_create();
	unsigned writes = fake_kernel_count(bench.root, FAKE_KERNEL_WRITE);

	while (plan.n_steps > 0)
		free(plan.steps[--plan.n_steps].value);
	ck_assert_int_eq(device_plan_add_step(&plan, unfit[_i].kind, unfit[_i].value), 0);
	ck_assert_int_eq(bench_apply(&plan), -EINVAL);
	assert_failure(-EINVAL, "mem0");
	ck_assert_uint_eq(fake_kernel_count(bench.root, FAKE_KERNEL_WRITE), writes);
	device_plan_done(&plan);
}
END_TEST

/* Enabling is undone only as long as nobody uses what came of it. */
START_TEST(enabled_and_in_use)
{
	struct device_plan plan = bench_plan_create();

	bench_put("sys/bus/dax/drivers_autoprobe", "1");
	fake_kernel_add_fault(bench.root, &(struct fake_kernel_fault){
						  .op = FAKE_KERNEL_WRITE,
						  .action = FAKE_KERNEL_FAIL_AFTER,
						  .pattern = "*/cxl_region/bind",
						  .error = -EIO,
					  });
	ck_assert_int_eq(bench_apply(&plan), -EIO);
	ck_assert(!bench.failure.undone);
	ck_assert(bench_has_device());
	ck_assert_ptr_nonnull(strstr(bench.said, "bound to kmem: its memory would be pulled away"));
	/* It is as good as made. */
	ck_assert_int_eq(apply_restore_auto_online(&bench.applier), 0);
	bench_assert_no_record();
	ck_assert(bench_has_device());
	device_plan_done(&plan);
}
END_TEST

TCase *foreign_tests(void)
{
	TCase *tcase = tcase_create("foreign");

	tcase_add_checked_fixture(tcase, bench_setup, bench_teardown);
	tcase_add_test(tcase, capacity_taken_meanwhile);
	tcase_add_test(tcase, another_device_at_the_decoder);
	tcase_add_test(tcase, pulled);
	tcase_add_test(tcase, region_of_another_agent);
	tcase_add_loop_test(tcase, pulled_behind_a_kill, 0, 3);
	tcase_add_test(tcase, refused_for_now);
	tcase_add_test(tcase, device_in_use);
	tcase_add_loop_test(tcase, memory_without_a_driver, 0, 3);
	tcase_add_test(tcase, memory_above_a_region_that_is_left);
	tcase_add_test(tcase, another_region_of_the_name);
	tcase_add_loop_test(tcase, unfit_plan, 0, ARRAY_SIZE(unfit));
	tcase_add_test(tcase, enabled_and_in_use);
	return tcase;
}

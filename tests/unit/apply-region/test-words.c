/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an operator reads when the kernel refuses something. */
#include "bench.h"

#include <limits.h>

static const struct {
	bool teardown;
	const char *pattern;
	int error;
	enum step_kind step;
	const char *words;
} refusals[] = {
	{false, "*/mode", -EBUSY, STEP_SET_DPA, "in use by firmware"},
	{false, "*/mode", -ENXIO, STEP_SET_DPA, "no volatile capacity as it is partitioned"},
	{false, "*/dpa_size", -EBUSY, STEP_SET_DPA, "in the order of a device's decoders"},
	{false, "*/dpa_size", -ENOSPC, STEP_SET_DPA, "not so much volatile capacity left"},
	{false, "*/create_ram_region", -EBUSY, STEP_CREATE_REGION,
	 "another agent makes regions at the same time"},
	{false, "*/create_ram_region", -EINVAL, STEP_CREATE_REGION, "takes no volatile regions"},
	{false, "*/interleave_granularity", -EINVAL, STEP_CREATE_REGION,
	 "the granularity of a window of several host bridges"},
	{false, "*/interleave_ways", -EINVAL, STEP_CREATE_REGION, "power-of-2 multiple"},
	{false, "*/region1/size", -ERANGE, STEP_CREATE_REGION,
	 "no free piece of this size; what is left of the region of a device that was pulled keeps "
	 "its addresses, and \"daxtierctl plan\" tells"},
	{false, "*/region1/size", -ENOSPC, STEP_CREATE_REGION, "no free piece of this size"},
	{false, "*/target0", -ENXIO, STEP_CREATE_REGION, "cannot be reached at this position"},
	{false, "*/target0", -EBUSY, STEP_CREATE_REGION, "has no decoder left"},
	{false, "*/target0", -EINVAL, STEP_CREATE_REGION, "does not fit the region"},
	{false, "*/target0", -ENODEV, STEP_CREATE_REGION, "the device has left"},
	{false, "*/commit", -ENXIO, STEP_COMMIT_REGION, "-cpu host,-hypervisor"},
	{false, "*/commit", -EBUSY, STEP_COMMIT_REGION, "committed in their order"},
	{false, "*/commit", -ETIMEDOUT, STEP_COMMIT_REGION, "did not take the decoder's settings"},
	{false, "*/bind", -EBUSY, STEP_ENABLE_REGION, "/proc/iomem"},
	{false, "*/bind", -ENXIO, STEP_ENABLE_REGION, "not committed"},
	{true, "*/unbind", -ENODEV, STEP_DISABLE_REGION, "not bound any more"},
	{true, "*/commit", -EPERM, STEP_DECOMMIT_REGION, "locked by firmware"},
	{true, "*/commit", -EBUSY, STEP_DECOMMIT_REGION, "locked by firmware"},
	{true, "*/delete_region", -ENODEV, STEP_DELETE_REGION, "no such region"},
	{true, "*/dpa_size", -EBUSY, STEP_FREE_DPA, "in the order of a device's decoders"},
	{true, "*/dpa_size", -EIO, STEP_FREE_DPA, "Input/output error"},
};

START_TEST(refused)
{
	const struct scenario *scenario = &scenarios[refusals[_i].teardown ? 2 : 0];
	struct device_plan plan;

	scenario_prepare(scenario);
	if (strcmp(refusals[_i].pattern, "*/mode") == 0)
		tree_put(bench.root, CXL "decoder5.0/mode", "none\n");
	plan = scenario_plan(scenario);
	fake_kernel_add_fault(bench.root, &(struct fake_kernel_fault){
						  .op = FAKE_KERNEL_WRITE,
						  .action = FAKE_KERNEL_FAIL,
						  .times = UINT_MAX,
						  .pattern = refusals[_i].pattern,
						  .error = refusals[_i].error,
					  });
	ck_assert_int_eq(bench_apply(&plan), refusals[_i].error);
	device_plan_done(&plan);
	ck_assert_int_eq(bench.failure.error, refusals[_i].error);
	ck_assert_str_eq(step_kind_to_string(bench.failure.step),
			 step_kind_to_string(refusals[_i].step));
	ck_assert_msg(strstr(bench.failure.message, refusals[_i].words), "%s",
		      bench.failure.message);
	ck_assert_ptr_nonnull(strstr(bench.failure.message, strerrorname_np(-refusals[_i].error)));
	ck_assert_ptr_nonnull(strstr(bench.failure.path,
				     refusals[_i].pattern + 1 + (_i >= 8 && _i <= 9 ? 8 : 0)));
}
END_TEST

/* A name that somebody else was faster with is asked for again, but not for ever. */
START_TEST(lost_race)
{
	struct device_plan plan = bench_plan_create();

	bench_fail_write(1, 7, "*/create_ram_region", -EBUSY);
	ck_assert_int_eq(bench_apply(&plan), 0);
	device_plan_done(&plan);

	scenario_prepare(&scenarios[0]);
	plan = bench_plan_create();
	bench_fail_write(1, 8, "*/create_ram_region", -EBUSY);
	ck_assert_int_eq(bench_apply(&plan), -EBUSY);
	ck_assert(bench.failure.undone);
	bench_assert_reads(CXL "decoder5.0/dpa_size", "0x0000000000000000");
	device_plan_done(&plan);
}
END_TEST

START_TEST(before_6_3)
{
	struct device_plan plan = bench_plan_create();

	tree_delete(bench.root,
		    "sys/devices/platform/ACPI0017:00/root0/decoder0.1/create_ram_region");
	ck_assert_int_eq(bench_apply(&plan), -EOPNOTSUPP);
	ck_assert_ptr_nonnull(strstr(bench.failure.message, "Linux 6.3 can"));
	ck_assert(bench.failure.undone);
	device_plan_done(&plan);
}
END_TEST

TCase *word_tests(void)
{
	TCase *tcase = tcase_create("words");

	tcase_add_checked_fixture(tcase, bench_setup, bench_teardown);
	tcase_add_loop_test(tcase, refused, 0, ARRAY_SIZE(refusals));
	tcase_add_test(tcase, lost_race);
	tcase_add_test(tcase, before_6_3);
	return tcase;
}

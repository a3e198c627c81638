/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a record of unfinished work means on a host where others have been at work since. */
#include "bench.h"

#include <sys/wait.h>
#include <unistd.h>

/* Leaves a record as a process does that is killed behind its first write. */
static void leave_record(const char *region)
{
	_cleanup_free_ char *text = NULL;

	ck_assert_int_gt(
		asprintf(&text,
			 "{\"Device\":\"mem0\",\"Purpose\":\"create-region\",\"State\":\"pending\","
			 "\"Managed\":true,\"Rule\":\"\",\"Reason\":\"\",\"MemmapWanted\":false,"
			 "\"MemmapEffective\":false,\"MemmapReason\":\"\",\"MemmapBytes\":0,"
			 "\"Zone\":\"movable\",\"TargetNode\":-1,\"Size\":1073741824,"
			 "\"BlockSize\":0,\"Ranges\":[],\"DeadlineUSec\":0,\"Region\":\"%s\","
			 "\"Window\":\"decoder0.1\",\"Ways\":1,\"Granularity\":1024,\"Targets\":["
			 "{\"Memdev\":\"mem0\",\"Serial\":160,\"Decoder\":\"decoder5.0\",\"Size\":"
			 "1073741824}],\"Steps\":[]}",
			 region),
		0);
	tree_put(bench.root, "run/region", text);
}

/* The name was given to somebody else in the end: their targets tell. */
START_TEST(record_of_a_name_that_another_got)
{
	bench_put(CXL "decoder3.0/dpa_size", "0x40000000");
	bench_put(CXL "decoder0.1/create_ram_region", "region1");
	bench_put(CXL "region1/interleave_ways", "1");
	bench_put(CXL "region1/interleave_granularity", "256");
	bench_put(CXL "region1/size", "0x40000000");
	bench_put(CXL "region1/target0", "decoder3.0");
	bench_put(CXL "decoder5.0/dpa_size", "0x40000000");
	leave_record("region1");
	ck_assert_int_eq(apply_restore(&bench.applier), 0);
	bench_assert_no_record();
	bench_assert_reads(CXL "region1/target0", "decoder3.0");
	bench_assert_reads(CXL "decoder5.0/dpa_size", "0x0000000000000000"); /* that was ours */
}
END_TEST

/* Another size is another's doing. */
START_TEST(record_of_other_capacity)
{
	bench_put(CXL "decoder5.0/dpa_size", "0x20000000");
	leave_record("");
	ck_assert_int_eq(apply_restore(&bench.applier), 0);
	bench_assert_no_record();
	bench_assert_reads(CXL "decoder5.0/dpa_size", "0x0000000020000000");
}
END_TEST

/* Our decoders, as whoever makes it by hand takes those that hold capacity already. */
static void make_by_hand(const char *size, const char *granularity)
{
	bench_put(CXL "decoder5.0/dpa_size", "0x40000000");
	bench_put(CXL "decoder0.1/create_ram_region", "region1");
	bench_put(CXL "region1/interleave_ways", "1");
	bench_put(CXL "region1/interleave_granularity", granularity);
	bench_put(CXL "region1/size", size);
}

static const struct {
	const char *size, *granularity;
	bool committed, ours;
} by_hand[] = {
	{"0x40000000", "1024", false, true},
	{"0x40000000", "1024", true, false}, /* we had not come to that */
	{"0x40000000", "512", false, false},
	{"0x20000000", "1024", false, false},
};

START_TEST(record_of_a_name_that_another_got_with_our_decoder)
{
	make_by_hand(by_hand[_i].size, by_hand[_i].granularity);
	if (by_hand[_i].committed) {
		bench_put(CXL "region1/target0", "decoder5.0");
		bench_put(CXL "region1/commit", "1");
	}
	leave_record("region1");
	ck_assert_int_eq(apply_restore(&bench.applier), 0);
	bench_assert_no_record();
	ck_assert(tree_has(bench.root, CXL "region1") != by_hand[_i].ours);
	if (by_hand[_i].committed)
		bench_assert_reads(CXL "region1/commit", "1");
}
END_TEST

/* Nothing is recorded as ours once the kernel has said that it is another's. */
START_TEST(name_that_another_was_given)
{
	struct device_plan plan = bench_plan_create();
	_cleanup_free_ char *text = NULL;
	int status;
	pid_t pid;

	bench_fail_write(1, 1, "*/create_ram_region", -EBUSY);
	fake_kernel_add_fault(bench.root, &(struct fake_kernel_fault){
						  .op = FAKE_KERNEL_READ,
						  .action = FAKE_KERNEL_KILL_BEFORE,
						  .pattern = "*/create_ram_region",
						  .nth = 2,
					  });
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		_exit(bench_apply(&plan) == 0 ? 0 : 1);
	device_plan_done(&plan);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	text = tree_get(bench.root, "run/region");
	ck_assert_ptr_nonnull(text);
	ck_assert_msg(strstr(text, "\"Region\":\"\""), "%s", text);
}
END_TEST

START_TEST(record_of_a_region_in_use)
{
	struct device_plan plan = bench_plan_create();

	ck_assert_int_eq(bench_apply(&plan), 0);
	device_plan_done(&plan);
	leave_record("region1");
	ck_assert_int_eq(apply_restore(&bench.applier), 0);
	bench_assert_no_record();
	ck_assert(bench_has_device());
}
END_TEST

/* What cannot be understood is for a person, and no plan goes on over it. */
START_TEST(record_without_sense)
{
	static const char *const texts[] = {"nonsense", "{}", ""};
	struct device_plan plan;

	tree_put(bench.root, "run/region", texts[_i]);
	ck_assert_int_eq(apply_restore_auto_online(&bench.applier), -EBADMSG);
	ck_assert(bench_has_record());
	ck_assert_ptr_nonnull(strstr(bench.said, "makes no sense"));
	plan = bench_plan_create();
	ck_assert_int_eq(bench_apply(&plan), -EBADMSG);
	ck_assert(bench_has_record());
	bench_assert_reads(CXL "decoder5.0/dpa_size", "0x0000000000000000");
	device_plan_done(&plan);
}
END_TEST

/* Paths are not of a file's choice. */
START_TEST(record_with_a_path)
{
	leave_record("../../../kernel");
	ck_assert_int_eq(apply_restore_auto_online(&bench.applier), -EBADMSG);
	ck_assert(bench_has_record());
}
END_TEST

TCase *record_tests(void)
{
	TCase *tcase = tcase_create("record");

	tcase_add_checked_fixture(tcase, bench_setup, bench_teardown);
	tcase_add_test(tcase, record_of_a_name_that_another_got);
	tcase_add_loop_test(tcase, record_of_a_name_that_another_got_with_our_decoder, 0,
			    ARRAY_SIZE(by_hand));
	tcase_add_test(tcase, name_that_another_was_given);
	tcase_add_test(tcase, record_of_other_capacity);
	tcase_add_test(tcase, record_of_a_region_in_use);
	tcase_add_loop_test(tcase, record_without_sense, 0, 3);
	tcase_add_test(tcase, record_with_a_path);
	return tcase;
}

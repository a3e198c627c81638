/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is put back, by the plan itself, by the next one, and after a kill; and what is left alone.
 */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "suites.h"
#include "tree.h"

#define RECORD "run/offlined"

START_TEST(a_block_that_does_not_come_back)
{
	host_online((struct fake_kernel_host){}, "online_movable");
	fake_kernel_pin_block(bench.root, 32, UINT_MAX);
	fake_kernel_poison_block(bench.root, 34);
	ck_assert_int_eq(release(STEP_OFFLINE_BLOCKS), -EBUSY);
	/* What is said is what came first; what could not be put back is reported. */
	bench_assert_failure(STEP_OFFLINE_BLOCKS, -EBUSY, "memory32");
	ck_assert(!bench.failure.undone);
	ck_assert_str_eq(bench.events, "offline-blocks:undo-failed");
	ck_assert_ptr_nonnull(strstr(bench.message, "1 of 4 blocks of dax0.0 that were taken "
						    "offline could not be brought back online; the "
						    "first is memory34 (EHWPOISON)"));
	bench_assert_reads(MEMORY "/memory34/state", "offline");
	bench_assert_reads(MEMORY "/memory33/state", "online");
	bench_assert_reads(MEMORY "/memory35/state", "online");
}
END_TEST

static void assert_left(const char *device, size_t blocks)
{
	_cleanup_(apply_leftovers_done) struct apply_leftovers left = {};

	ck_assert_int_eq(apply_leftovers_read(bench.run_dir, &left), device != NULL);
	ck_assert_uint_eq(left.blocks, blocks);
	ck_assert_ptr_null(left.region_of);
	if (device)
		ck_assert_str_eq(left.device, device);
}

/* Only that is recorded from then on, and tried again. */
START_TEST(what_is_left_stays_recorded)
{
	assert_left(NULL, 0);
	host_online((struct fake_kernel_host){}, "online_movable");
	assert_left(NULL, 0);
	fake_kernel_pin_block(bench.root, 32, UINT_MAX);
	fake_kernel_poison_block(bench.root, 34);
	ck_assert_int_eq(release(STEP_OFFLINE_BLOCKS), -EBUSY);
	assert_left("dax0.0", 1);
	fake_kernel_clear_log(bench.root);
	ck_assert_int_eq(apply_restore_leftovers(&bench.applier), -EHWPOISON);
	ck_assert_uint_eq(bench_writes(), 1);
	assert_left("dax0.0", 1);
	if (_i == 0) {
		tree_delete(bench.root, ".fake-kernel/poison/34");
	} else { /* by somebody else, and elsewhere: it is not offline any more */
		tree_delete(bench.root, ".fake-kernel/poison/34");
		bench_write(MEMORY "/memory34/state", "online_kernel");
	}
	ck_assert_int_eq(apply_restore_leftovers(&bench.applier), 0);
	bench_assert_reads(MEMORY "/memory34/valid_zones", _i == 0 ? "Movable" : "Normal");
	bench_assert_no_records();
	assert_left(NULL, 0);
}
END_TEST

/* What does not come back is in nobody's way. */
START_TEST(what_is_left_keeps_nothing_else)
{
	host_online((struct fake_kernel_host){}, "online_movable");
	fake_kernel_pin_block(bench.root, 32, 3);
	fake_kernel_poison_block(bench.root, 34);
	ck_assert_int_eq(release(STEP_OFFLINE_BLOCKS), -EBUSY);
	assert_left("dax0.0", 1);
	ck_assert_int_eq(release(STEP_OFFLINE_BLOCKS), 0);
	bench_assert_driver("dax0.0", NULL);
	bench_assert_no_records();
}
END_TEST

static void online_in_kernel(struct bench *b, const char *path)
{
	if (strstr(path, "memory32") == NULL)
		return;
	b->before_write = NULL;
	ck_assert_int_eq(fake_kernel_write(b->root, MEMORY "/memory35/state", "online_kernel"), 0);
}

START_TEST(somebody_else_brings_one_online_elsewhere)
{
	host_online((struct fake_kernel_host){}, "online_movable");
	fake_kernel_pin_block(bench.root, 32, UINT_MAX);
	bench.before_write = online_in_kernel;
	ck_assert_int_lt(release(STEP_OFFLINE_BLOCKS), 0);
	ck_assert(!bench.failure.undone);
	ck_assert_ptr_nonnull(strstr(bench.message, "memory35 (EEXIST): somebody else"));
	bench_assert_reads(MEMORY "/memory34/valid_zones", "Movable");
}
END_TEST

static void look_at_record(struct bench *b, const char *path)
{
	_cleanup_free_ char *text = tree_get(b->root, RECORD);

	ck_assert_ptr_nonnull(text);
	ck_assert_ptr_nonnull(strstr(text, "\"State\":\"\",\"Blocks\":[{\"First\":32,\"Last\":33,"
					   "\"Zone\":\"Movable\"},{\"First\":34,\"Last\":34,"
					   "\"Zone\":\"Normal\"}]"));
	b->userdata = b;
}

START_TEST(it_is_recorded_before_it_is_done)
{
	host_online((struct fake_kernel_host){}, "online_movable");
	bench_write(MEMORY "/memory35/state", "offline");
	bench_write(MEMORY "/memory34/state", "offline");
	bench_write(MEMORY "/memory34/state", "online_kernel");
	bench.before_write = look_at_record;
	ck_assert_int_eq(release(STEP_OFFLINE_BLOCKS), 0);
	ck_assert_ptr_nonnull(bench.userdata);
	bench_assert_no_records();
}
END_TEST

/* A release in a process that is killed after so many writes. */
static void kill_release(unsigned nth)
{
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
		_exit(release(STEP_OFFLINE_BLOCKS) == 0 ? 0 : 1);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	fake_kernel_clear_faults(bench.root);
	fake_kernel_clear_log(bench.root);
	ck_assert(tree_has(bench.root, RECORD));
	free(bench.events);
	bench.events = strdup("");
}

START_TEST(killed_it_is_put_back)
{
	_cleanup_free_ char *before = NULL, *after = NULL;

	host_online((struct fake_kernel_host){}, "online_movable");
	before = fake_kernel_snapshot(bench.root);
	kill_release(3);
	bench_assert_reads(MEMORY "/memory33/state", "offline");
	ck_assert_int_eq(apply_restore_auto_online(&bench.applier), 0);
	after = fake_kernel_snapshot(bench.root);
	ck_assert_str_eq(after, before);
	bench_assert_no_records();
	ck_assert_ptr_nonnull(strstr(bench.message, "taken offline of dax0.0 is online again"));
	/* Once. */
	fake_kernel_clear_log(bench.root);
	ck_assert_int_eq(apply_restore_auto_online(&bench.applier), 0);
	ck_assert_uint_eq(bench_writes(), 0);
}
END_TEST

/* Only those that nobody has brought back meanwhile. */
START_TEST(killed_and_partly_mended)
{
	host_online((struct fake_kernel_host){}, "online_movable");
	kill_release(3);
	bench_write(MEMORY "/memory34/state", "online_movable");
	fake_kernel_clear_log(bench.root);
	ck_assert_int_eq(apply_restore_auto_online(&bench.applier), 0);
	ck_assert_uint_eq(bench_writes(), 2);
	bench_assert_blocks(&bench_cxl, "online", "Movable");
}
END_TEST

START_TEST(killed_and_unbound)
{
	host_online((struct fake_kernel_host){}, "online_movable");
	kill_release(5); /* after unbind */
	bench_assert_driver("dax0.0", NULL);
	ck_assert_int_eq(apply_restore_auto_online(&bench.applier), 0);
	ck_assert_uint_eq(bench_writes(), 0);
	bench_assert_driver("dax0.0", NULL);
	bench_assert_no_records();
}
END_TEST

START_TEST(killed_and_gone)
{
	host_online((struct fake_kernel_host){}, "online_movable");
	kill_release(2);
	fake_kernel_remove_device(bench.root, "dax0.0");
	ck_assert_int_eq(apply_restore_auto_online(&bench.applier), 0);
	ck_assert_uint_eq(bench_writes(), 0);
	bench_assert_no_records();
}
END_TEST

/* Of another size, at another place: what has its name now is not touched. */
START_TEST(killed_and_another_takes_its_name)
{
	struct fake_kernel_device other = bench_cxl;

	host_online((struct fake_kernel_host){}, "online_movable");
	kill_release(4);
	fake_kernel_remove_device(bench.root, "dax0.0");
	other.ranges[0].size += BLOCK;
	bench_add(&other);
	bench_write(AUTO_ONLINE, "offline");
	bench_write(DRIVERS "/kmem/bind", "dax0.0");
	fake_kernel_clear_log(bench.root);
	ck_assert_int_eq(apply_restore_auto_online(&bench.applier), 0);
	ck_assert_uint_eq(bench_writes(), 0);
	bench_assert_no_records();
}
END_TEST

/* Nobody has put it back: the next plan does first, or what it finds offline would be lost. */
START_TEST(killed_and_tried_again)
{
	host_online((struct fake_kernel_host){}, "online_movable");
	kill_release(3);
	fake_kernel_pin_block(bench.root, 32, UINT_MAX);
	ck_assert_int_eq(release(STEP_OFFLINE_BLOCKS), -EBUSY);
	bench_assert_blocks(&bench_cxl, "online", "Movable");
	ck_assert(bench.failure.undone);
}
END_TEST

/* What is on its way into another zone is finished, with nothing taken offline again. */
START_TEST(killed_beyond_the_turn)
{
	_cleanup_free_ char *offline = NULL;
	struct device_plan plan;
	int status;
	pid_t pid;

	host_online((struct fake_kernel_host){}, "online");
	bench_plan(&plan, &bench_cxl);
	plan.zone = TARGET_ZONE_MOVABLE;
	bench_step(&plan, STEP_OFFLINE_BLOCKS, NULL);
	bench_step(&plan, STEP_ONLINE_BLOCKS, "online_movable");
	fake_kernel_add_fault(bench.root, &(struct fake_kernel_fault){
						  .op = FAKE_KERNEL_WRITE,
						  .action = FAKE_KERNEL_KILL_AFTER,
						  .nth = 6,
					  });
	pid = fork();
	if (pid == 0)
		_exit(bench_apply(&plan));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	fake_kernel_clear_faults(bench.root);
	fake_kernel_clear_log(bench.root);
	device_plan_done(&plan);

	ck_assert_int_eq(apply_restore_auto_online(&bench.applier), 0);
	ck_assert_uint_eq(bench_writes(), 0);
	ck_assert_ptr_nonnull(strstr(bench.message, "left for the next plan to finish"));
	bench_assert_no_records();
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_ONLINE_BLOCKS, "online_movable"), 0);
	bench_assert_blocks(&bench_cxl, "online", "Movable");
	offline = blocks_written("offline");
	ck_assert_str_eq(offline, "");
}
END_TEST

static const char *const nonsense[] = {
	"",
	"{",
	"[]",
	"{\"Plan\":{},\"State\":\"\",\"Blocks\":[]}",
	"{\"Plan\":1,\"State\":\"\",\"Blocks\":[]}",
};

START_TEST(a_record_that_makes_no_sense)
{
	host_online((struct fake_kernel_host){}, "online_movable");
	tree_put(bench.root, RECORD, nonsense[_i]);
	ck_assert_int_eq(apply_restore_auto_online(&bench.applier), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(bench.message, "makes no sense"));
	/* It is for a person to look at, and nothing goes offline until then. */
	ck_assert_int_eq(release(STEP_OFFLINE_BLOCKS), -EBADMSG);
	bench_assert_failure(STEP_OFFLINE_BLOCKS, -EBADMSG, "dax0.0 stays as it is");
	ck_assert_uint_eq(bench_writes(), 0);
	bench_assert_reads(RECORD, nonsense[_i]);
}
END_TEST

/* Blocks that are not of the device, from a record that somebody wrote. */
START_TEST(a_record_of_other_blocks)
{
	_cleanup_free_ char *text = NULL;
	char *at;

	host_online((struct fake_kernel_host){}, "online_movable");
	kill_release(2);
	text = tree_get(bench.root, RECORD);
	at = strstr(text, "\"Last\":35");
	ck_assert_ptr_nonnull(at);
	memcpy(at, "\"Last\":39", 9);
	tree_put(bench.root, RECORD, text);
	ck_assert_int_eq(apply_restore_auto_online(&bench.applier), -EBADMSG);
	ck_assert_uint_eq(bench_writes(), 0);
}
END_TEST

/* Without a place for the record nothing is taken offline. */
START_TEST(no_place_for_the_record)
{
	host_online((struct fake_kernel_host){}, "online_movable");
	tree_put(bench.root, "run", "a file");
	ck_assert_int_eq(release(STEP_OFFLINE_BLOCKS), -ENOTDIR);
	bench_assert_failure(STEP_OFFLINE_BLOCKS, -ENOTDIR, "cannot ");
	ck_assert_uint_eq(bench_writes(), 0);
}
END_TEST

TCase *put_back_tests(void)
{
	TCase *tcase = tcase_create("put-back");

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, bench_setup, bench_teardown);
	tcase_add_test(tcase, a_block_that_does_not_come_back);
	tcase_add_loop_test(tcase, what_is_left_stays_recorded, 0, 2);
	tcase_add_test(tcase, what_is_left_keeps_nothing_else);
	tcase_add_test(tcase, somebody_else_brings_one_online_elsewhere);
	tcase_add_test(tcase, it_is_recorded_before_it_is_done);
	tcase_add_test(tcase, killed_it_is_put_back);
	tcase_add_test(tcase, killed_and_partly_mended);
	tcase_add_test(tcase, killed_and_unbound);
	tcase_add_test(tcase, killed_and_gone);
	tcase_add_test(tcase, killed_and_another_takes_its_name);
	tcase_add_test(tcase, killed_and_tried_again);
	tcase_add_test(tcase, killed_beyond_the_turn);
	tcase_add_loop_test(tcase, a_record_that_makes_no_sense, 0,
			    sizeof(nonsense) / sizeof(nonsense[0]));
	tcase_add_test(tcase, a_record_of_other_blocks);
	tcase_add_test(tcase, no_place_for_the_record);
	return tcase;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Holding auto_online_blocks: alone, after a holder that was killed, and against others. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "bench.h"
#include "tree.h"

#define RECORD "run/auto-online"

/* A plan that only holds and restores. */
static int hold_and_restore(const char *policy)
{
	struct device_plan plan;
	int r;

	bench_plan(&plan, &bench_cxl);
	bench_step(&plan, STEP_HOLD_AUTO_ONLINE, policy);
	bench_step(&plan, STEP_RESTORE_AUTO_ONLINE, NULL);
	r = bench_apply(&plan);
	device_plan_done(&plan);
	return r;
}

static void look_while_held(struct bench *b, const struct apply_report *report)
{
	_cleanup_close_ int fd = -EBADF;
	char *path;

	if (report->event != APPLY_STEP_DONE || report->step != STEP_HOLD_AUTO_ONLINE)
		return;
	b->userdata = b;
	bench_assert_reads(AUTO_ONLINE, "online_movable");
	bench_assert_reads(RECORD, "old=online");
	ck_assert_str_eq(report->path, "/" AUTO_ONLINE);
	ck_assert_str_eq(report->value, "online_movable");

	/* Nobody else gets the lock meanwhile. */
	ck_assert_int_gt(asprintf(&path, "%s/auto-online.lock", b->run_dir), 0);
	fd = open(path, O_RDWR | O_CLOEXEC);
	free(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(flock(fd, LOCK_EX | LOCK_NB), -1);
	ck_assert_int_eq(errno, EWOULDBLOCK);
}

START_TEST(held_and_put_back)
{
	bench_host((struct fake_kernel_host){});
	bench.on_report = look_while_held;
	ck_assert_int_eq(hold_and_restore("online_movable"), 0);
	ck_assert_ptr_nonnull(bench.userdata);
	ck_assert_str_eq(bench.events, "hold-auto-online:done restore-auto-online:done");
	bench_assert_reads(AUTO_ONLINE, "online");
	bench_assert_no_records();
	ck_assert_uint_eq(bench_writes(), 2);
}
END_TEST

/* The record is complete before the write, or it could not be put back after a crash. */
static void look_before_write(struct bench *b, const char *path)
{
	_cleanup_free_ char *record = tree_get(b->root, RECORD);

	ck_assert_ptr_nonnull(record);
	ck_assert_str_eq(record, "old=online\nheld=online_movable\n");
	b->userdata = b;
}

START_TEST(recorded_before_it_is_written)
{
	bench_host((struct fake_kernel_host){});
	bench.before_write = look_before_write;
	ck_assert_int_eq(hold_and_restore("online_movable"), 0);
	ck_assert_ptr_nonnull(bench.userdata);
}
END_TEST

START_TEST(already_so)
{
	bench_host((struct fake_kernel_host){.auto_online = "online_movable"});
	ck_assert_int_eq(hold_and_restore("online_movable"), 0);
	ck_assert_str_eq(bench.events, "hold-auto-online:skipped restore-auto-online:skipped");
	ck_assert_uint_eq(bench_writes(), 0);
}
END_TEST

START_TEST(restore_without_hold)
{
	bench_host((struct fake_kernel_host){});
	ck_assert_int_eq(bench_one(&bench_cxl, STEP_RESTORE_AUTO_ONLINE, NULL), 0);
	ck_assert_str_eq(bench.events, "restore-auto-online:skipped");
}
END_TEST

/* What a killed holder recorded stays the value to go back to, wherever it was killed. */
static const char *const found[] = {"online_kernel", "online"};

START_TEST(killed_holder_before_us)
{
	bench_host((struct fake_kernel_host){.auto_online = found[_i]});
	tree_put(bench.root, RECORD, "old=online\nheld=online_kernel\n");
	ck_assert_int_eq(hold_and_restore("online_movable"), 0);
	bench_assert_reads(AUTO_ONLINE, "online");
	bench_assert_no_records();
}
END_TEST

static void change_it(struct bench *b, const struct apply_report *report)
{
	if (report->event == APPLY_STEP_DONE && report->step == STEP_HOLD_AUTO_ONLINE)
		bench_write(AUTO_ONLINE, "offline");
}

START_TEST(somebody_changes_it_while_held)
{
	bench_host((struct fake_kernel_host){});
	bench.on_report = change_it;
	ck_assert_int_eq(hold_and_restore("online_movable"), 0);
	ck_assert_str_eq(bench.events, "hold-auto-online:done restore-auto-online:skipped");
	ck_assert_ptr_nonnull(strstr(bench.message, "somebody else changed it"));
	bench_assert_reads(AUTO_ONLINE, "offline");
	bench_assert_no_records();
}
END_TEST

START_TEST(value_that_nobody_knows)
{
	bench_host((struct fake_kernel_host){});
	tree_put(bench.root, AUTO_ONLINE, "online_sideways\n");
	ck_assert_int_eq(hold_and_restore("online_movable"), -EBADMSG);
	bench_assert_failure(STEP_HOLD_AUTO_ONLINE, -EBADMSG, "online_sideways");
	bench_assert_reads(AUTO_ONLINE, "online_sideways");
	ck_assert_uint_eq(bench_writes(), 0);
	bench_assert_no_records();
}
END_TEST

START_TEST(kernel_without_the_policy)
{
	bench_host((struct fake_kernel_host){});
	tree_delete(bench.root, AUTO_ONLINE);
	ck_assert_int_eq(hold_and_restore("online_movable"), -ENOENT);
	ck_assert(bench.failure.undone);
	bench_assert_no_records();
}
END_TEST

START_TEST(nowhere_to_record)
{
	bench_host((struct fake_kernel_host){});
	free(bench.run_dir);
	ck_assert_int_gt(asprintf(&bench.run_dir, "%s/no/where", bench.root), 0);
	bench.applier.run_dir = bench.run_dir;
	ck_assert_int_eq(hold_and_restore("online_movable"), -ENOTDIR);
	bench_assert_failure(STEP_HOLD_AUTO_ONLINE, -ENOTDIR, "/no/where");
	ck_assert_uint_eq(bench_writes(), 0);
	/* Nothing can be recorded there, so there is nothing to restore. */
	ck_assert_int_eq(apply_restore(&bench.applier), 0);
}
END_TEST

/* Whatever cannot be written down is not done. */
START_TEST(record_cannot_be_written)
{
	bench_host((struct fake_kernel_host){});
	tree_dir(bench.root, RECORD ".new");
	ck_assert_int_eq(hold_and_restore("online_movable"), -EISDIR);
	bench_assert_failure(STEP_HOLD_AUTO_ONLINE, -EISDIR, RECORD);
	ck_assert_uint_eq(bench_writes(), 0);
	bench_assert_reads(AUTO_ONLINE, "online");
}
END_TEST

static const char *const corrupt[] = {
	"",
	"\n",
	"old=online\n",
	"old=online\nheld=online_movable",
	"old=online\nheld=online_movable\nold=offline\n",
	"held=online_movable\nold=online\n",
	"old=\nheld=online_movable\n",
	"old=sideways\nheld=online_movable\n",
	"old=unknown\nheld=online_movable\n",
	"old=online\nheld=\033[2J\n",
};

START_TEST(corrupt_record)
{
	bench_host((struct fake_kernel_host){.auto_online = "online_movable"});
	tree_put(bench.root, RECORD, corrupt[_i]);
	ck_assert_int_eq(hold_and_restore("online_kernel"), -EBADMSG);
	bench_assert_failure(STEP_HOLD_AUTO_ONLINE, -EBADMSG, RECORD);
	ck_assert_ptr_null(strchr(bench.failure.message, '\033'));

	ck_assert_int_eq(apply_restore(&bench.applier), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(bench.message, RECORD));
	bench_assert_reads(AUTO_ONLINE, "online_movable");
	ck_assert_uint_eq(bench_writes(), 0);
	ck_assert(tree_has(bench.root, RECORD));
}
END_TEST

START_TEST(record_longer_than_any)
{
	char text[600];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	memcpy(text, "old=", 4);
	bench_host((struct fake_kernel_host){});
	tree_put(bench.root, RECORD, text);
	ck_assert_int_eq(apply_restore(&bench.applier), -EBADMSG);
}
END_TEST

/* The child is killed while it holds: the lock is free again, and the record there. */
START_TEST(lock_dies_with_its_holder)
{
	struct device_plan plan;
	int status;
	pid_t pid;

	bench_host((struct fake_kernel_host){});
	bench_add(&bench_cxl);
	fake_kernel_add_fault(bench.root, &(struct fake_kernel_fault){
						  .op = FAKE_KERNEL_WRITE,
						  .action = FAKE_KERNEL_KILL_BEFORE,
						  .pattern = "*/bind",
					  });
	bench_plan(&plan, &bench_cxl);
	bench_step(&plan, STEP_HOLD_AUTO_ONLINE, "online_movable");
	bench_step(&plan, STEP_BIND_KMEM, NULL);
	pid = fork();
	if (pid == 0) {
		bench_apply(&plan);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	bench_assert_reads(AUTO_ONLINE, "online_movable");
	ck_assert(tree_has(bench.root, RECORD));

	ck_assert_int_eq(apply_restore_auto_online(&bench.applier), 0);
	ck_assert_str_eq(bench.events, "restore-auto-online:undo");
	bench_assert_reads(AUTO_ONLINE, "online");
	bench_assert_no_records();
	device_plan_done(&plan);
}
END_TEST

struct contender {
	const struct fake_kernel_device *device;
	const char *how, *zone;
	pid_t pid;
};

static void contend(struct contender *c)
{
	struct device_plan plan;

	c->pid = fork();
	ck_assert_int_ge(c->pid, 0);
	if (c->pid > 0)
		return;
	bench_plan(&plan, c->device);
	bench_step(&plan, STEP_HOLD_AUTO_ONLINE, c->how);
	bench_step(&plan, STEP_BIND_KMEM, NULL);
	bench_step(&plan, STEP_RESTORE_AUTO_ONLINE, NULL);
	bench_step(&plan, STEP_VERIFY, c->zone);
	_exit(bench_apply(&plan) == 0 ? 0 : 1);
}

/* Each worker needs another policy, and the first to come stalls inside its bind: had they no lock,
 * one would bind under the policy of the other. */
START_TEST(holders_do_not_mix)
{
	struct contender contenders[] = {
		{.device = &bench_cxl, .how = "online_movable", .zone = "Movable"},
		{.device = &bench_hmem, .how = "online_kernel", .zone = "kernel"},
	};

	bench_host((struct fake_kernel_host){.auto_online = "offline"});
	bench_add(&bench_cxl);
	bench_add(&bench_hmem);
	fake_kernel_add_fault(bench.root, &(struct fake_kernel_fault){
						  .op = FAKE_KERNEL_WRITE,
						  .action = FAKE_KERNEL_STALL,
						  .stall_msec = 200,
						  .pattern = "*/bind",
						  .times = 2,
					  });
	for (size_t i = 0; i < 2; i++)
		contend(&contenders[i]);
	for (size_t i = 0; i < 2; i++) {
		int status;

		ck_assert_int_eq(waitpid(contenders[i].pid, &status, 0), contenders[i].pid);
		ck_assert(WIFEXITED(status));
		ck_assert_int_eq(WEXITSTATUS(status), 0);
	}
	bench_assert_reads(AUTO_ONLINE, "offline");
	bench_assert_no_records();
}
END_TEST

TCase *hold_tests(void)
{
	TCase *tcase = tcase_create("hold");

	tcase_add_checked_fixture(tcase, bench_setup, bench_teardown);
	tcase_add_test(tcase, held_and_put_back);
	tcase_add_test(tcase, recorded_before_it_is_written);
	tcase_add_test(tcase, already_so);
	tcase_add_test(tcase, restore_without_hold);
	tcase_add_loop_test(tcase, killed_holder_before_us, 0, ARRAY_SIZE(found));
	tcase_add_test(tcase, somebody_changes_it_while_held);
	tcase_add_test(tcase, value_that_nobody_knows);
	tcase_add_test(tcase, kernel_without_the_policy);
	tcase_add_test(tcase, nowhere_to_record);
	tcase_add_test(tcase, record_cannot_be_written);
	tcase_add_loop_test(tcase, corrupt_record, 0, ARRAY_SIZE(corrupt));
	tcase_add_test(tcase, record_longer_than_any);
	tcase_add_test(tcase, lock_dies_with_its_holder);
	tcase_add_test(tcase, holders_do_not_mix);
	return tcase;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every scenario in a process that is killed before and after every write, and before every read:
 * what is recorded is put back, and the next plan reaches the same end. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "bench.h"
#include "scenario.h"
#include "tree.h"

static void fresh(const struct scenario *scenario)
{
	bench_teardown();
	bench_setup();
	scenario->prepare();
	fake_kernel_clear_log(bench.root);
}

/* Runs the plan in a child; whether it was killed. */
static bool apply_in_child(const struct scenario *scenario)
{
	struct device_plan plan;
	int status;
	pid_t pid;

	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		scenario->plan(&plan);
		_exit(bench_apply(&plan) == 0 ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status)) {
		ck_assert_int_eq(WTERMSIG(status), SIGKILL);
		return true;
	}
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	return false;
}

/* As the daemon does it after a worker died. */
static void recover(const struct scenario *scenario, const char *goal, const char *what)
{
	_cleanup_free_ char *now = NULL;
	struct device_plan plan;
	int r;

	fake_kernel_clear_faults(bench.root);
	ck_assert_int_eq(apply_restore_auto_online(&bench.applier), 0);
	bench_assert_reads(AUTO_ONLINE, scenario->auto_online);
	bench_assert_no_records();
	scenario->finish(&plan);
	r = bench_apply(&plan);
	ck_assert_msg(r == 0, "%s, then: %s", what, bench.failure.message);
	device_plan_done(&plan);
	scenario->check();
	now = fake_kernel_snapshot(bench.root);
	ck_assert_msg(strcmp(now, goal) == 0, "%s: another end", what);
}

static void kill_at(const struct scenario *scenario, enum fake_kernel_op op,
		    enum fake_kernel_action action, const char *word)
{
	_cleanup_free_ char *goal = NULL;
	bool killed = true;

	fresh(scenario);
	ck_assert(!apply_in_child(scenario));
	goal = fake_kernel_snapshot(bench.root);

	for (unsigned n = 1; killed; n++) {
		_cleanup_free_ char *what = NULL;

		ck_assert_int_gt(asprintf(&what, "%s: killed %s %u", scenario->name, word, n), 0);
		fresh(scenario);
		fake_kernel_add_fault(bench.root, &(struct fake_kernel_fault){
							  .op = op,
							  .action = action,
							  .nth = n,
						  });
		killed = apply_in_child(scenario);
		ck_assert_msg(killed || n > 1, "%s: was never killed", what);
		recover(scenario, goal, what);
	}
}

START_TEST(killed_before_each_write)
{
	kill_at(&scenarios[_i], FAKE_KERNEL_WRITE, FAKE_KERNEL_KILL_BEFORE, "before write");
}
END_TEST

START_TEST(killed_after_each_write)
{
	kill_at(&scenarios[_i], FAKE_KERNEL_WRITE, FAKE_KERNEL_KILL_AFTER, "after write");
}
END_TEST

START_TEST(killed_before_each_read)
{
	kill_at(&scenarios[_i], FAKE_KERNEL_READ, FAKE_KERNEL_KILL_BEFORE, "before read");
}
END_TEST

/* Killed while it undoes what failed: a write fails, and one of those after it kills. */
START_TEST(killed_in_the_undo)
{
	const struct scenario *scenario = &scenarios[_i];
	_cleanup_free_ char *goal = NULL;
	unsigned writes;

	fresh(scenario);
	ck_assert(!apply_in_child(scenario));
	goal = fake_kernel_snapshot(bench.root);
	writes = bench_writes();
	for (unsigned n = 1; n <= writes; n++)
		for (unsigned k = n + 1; k <= n + 6; k++) {
			_cleanup_free_ char *what = NULL;
			int status;
			pid_t pid;

			ck_assert_int_gt(asprintf(&what, "%s: write %u fails, killed at %u",
						  scenario->name, n, k),
					 0);
			fresh(scenario);
			bench_fault(FAKE_KERNEL_WRITE, n, 1, NULL, -EIO);
			fake_kernel_add_fault(bench.root, &(struct fake_kernel_fault){
								  .op = FAKE_KERNEL_WRITE,
								  .action = FAKE_KERNEL_KILL_AFTER,
								  .nth = k,
							  });
			pid = fork();
			if (pid == 0) {
				struct device_plan plan;

				scenario->plan(&plan);
				bench_apply(&plan);
				_exit(0);
			}
			ck_assert_int_eq(waitpid(pid, &status, 0), pid);
			recover(scenario, goal, what);
		}
}
END_TEST

TCase *kill_tests(void)
{
	TCase *tcase = tcase_create("kill");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, bench_setup, bench_teardown);
	tcase_add_loop_test(tcase, killed_before_each_write, 0, (int)n_scenarios);
	tcase_add_loop_test(tcase, killed_after_each_write, 0, (int)n_scenarios);
	tcase_add_loop_test(tcase, killed_before_each_read, 0, (int)n_scenarios);
	tcase_add_loop_test(tcase, killed_in_the_undo, 0, (int)n_scenarios);
	return tcase;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process is killed before and after every write, before every read, and in the undo: what is
 * recorded is taken apart, and the next plan reaches the same end. */
#include "bench.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs the plan in a child; whether it was killed. */
static bool apply_in_child(const struct scenario *scenario)
{
	struct device_plan plan = scenario_plan(scenario);
	int status;
	pid_t pid;

	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		_exit(bench_apply(&plan) == 0 ? 0 : 1);
	device_plan_done(&plan);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

static bool has_region(void)
{
	return tree_has(bench.root, CXL "region1") || tree_has(bench.root, CXL "region2");
}

static void recover(const struct scenario *scenario, const char *goal, const char *what)
{
	_cleanup_free_ char *now = NULL;
	struct device_plan plan;

	fake_kernel_clear_faults(bench.root);
	ck_assert_msg(apply_restore_auto_online(&bench.applier) == 0, "%s: %s", what, bench.said);
	bench_assert_no_record();
	/* Either there, or not at all. */
	ck_assert_msg(bench_has_device() == has_region(), "%s: half a region is left", what);
	plan = scenario_plan(scenario);
	ck_assert_msg(bench_apply(&plan) == 0, "%s, then: %s", what, bench.failure.message);
	device_plan_done(&plan);
	scenario_check(scenario, what);
	now = bench_look();
	ck_assert_msg(strcmp(now, goal) == 0, "%s: another end:\n%s\nbut:\n%s", what, goal, now);
}

static char *goal_of(const struct scenario *scenario)
{
	scenario_prepare(scenario);
	ck_assert(!apply_in_child(scenario));
	return bench_look();
}

static void kill_at(const struct scenario *scenario, enum fake_kernel_op op,
		    enum fake_kernel_action action, const char *word)
{
	_cleanup_free_ char *goal = goal_of(scenario);
	struct device_plan plan;
	bool killed = true;

	for (unsigned n = 1; killed; n++) {
		_cleanup_free_ char *what = NULL;
		unsigned before;

		ck_assert_int_gt(asprintf(&what, "%s: killed %s %u", scenario->name, word, n), 0);
		scenario_prepare(scenario);
		/* Planning reads as well. */
		plan = scenario_plan(scenario);
		device_plan_done(&plan);
		before = op == FAKE_KERNEL_READ ? fake_kernel_count(bench.root, op) : 0;
		fake_kernel_add_fault(
			bench.root,
			&(struct fake_kernel_fault){.op = op, .action = action, .nth = before + n});
		killed = apply_in_child(scenario);
		ck_assert_msg(killed || n > 4, "%s: was never killed", what);
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

START_TEST(killed_in_the_undo)
{
	const struct scenario *scenario = &scenarios[_i];
	_cleanup_free_ char *goal = goal_of(scenario);
	unsigned writes = fake_kernel_count(bench.root, FAKE_KERNEL_WRITE), kills = 0;

	for (unsigned n = 1; n <= writes; n++)
		for (unsigned k = n + 1; k <= n + 8; k++) {
			_cleanup_free_ char *what = NULL;

			ck_assert_int_gt(asprintf(&what, "%s: write %u fails, killed at %u",
						  scenario->name, n, k),
					 0);
			scenario_prepare(scenario);
			bench_fail_write(n, 1, NULL, -EIO);
			fake_kernel_add_fault(bench.root, &(struct fake_kernel_fault){
								  .op = FAKE_KERNEL_WRITE,
								  .action = FAKE_KERNEL_KILL_AFTER,
								  .nth = k,
							  });
			kills += apply_in_child(scenario);
			recover(scenario, goal, what);
		}
	ck_assert_uint_gt(kills, writes);
}
END_TEST

TCase *kill_tests(void)
{
	TCase *tcase = tcase_create("kill");

	tcase_add_checked_fixture(tcase, bench_setup, bench_teardown);
	tcase_set_timeout(tcase, 300);
	tcase_add_loop_test(tcase, killed_before_each_write, 0, N_SCENARIOS);
	tcase_add_loop_test(tcase, killed_after_each_write, 0, N_SCENARIOS);
	tcase_add_loop_test(tcase, killed_before_each_read, 0, N_SCENARIOS);
	tcase_add_loop_test(tcase, killed_in_the_undo, 0, N_SCENARIOS);
	return tcase;
}

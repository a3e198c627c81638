/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What interrupts a worker, and what does not. Each case has a process, and so signals, of its own.
 */
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "worker-stop.h"

/* Waits in the kernel for what never comes: -EINTR once a signal was handled. */
static int wait_for_signal(void)
{
	char c;
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	return read(fds[0], &c, 1) < 0 ? -errno : 0;
}

/* As worker_start() leaves them. */
static void block(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGALRM);
	ck_assert_int_eq(sigprocmask(SIG_BLOCK, &set, NULL), 0);
}

START_TEST(test_nothing_happens_by_itself)
{
	sigset_t set;

	block();
	ck_assert_int_eq(worker_stop_install(0), 0);
	ck_assert_int_eq(worker_stop_ask(NULL), 0);
	ck_assert_int_eq(sigprocmask(SIG_BLOCK, NULL, &set), 0);
	ck_assert_int_eq(sigismember(&set, SIGTERM), 0);
	ck_assert_int_eq(sigismember(&set, SIGALRM), 0);
}
END_TEST

START_TEST(test_deadline)
{
	block();
	ck_assert_int_eq(worker_stop_install(1000), 0);
	ck_assert_int_eq(wait_for_signal(), -EINTR);
	/* And again: the first one may have come before the write. */
	ck_assert_int_eq(wait_for_signal(), -EINTR);
	ck_assert_int_eq(worker_stop_ask(NULL), -ETIMEDOUT);
}
END_TEST

/* It came while the plan was being read. */
START_TEST(test_terminated_early)
{
	block();
	ck_assert_int_eq(raise(SIGTERM), 0);
	ck_assert_int_eq(worker_stop_install(0), 0);
	ck_assert_int_eq(wait_for_signal(), -EINTR);
	ck_assert_int_eq(worker_stop_ask(NULL), -ECANCELED);
}
END_TEST

START_TEST(test_first_reason_counts)
{
	block();
	ck_assert_int_eq(worker_stop_install(UINT64_C(1000000) * 3600), 0);
	ck_assert_int_eq(raise(SIGTERM), 0);
	ck_assert_int_eq(raise(SIGALRM), 0);
	ck_assert_int_eq(worker_stop_ask(NULL), -ECANCELED);
}
END_TEST

/* What is being undone may not be interrupted. */
START_TEST(test_asked_once)
{
	struct sigaction action;

	block();
	ck_assert_int_eq(worker_stop_install(0), 0);
	ck_assert_int_eq(raise(SIGTERM), 0);
	ck_assert_int_eq(worker_stop_ask(NULL), -ECANCELED);
	ck_assert_int_eq(raise(SIGTERM), 0);
	ck_assert_int_eq(raise(SIGALRM), 0);
	ck_assert_int_eq(worker_stop_ask(NULL), 0);
	ck_assert_int_eq(sigaction(SIGALRM, NULL, &action), 0);
	ck_assert(action.sa_handler == SIG_IGN);
}
END_TEST

#define SECOND UINT64_C(1000000)

static const struct {
	struct device_plan plan;
	struct plan_step step;
	uint64_t deadline;
} deadlines[] = {
	{{.purpose = PLAN_CONFIGURE}, {STEP_BIND_KMEM, NULL}, 0},
	{{.purpose = PLAN_CONFIGURE, .size = UINT64_C(64) << 30},
	 {STEP_OFFLINE_BLOCKS, NULL},
	 124 * SECOND},
	{{.purpose = PLAN_CONFIGURE}, {STEP_UNPLUG, NULL}, 60 * SECOND},
	{{.purpose = PLAN_CONFIGURE, .deadline_usec = 7}, {STEP_UNPLUG, NULL}, 7},
	{{.purpose = PLAN_RELEASE}, {STEP_OFFLINE_BLOCKS, NULL}, 0},
	{{.purpose = PLAN_RELEASE, .deadline_usec = 7}, {STEP_OFFLINE_BLOCKS, NULL}, 7},
	{{.purpose = PLAN_CREATE_REGION}, {STEP_COMMIT_REGION, NULL}, 0},
};

START_TEST(test_deadlines)
{
	struct device_plan plan = deadlines[_i].plan;
	struct plan_step step = deadlines[_i].step;

	plan.steps = &step;
	plan.n_steps = 1;
	ck_assert_uint_eq(worker_stop_deadline(&plan), deadlines[_i].deadline);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("worker-stop");
	TCase *tcase = tcase_create("worker-stop");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, test_nothing_happens_by_itself);
	tcase_add_test(tcase, test_deadline);
	tcase_add_test(tcase, test_terminated_early);
	tcase_add_test(tcase, test_first_reason_counts);
	tcase_add_test(tcase, test_asked_once);
	tcase_add_loop_test(tcase, test_deadlines, 0, ARRAY_SIZE(deadlines));
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

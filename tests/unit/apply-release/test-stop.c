/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A release that ends before it is done: at its deadline, or because somebody asked for it. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>

#include "base/cleanup.h"
#include "suites.h"
#include "tree.h"

static volatile sig_atomic_t signals;

/* When and how applier.stop answers. */
static struct {
	int error;
	unsigned after; /* so many questions; or, 0, a signal */
	unsigned asked;
	bool told;
} stopper;

static void on_signal(int number)
{
	signals++;
}

static int stop(void *userdata)
{
	struct itimerval never = {};

	ck_assert_msg(!stopper.told, "asked again after the plan was told to end");
	stopper.asked++;
	if (stopper.after > 0 ? stopper.asked <= stopper.after : signals == 0)
		return 0;
	stopper.told = true;
	setitimer(ITIMER_REAL, &never, NULL);
	return stopper.error;
}

static void setup(void)
{
	bench_setup();
	memset(&stopper, 0, sizeof(stopper));
	signals = 0;
	bench.applier.stop = stop;
}

/* As the worker does it: without SA_RESTART, and again and again, as one may come a moment before
 * the write. It begins with the write that hangs, however long it takes to get there. */
static void arm_timer(struct bench *b, const char *path)
{
	struct sigaction action = {.sa_handler = on_signal};
	struct itimerval timer = {.it_value.tv_usec = 30000, .it_interval.tv_usec = 30000};

	if (strstr(path, b->userdata) == NULL)
		return;
	b->before_write = NULL;
	ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
	ck_assert_int_eq(setitimer(ITIMER_REAL, &timer, NULL), 0);
}

static int release_within(enum step_kind how, uint64_t deadline_usec)
{
	struct device_plan plan;
	int r;

	bench_plan(&plan, &bench_cxl);
	plan.purpose = PLAN_RELEASE;
	plan.deadline_usec = deadline_usec;
	bench_step(&plan, how, NULL);
	bench_step(&plan, STEP_UNBIND_DRIVER, "kmem");
	r = bench_apply(&plan);
	device_plan_done(&plan);
	return r;
}

/* Every write whose path ends so lasts until a signal. */
static void hang(char *path)
{
	char pattern[64];

	snprintf(pattern, sizeof(pattern), "*%s", path);
	fake_kernel_add_fault(bench.root, &(struct fake_kernel_fault){
						  .op = FAKE_KERNEL_WRITE,
						  .action = FAKE_KERNEL_HANG,
						  .times = UINT_MAX,
						  .pattern = pattern,
					  });
	bench.userdata = path;
	bench.before_write = arm_timer;
}

/* The kernel tries a block again and again; only a signal ends that. */
START_TEST(an_offline_that_never_ends)
{
	_cleanup_free_ char *before = NULL, *after = NULL;

	host_online((struct fake_kernel_host){}, "online_movable");
	before = fake_kernel_snapshot(bench.root);
	hang((char[]){"/memory33/state"});
	stopper.error = _i ? -ECANCELED : -ETIMEDOUT;
	ck_assert_int_eq(release_within(STEP_OFFLINE_BLOCKS, 1000000), stopper.error);
	bench_assert_failure(STEP_OFFLINE_BLOCKS, stopper.error,
			     _i ? "offline-blocks of dax0.0 was interrupted: 2 of 4 blocks of "
				  "dax0.0 were offline after "
				: "offline-blocks of dax0.0 did not end within the deadline: 2 of "
				  "4 blocks of dax0.0 were offline after ");
	/* No block was asked that said no, so nobody is to be blamed. */
	ck_assert_ptr_nonnull(strstr(bench.failure.message,
				     " s, and none had refused; memory33 (Movable) had been tried "
				     "for "));
	ck_assert_ptr_nonnull(strstr(bench.failure.message, " s; at this pace the rest takes "));
	ck_assert_ptr_null(strstr(bench.failure.message, "pinned"));
	ck_assert(bench.failure.undone);
	ck_assert(stopper.told);
	after = fake_kernel_snapshot(bench.root);
	ck_assert_str_eq(after, before);
	bench_assert_no_records();
}
END_TEST

/* It is not asked before it is too late, but before the first write. */
START_TEST(stopped_before_it_began)
{
	host_online((struct fake_kernel_host){}, "online_movable");
	stopper.error = -ECANCELED;
	signals = 1;
	ck_assert_int_eq(release_within(STEP_OFFLINE_BLOCKS, 0), -ECANCELED);
	ck_assert_uint_eq(bench_writes(), 0);
	bench_assert_no_records();
}
END_TEST

/* As long as the deadline lasts, what is pinned may be let go. */
START_TEST(rounds_until_the_deadline)
{
	host_online((struct fake_kernel_host){}, "online_movable");
	fake_kernel_pin_block(bench.root, 34, 5);
	stopper.error = -ETIMEDOUT;
	stopper.after = 1000;
	ck_assert_int_eq(release_within(STEP_OFFLINE_BLOCKS, 1000000), 0);
	bench_assert_driver("dax0.0", NULL);
}
END_TEST

START_TEST(until_it_has_passed)
{
	host_online((struct fake_kernel_host){}, "online_movable");
	fake_kernel_pin_block(bench.root, 34, UINT_MAX);
	stopper.error = -ETIMEDOUT;
	stopper.after = 12;
	ck_assert_int_eq(release_within(STEP_OFFLINE_BLOCKS, 1000000), -ETIMEDOUT);
	bench_assert_failure(STEP_OFFLINE_BLOCKS, -ETIMEDOUT,
			     "did not end within the deadline: 1 of 4 blocks of dax0.0 did not go "
			     "offline: memory34 (Movable): EBUSY; pages");
	bench_assert_blocks(&bench_cxl, "online", "Movable");
}
END_TEST

/* A signal that was not meant for the plan is none of its business. */
START_TEST(interrupted_for_nothing)
{
	_cleanup_free_ char *order = NULL;

	host_online((struct fake_kernel_host){}, "online_movable");
	stopper.after = UINT_MAX;
	bench_fault(FAKE_KERNEL_WRITE, 2, 3, NULL, -EINTR);
	ck_assert_int_eq(release_within(STEP_OFFLINE_BLOCKS, 0), 0);
	order = blocks_written("offline");
	ck_assert_str_eq(order, "memory35 memory34 memory34 memory34 memory34 memory33 memory32");
}
END_TEST

START_TEST(an_unplug_that_never_ends)
{
	_cleanup_free_ char *before = NULL, *after = NULL;

	host_online((struct fake_kernel_host){.has_state = true}, "online_movable");
	before = fake_kernel_snapshot(bench.root);
	hang((char[]){"/dax0.0/state"});
	stopper.error = -ETIMEDOUT;
	ck_assert_int_eq(release_within(STEP_UNPLUG, 1000000), -ETIMEDOUT);
	bench_assert_failure(STEP_UNPLUG, -ETIMEDOUT,
			     "unplug of dax0.0 did not end within the deadline: the memory of "
			     "dax0.0 was not unplugged");
	ck_assert(bench.failure.undone);
	after = fake_kernel_snapshot(bench.root);
	ck_assert_str_eq(after, before);
}
END_TEST

/* An unplug that is as good as new when the page is let go. */
START_TEST(an_unplug_is_tried_until_the_deadline)
{
	host_online((struct fake_kernel_host){.has_state = true}, "online_movable");
	fake_kernel_pin_block(bench.root, 34, 5);
	stopper.error = -ETIMEDOUT;
	stopper.after = 1000;
	ck_assert_int_eq(release_within(STEP_UNPLUG, 1000000), 0);
	bench_assert_driver("dax0.0", NULL);
}
END_TEST

TCase *stop_tests(void)
{
	TCase *tcase = tcase_create("stop");

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, setup, bench_teardown);
	tcase_add_loop_test(tcase, an_offline_that_never_ends, 0, 2);
	tcase_add_test(tcase, stopped_before_it_began);
	tcase_add_test(tcase, rounds_until_the_deadline);
	tcase_add_test(tcase, until_it_has_passed);
	tcase_add_test(tcase, interrupted_for_nothing);
	tcase_add_test(tcase, an_unplug_that_never_ends);
	tcase_add_test(tcase, an_unplug_is_tried_until_the_deadline);
	return tcase;
}

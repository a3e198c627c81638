/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Killed at any instant, and started again: always the same end. */
#include <signal.h>
#include <string.h>

#include "base/cleanup.h"
#include "host-wait.h"
#include "suites.h"
#include "test-host.h"
#include "tree.h"

/* One that brings the memory online in the bind, and one that looks at the distance in between and
 * binds anew. */
static const struct scene {
	const char *policy;
	unsigned distance, n_writes;
} scenes[] = {
	{default_policy, 0, 4},
	{"[daemon]\nsettle = 20ms\n[memmap]\nmin-size = 1G\nmax-distance = 25\ndram-budget = 50%\n"
	 "[rule slow]\nmatch-kind = cxl\nmode = system-ram\n",
	 30, 8},
};

#define N_WRITES (4 + 8)

static const struct scene *scene_of(int i, unsigned *ret_nth)
{
	const struct scene *scene = &scenes[i < (int)scenes[0].n_writes ? 0 : 1];

	*ret_nth = (unsigned)i + 1 - (scene == &scenes[1] ? scenes[0].n_writes : 0);
	return scene;
}

static void assert_end(struct test_host *host)
{
	test_host_assert(host, "dax0.0", "Zone", "Movable");
	test_host_assert(host, "dax0.0", "BlocksMovable", "8");
	test_host_assert(host, "dax0.0", "MemmapEffective", "false");
	test_host_assert_file(host, AUTO_ONLINE, "online");
	test_host_assert_file(host, AUTOPROBE, "0");
	ck_assert(!tree_has(host->root, "run/daxtierd/auto-online"));
}

static void kill_worker(int i, enum fake_kernel_action action)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct fake_kernel_fault fault = {.op = FAKE_KERNEL_WRITE, .action = action};
	const struct scene *scene = scene_of(i, &fault.nth);
	struct test_host host;

	device.distance = scene->distance;
	test_host_start(&host, NULL, scene->policy);
	test_host_start_daemon(&host);
	fake_kernel_add_fault(host.root, &fault);
	test_host_add(&host, &device);
	test_host_wait(&host, "dax0.0", "online");
	test_host_assert_logged(&host, "the worker was killed by signal 9");
	assert_end(&host);
	test_host_stop(&host);
}

START_TEST(test_worker_killed_before_a_write)
{
	kill_worker(_i, FAKE_KERNEL_KILL_BEFORE);
}
END_TEST

START_TEST(test_worker_killed_after_a_write)
{
	kill_worker(_i, FAKE_KERNEL_KILL_AFTER);
}
END_TEST

/* The worker is held just before its n-th write, which is just after the one before, while the
 * daemon is killed. */
START_TEST(test_daemon_killed)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct fake_kernel_fault fault = {
		.op = FAKE_KERNEL_WRITE,
		.action = FAKE_KERNEL_STALL,
		.stall_msec = 60000,
	};
	const struct scene *scene = scene_of(_i, &fault.nth);
	struct test_host host;

	device.distance = scene->distance;
	test_host_start(&host, NULL, scene->policy);
	test_host_start_daemon(&host);
	fake_kernel_clear_log(host.root);
	fake_kernel_add_fault(host.root, &fault);
	test_host_add(&host, &device);
	host_wait_writes(&host, fault.nth);
	ck_assert_uint_eq(fake_kernel_count(host.root, FAKE_KERNEL_WRITE), fault.nth);
	test_host_end_daemon(&host, SIGKILL);

	/* Waits for the worker, which dies with the daemon. */
	test_host_restore(&host);
	test_host_assert_file(&host, AUTOPROBE, "1");
	test_host_assert_file(&host, AUTO_ONLINE, "online");

	fake_kernel_clear_faults(host.root);
	test_host_start_daemon(&host);
	test_host_wait(&host, "dax0.0", "online");
	assert_end(&host);
	test_host_stop(&host);
}
END_TEST

/* Without the unit, nobody runs --restore: the next daemon finds the records. */
START_TEST(test_daemon_killed_and_nothing_restored)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct fake_kernel_fault fault = {
		.op = FAKE_KERNEL_WRITE,
		.action = FAKE_KERNEL_STALL,
		.nth = 3, /* auto_online_blocks is held */
		.stall_msec = 60000,
	};
	struct test_host host;

	test_host_start(&host, NULL, NULL);
	test_host_start_daemon(&host);
	fake_kernel_clear_log(host.root);
	fake_kernel_add_fault(host.root, &fault);
	test_host_add(&host, &device);
	host_wait_writes(&host, 3);
	test_host_end_daemon(&host, SIGKILL);
	test_host_assert_file(&host, AUTO_ONLINE, "online_movable");
	test_host_assert_file(&host, AUTOPROBE, "0");

	test_host_start_daemon(&host);
	test_host_wait(&host, "dax0.0", "online");
	assert_end(&host);
	test_host_end_daemon(&host, SIGTERM);
	test_host_assert_file(&host, AUTOPROBE, "1");
	test_host_stop(&host);
}
END_TEST

/* Asked to stop in the middle of a bind: it is finished first. */
START_TEST(test_stop_waits_for_the_worker)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct fake_kernel_fault fault = {
		.op = FAKE_KERNEL_WRITE,
		.action = FAKE_KERNEL_STALL,
		.nth = 3,
		.stall_msec = 700,
	};
	struct test_host host;

	test_host_start(&host, NULL, NULL);
	test_host_start_daemon(&host);
	fake_kernel_clear_log(host.root);
	fake_kernel_add_fault(host.root, &fault);
	test_host_add(&host, &device);
	host_wait_writes(&host, 3);
	test_host_end_daemon(&host, SIGTERM);
	test_host_assert_logged(&host, "have finished");
	test_host_assert_file(&host, AUTOPROBE, "1");
	test_host_assert_file(&host, AUTO_ONLINE, "online");
	test_host_start_daemon(&host);
	test_host_wait(&host, "dax0.0", "online");
	test_host_assert(&host, "dax0.0", "BlocksMovable", "8");
	test_host_stop(&host);
}
END_TEST

static TCase *add_case(Suite *suite, const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_set_timeout(tcase, 120);
	suite_add_tcase(suite, tcase);
	return tcase;
}

Suite *suite_crash(void)
{
	Suite *suite = suite_create("crash");
	TCase *tcase;

	tcase = add_case(suite, "worker-killed-before");
	tcase_add_loop_test(tcase, test_worker_killed_before_a_write, 0, N_WRITES);
	tcase = add_case(suite, "worker-killed-after");
	tcase_add_loop_test(tcase, test_worker_killed_after_a_write, 0, N_WRITES);
	tcase = add_case(suite, "daemon-killed");
	tcase_add_loop_test(tcase, test_daemon_killed, 0, N_WRITES);
	tcase_add_test(tcase, test_daemon_killed_and_nothing_restored);
	tcase = add_case(suite, "stop");
	tcase_add_test(tcase, test_stop_waits_for_the_worker);
	return suite;
}

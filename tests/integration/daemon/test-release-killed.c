/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Killed in the middle of a release. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>

#include "base/cleanup.h"
#include "request-host.h"
#include "suites.h"
#include "tree.h"

static void kill_worker(enum fake_kernel_action action, unsigned nth)
{
	const struct fake_kernel_fault fault = {
		.op = FAKE_KERNEL_WRITE,
		.action = action,
		.nth = nth,
	};
	struct pending_call call;
	struct test_host host;

	request_start_online(&host, NULL);
	fake_kernel_add_fault(host.root, &fault);
	pending_release(&call, &host, "dax0.0", false, 0);
	pending_assert_failed(&call, "StepFailed", "ended without a result");
	test_host_assert_logged(&host, "the worker was killed by signal 9");
	request_assert_online(&host);
	test_host_stop(&host);
}

START_TEST(test_worker_killed_before_a_write)
{
	kill_worker(FAKE_KERNEL_KILL_BEFORE, (unsigned)_i + 1);
}
END_TEST

START_TEST(test_worker_killed_after_a_write)
{
	kill_worker(FAKE_KERNEL_KILL_AFTER, (unsigned)_i + 1);
}
END_TEST

/* It did not live to say that it was done; to bring the memory back is not what was asked for. */
START_TEST(test_worker_killed_after_the_last_write)
{
	const struct fake_kernel_fault fault = {
		.op = FAKE_KERNEL_WRITE,
		.action = FAKE_KERNEL_KILL_AFTER,
		.nth = N_RELEASE_WRITES,
	};
	struct test_host host;

	request_start_online(&host, NULL);
	fake_kernel_add_fault(host.root, &fault);
	request_release_it(&host);
	test_host_assert_logged(&host, "the worker was killed by signal 9");
	g_usleep(200000);
	request_assert_released(&host);
	test_host_stop(&host);
}
END_TEST

/* The worker is held just before its n-th write, which is just after the one before. */
START_TEST(test_daemon_killed)
{
	const struct fake_kernel_fault fault = {
		.op = FAKE_KERNEL_WRITE,
		.action = FAKE_KERNEL_STALL,
		.nth = (unsigned)_i + 1,
		.stall_msec = 60000,
	};
	struct pending_call call;
	struct test_host host;

	request_start_online(&host, NULL);
	fake_kernel_add_fault(host.root, &fault);
	pending_release(&call, &host, "dax0.0", false, 0);
	request_wait_for_writes(&host, fault.nth);
	test_host_end_daemon(&host, SIGKILL);
	pending_drop(&call);
	test_host_restore(&host);
	test_host_assert_file(&host, AUTOPROBE, "1");
	for (unsigned block = FIRST_BLOCK; block <= LAST_BLOCK; block++) {
		_cleanup_free_ char *path = NULL;

		ck_assert_int_gt(asprintf(&path, "sys/devices/system/memory/memory%u/state", block),
				 0);
		test_host_assert_file(&host, path, "online");
	}
	fake_kernel_clear_faults(host.root);
	test_host_start_daemon(&host);
	request_assert_online(&host);
	test_host_stop(&host);
}
END_TEST

Suite *suite_release_killed(void)
{
	Suite *suite = suite_create("release-killed");
	TCase *tcase;

	tcase = request_add_case(suite, "release-killed");
	tcase_add_loop_test(tcase, test_worker_killed_before_a_write, 0, N_RELEASE_WRITES);
	tcase_add_loop_test(tcase, test_worker_killed_after_a_write, 0, N_RELEASE_WRITES - 1);
	tcase_add_test(tcase, test_worker_killed_after_the_last_write);
	tcase_add_loop_test(tcase, test_daemon_killed, 0, N_RELEASE_WRITES);
	return suite;
}

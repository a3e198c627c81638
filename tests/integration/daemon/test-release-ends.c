/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A release that is not to be, or is ended: what was done is put back, and it is answered. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>

#include "base/cleanup.h"
#include "request-host.h"
#include "suites.h"
#include "tree.h"

START_TEST(test_refused)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct pending_call call;
	struct test_host host;

	test_host_start(&host, NULL, "[daemon]\nsettle = 20ms\n[rule no]\nmode = ignore\n");
	test_host_start_daemon(&host);
	pending_release(&call, &host, "dax0.0", false, 0);
	pending_assert_failed(&call, "NoSuchDevice", "dax0.0");
	device.kind = FAKE_KERNEL_PMEM;
	test_host_add(&host, &device);
	test_host_wait(&host, "dax0.0", "unmanaged");
	pending_release(&call, &host, "dax0.0", false, 0);
	pending_assert_failed(&call, "Refused", "bound to device_dax");
	/* Nothing of it is left. */
	test_host_wait(&host, "dax0.0", "unmanaged");
	pending_apply(&call, &host, "dax0.0", false);
	pending_assert_done(&call);
	test_host_stop(&host);
}
END_TEST

START_TEST(test_busy)
{
	struct pending_call first, second;
	struct test_host host;

	request_start_online(&host, NULL);
	request_hang_at(&host, "*/memory515/state");
	pending_release(&first, &host, "dax0.0", false, SECOND);
	request_wait_for_writes(&host, 4);
	pending_release(&second, &host, "dax0.0", false, 0);
	pending_assert_failed(&second, "Busy", "dax0.0");
	pending_assert_failed(&first, "Deadline", "");
	request_assert_online(&host);
	test_host_stop(&host);
}
END_TEST

START_TEST(test_deadline)
{
	_cleanup_free_ char *before = NULL, *after = NULL;
	struct pending_call call;
	struct test_host host;

	request_start_online(&host, NULL);
	before = fake_kernel_snapshot(host.root);
	request_hang_at(&host, "*/memory512/state");
	pending_release(&call, &host, "dax0.0", false, SECOND / 2);
	pending_assert_told(&call, "", "offline-blocks", "");
	pending_assert_failed(&call, "Deadline", "offline-blocks");
	request_assert_online(&host);
	after = fake_kernel_snapshot(host.root);
	ck_assert_str_eq(before, after);
	test_host_assert_logged(&host, "not released");
	test_host_assert(&host, "dax0.0", "LastError", "");
	/* It is as if nothing had been: the next one may succeed. */
	fake_kernel_clear_faults(host.root);
	request_release_it(&host);
	request_assert_released(&host);
	test_host_stop(&host);
}
END_TEST

START_TEST(test_a_block_that_stays)
{
	_cleanup_free_ char *before = NULL, *after = NULL;
	struct pending_call call;
	struct test_host host;

	request_start_online(&host, NULL);
	before = fake_kernel_snapshot(host.root);
	fake_kernel_pin_block(host.root, 514, UINT_MAX);
	pending_release(&call, &host, "dax0.0", false, 0);
	pending_assert_told(&call, "EBUSY", "offline-blocks", "memory514");
	pending_assert_failed(&call, "StepFailed", "514");
	request_assert_online(&host);
	fake_kernel_pin_block(host.root, 514, 0);
	after = fake_kernel_snapshot(host.root);
	ck_assert_str_eq(before, after);
	test_host_stop(&host);
}
END_TEST

START_TEST(test_canceled)
{
	struct pending_call releasing, applying;
	struct test_host host;

	request_start_online(&host, NULL);
	request_hang_at(&host, "*/memory514/state");
	pending_release(&releasing, &host, "dax0.0", false, 0);
	request_wait_for_writes(&host, 5);
	test_host_wait(&host, "dax0.0", "releasing");
	pending_apply(&applying, &host, "dax0.0", false);
	pending_assert_told(&releasing, "", "offline-blocks", "");
	pending_assert_failed(&releasing, "Canceled", "offline-blocks");
	pending_assert_done(&applying);
	request_assert_online(&host);
	test_host_stop(&host);
}
END_TEST

/* Before it has begun: another device has its turn. */
START_TEST(test_canceled_in_the_queue)
{
	const struct fake_kernel_fault stall = {
		.op = FAKE_KERNEL_WRITE,
		.action = FAKE_KERNEL_STALL,
		.stall_msec = 1500,
		.pattern = "*/dax1.0/memmap_on_memory",
	};
	struct fake_kernel_device other = test_device("dax1.0");
	struct pending_call releasing, late, applying;
	struct test_host host;

	request_start_online(&host, NULL);
	fake_kernel_add_fault(host.root, &stall);
	test_host_add(&host, &other);
	test_host_wait(&host, "dax1.0", "applying");
	pending_release(&releasing, &host, "dax0.0", false, 0);
	pending_apply(&applying, &host, "dax0.0", false);
	pending_assert_failed(&releasing, "Canceled", "before anything was done");
	/* The time that it waits counts. */
	pending_assert_done(&applying);
	pending_release(&late, &host, "dax0.0", false, 1000);
	pending_assert_failed(&late, "Deadline", "");
	test_host_wait(&host, "dax1.0", "online");
	request_assert_online(&host);
	test_host_stop(&host);
}
END_TEST

/* In the queue its time passes as well; and who looks is told for whom it waits. */
START_TEST(test_deadline_in_the_queue)
{
	struct fake_kernel_device other = test_device("dax1.0");
	struct pending_call call;
	struct test_host host;

	request_start_online(&host, NULL);
	/* Time enough to see it wait, and to see the other one go on when that is over. */
	request_stall_at(&host, "*/dax1.0/memmap_on_memory", 6000);
	test_host_add(&host, &other);
	test_host_wait(&host, "dax1.0", "applying");
	pending_release(&call, &host, "dax0.0", false, 2 * SECOND);
	test_host_wait(&host, "dax0.0", "pending");
	test_host_assert_like(&host, "dax0.0", "StateDetail",
			      "waiting for dax1.0, which is being configured since ");
	pending_assert_failed(&call, "Deadline", "it waited for dax1.0, which is being configured");
	test_host_assert(&host, "dax1.0", "State", "applying");
	test_host_wait(&host, "dax0.0", "online");
	test_host_assert(&host, "dax0.0", "StateDetail", "");
	test_host_wait(&host, "dax1.0", "online");
	request_assert_online(&host);
	test_host_stop(&host);
}
END_TEST

START_TEST(test_daemon_stops)
{
	struct pending_call call;
	struct test_host host;

	request_start_online(&host, NULL);
	request_hang_at(&host, "*/memory514/state");
	pending_release(&call, &host, "dax0.0", false, 0);
	request_wait_for_writes(&host, 5);
	test_host_end_daemon(&host, SIGTERM);
	pending_assert_failed(&call, "Canceled", "");
	test_host_assert_file(&host, BLOCK("519"), "online");
	ck_assert(!tree_has(host.root, "run/daxtierd/offlined"));
	fake_kernel_clear_faults(host.root);
	test_host_start_daemon(&host);
	request_assert_online(&host);
	test_host_stop(&host);
}
END_TEST

/* Who has asked need not wait for it. */
START_TEST(test_client_leaves)
{
	const struct fake_kernel_fault stall = {
		.op = FAKE_KERNEL_WRITE,
		.action = FAKE_KERNEL_STALL,
		.stall_msec = 1500,
		.pattern = "*/memory519/state",
	};
	struct process_result result;
	struct test_host host;

	request_start_online(&host, NULL);
	fake_kernel_add_fault(host.root, &stall);
	test_host_ctl(&host, &result,
		      (const char *[]){"busctl", "--system", "--timeout=1", "call", "org.daxtier1",
				       "/org/daxtier1", "org.daxtier1.Manager", "Release", "sbt",
				       "dax0.0", "false", "0", NULL});
	ck_assert_int_ne(result.status, 0);
	process_result_done(&result);
	request_assert_released(&host);
	test_host_stop(&host);
}
END_TEST

/* The name of its device is another one's by then. */
START_TEST(test_device_leaves)
{
	const struct fake_kernel_fault stall = {
		.op = FAKE_KERNEL_WRITE,
		.action = FAKE_KERNEL_STALL,
		.stall_msec = 1500,
		.pattern = "*/dax1.0/memmap_on_memory",
	};
	struct fake_kernel_device other = test_device("dax1.0");
	struct pending_call call;
	struct test_host host;

	other.region = "region1"; /* not the one that goes */
	request_start_online(&host, NULL);
	fake_kernel_add_fault(host.root, &stall);
	test_host_add(&host, &other);
	test_host_wait(&host, "dax1.0", "applying");
	pending_release(&call, &host, "dax0.0", false, 0);
	g_usleep(100000);
	test_host_remove(&host, "dax0.0");
	pending_assert_failed(&call, "NoSuchDevice", "left");
	test_host_wait(&host, "dax1.0", "online");
	test_host_stop(&host);
}
END_TEST

/* Under its worker: there is nothing that could be tried again. */
START_TEST(test_device_leaves_in_the_middle)
{
	struct pending_call call;
	struct test_host host;

	request_start_online(&host, NULL);
	request_stall_at(&host, "*/memory515/state", 1000);
	pending_release(&call, &host, "dax0.0", false, 0);
	request_wait_for_writes(&host, 4);
	test_host_remove(&host, "dax0.0");
	pending_assert_failed(&call, "NoSuchDevice", "dax0.0 has left");
	test_host_stop(&host);
}
END_TEST

/* Not the policy's business, as nothing is to be bound; but that of who gives it up. */
START_TEST(test_held_open)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct process_result result;
	struct pending_call call;
	struct test_host host;

	test_host_start(&host, NULL, "[daemon]\nsettle = 20ms\n[rule db]\nmode = devdax\n");
	test_host_start_daemon(&host);
	test_host_add(&host, &device);
	test_host_wait(&host, "dax0.0", "devdax");
	fake_kernel_start_process(host.root, 4711, "postgres", "dax0.0", FAKE_KERNEL_MAPPED);
	test_host_ctl(&host, &result,
		      (const char *[]){"busctl", "--system", "--json=short", "call", "org.daxtier1",
				       "/org/daxtier1", "org.daxtier1.Manager", "Rehearse", "sb",
				       "dax0.0", "true", NULL});
	ck_assert_msg(result.status == 0, "%s", result.err);
	ck_assert_msg(strstr(result.out, "mapped by 4711 (postgres)") != NULL, "%s", result.out);
	process_result_done(&result);
	pending_release(&call, &host, "dax0.0", true, 0);
	pending_assert_failed(&call, "Refused", "mapped by 4711 (postgres)");
	test_host_stop(&host);
}
END_TEST

Suite *suite_release_ends(void)
{
	Suite *suite = suite_create("release-ends");
	TCase *tcase;

	tcase = request_add_case(suite, "release-ends");
	tcase_add_test(tcase, test_refused);
	tcase_add_test(tcase, test_busy);
	tcase_add_test(tcase, test_deadline);
	tcase_add_test(tcase, test_a_block_that_stays);
	tcase_add_test(tcase, test_canceled);
	tcase_add_test(tcase, test_canceled_in_the_queue);
	tcase_add_test(tcase, test_deadline_in_the_queue);
	tcase_add_test(tcase, test_daemon_stops);
	tcase_add_test(tcase, test_client_leaves);
	tcase_add_test(tcase, test_device_leaves);
	tcase_add_test(tcase, test_device_leaves_in_the_middle);
	tcase_add_test(tcase, test_held_open);
	return suite;
}

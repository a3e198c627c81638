/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Apply: what is asked for is carried out once, and answered when that is over. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "request-host.h"
#include "suites.h"
#include "tree.h"

static const char zone_policy[] = "[daemon]\nsettle = 20ms\nconvert = never\n"
				  "[rule slow]\nmatch-kind = cxl, hmem\nmode = system-ram\n";

static unsigned count_logged(struct test_host *host, const char *words)
{
	_cleanup_free_ char *log = test_host_log(host);
	unsigned n = 0;

	for (const char *at = log; (at = strstr(at, words)); at++)
		n++;
	return n;
}

/* Online before the daemon was there, in the wrong zone. */
START_TEST(test_force)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct pending_call call;
	struct test_host host;

	test_host_start(&host, NULL, zone_policy);
	test_host_add_silently(&host, &device);
	test_host_start_daemon(&host);
	test_host_wait(&host, "dax0.0", "mismatch");
	pending_apply(&call, &host, "dax0.0", false);
	pending_assert_told(&call, "", "", "");
	pending_assert_failed(&call, "Refused", "convert = never");
	test_host_assert(&host, "dax0.0", "State", "mismatch");
	pending_apply(&call, &host, "dax0.0", true);
	pending_assert_done(&call);
	request_assert_online(&host);
	test_host_stop(&host);
}
END_TEST

START_TEST(test_force_fails)
{
	struct fake_kernel_device device = test_device("dax0.0");
	_cleanup_free_ char *before = NULL, *after = NULL;
	struct pending_call call;
	struct test_host host;

	test_host_start(&host, NULL, zone_policy);
	test_host_add_silently(&host, &device);
	test_host_start_daemon(&host);
	test_host_wait(&host, "dax0.0", "mismatch");
	before = fake_kernel_snapshot(host.root);
	fake_kernel_pin_block(host.root, 514, UINT_MAX);
	pending_apply(&call, &host, "dax0.0", true);
	pending_assert_told(&call, "EBUSY", "offline-blocks", "memory514");
	pending_assert_failed(&call, "StepFailed", "514");
	test_host_wait(&host, "dax0.0", "failed");
	test_host_assert(&host, "dax0.0", "LastErrorStep", "offline-blocks");
	test_host_assert_like(&host, "dax0.0", "Reason", "zone Normal");
	fake_kernel_pin_block(host.root, 514, 0);
	after = fake_kernel_snapshot(host.root);
	ck_assert_str_eq(before, after);
	/* Not again by itself. */
	fake_kernel_clear_log(host.root);
	g_usleep(1500000);
	ck_assert_uint_eq(fake_kernel_count(host.root, FAKE_KERNEL_WRITE), 0);
	test_host_stop(&host);
}
END_TEST

/* Taking memory in use offline is a burden: what fails after that is not tried again either. */
START_TEST(test_conversion_fails_later)
{
	const struct fake_kernel_fault fault = {
		.op = FAKE_KERNEL_WRITE,
		.action = FAKE_KERNEL_FAIL,
		.error = -EBUSY, /* which is tried again elsewhere */
		.pattern = "*/kmem/bind",
	};
	struct fake_kernel_device device = test_device("dax0.0");
	_cleanup_free_ char *before = NULL, *after = NULL;
	struct test_host host;

	test_host_start(&host, NULL, zone_policy);
	test_host_add_silently(&host, &device);
	test_host_start_daemon(&host);
	test_host_wait(&host, "dax0.0", "mismatch");
	before = fake_kernel_snapshot(host.root);
	fake_kernel_add_fault(host.root, &fault);
	test_host_put_policy(&host, "[daemon]\nsettle = 20ms\nconvert = always\n"
				    "[rule slow]\nmatch-kind = cxl\nmode = system-ram\n");
	ck_assert_ptr_null(test_host_reload(&host));
	test_host_wait(&host, "dax0.0", "failed");
	test_host_assert(&host, "dax0.0", "LastErrorStep", "bind-kmem");
	fake_kernel_clear_log(host.root);
	g_usleep(1500000);
	ck_assert_uint_eq(fake_kernel_count(host.root, FAKE_KERNEL_WRITE), 0);
	after = fake_kernel_snapshot(host.root);
	ck_assert_str_eq(before, after);
	ck_assert_ptr_null(test_host_reload(&host));
	request_assert_online(&host);
	test_host_stop(&host);
}
END_TEST

/* What has failed is tried again, and the answer says how that went. */
START_TEST(test_apply_after_a_failure)
{
	const struct fake_kernel_fault fault = {
		.op = FAKE_KERNEL_WRITE,
		.action = FAKE_KERNEL_FAIL,
		.times = 3,
		.error = -EIO,
		.pattern = "*/kmem/bind",
	};
	struct fake_kernel_device device = test_device("dax0.0");
	struct pending_call call;
	struct test_host host;

	test_host_start(&host, NULL, NULL);
	test_host_start_daemon(&host);
	fake_kernel_add_fault(host.root, &fault);
	test_host_add(&host, &device);
	test_host_wait(&host, "dax0.0", "failed");
	pending_apply(&call, &host, "dax0.0", false);
	pending_assert_told(&call, "EIO", "bind-kmem", "kmem/bind");
	pending_assert_failed(&call, "StepFailed", "bind-kmem");
	test_host_wait(&host, "dax0.0", "failed");
	pending_apply(&call, &host, "", false);
	pending_assert_told(&call, "EIO", "bind-kmem", "kmem/bind");
	pending_assert_failed(&call, "StepFailed", "dax0.0: bind-kmem");
	test_host_wait(&host, "dax0.0", "failed");
	request_apply_it(&host, "");
	request_assert_online(&host);
	test_host_stop(&host);
}
END_TEST

/* Until it is killed. */
__attribute__((noreturn)) static void oppose(struct test_host *host,
					     void (*undo)(struct test_host *), unsigned answered)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		if (count_logged(host, "steps carried out") > answered) {
			undo(host);
			answered++;
		}
		g_usleep(5000);
	}
}

/*
 * Another agent, faster than a look, undoes whatever the daemon says that it has carried out. The
 * time is there because each look is held for a while before it sees the blocks.
 */
static pid_t start_opponent(struct test_host *host, void (*undo)(struct test_host *))
{
	const struct fake_kernel_fault stall = {
		.op = FAKE_KERNEL_READ,
		.action = FAKE_KERNEL_STALL,
		.times = UINT_MAX,
		.stall_msec = 200,
		.pattern = "*/block_size_bytes",
	};
	unsigned answered = 0;
	pid_t pid;

	fake_kernel_add_fault(host->root, &stall);
	answered = count_logged(host, "steps carried out");
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		oppose(host, undo, answered);
	return pid;
}

static void stop_opponent(pid_t pid)
{
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

static void put_in_another_zone(struct test_host *host)
{
	fake_kernel_write(host->root, BLOCK("515"), "offline");
	fake_kernel_write(host->root, BLOCK("515"), "online_kernel");
}

static void unbind(struct test_host *host)
{
	for (unsigned block = FIRST_BLOCK; block <= LAST_BLOCK; block++) {
		_cleanup_free_ char *path = NULL;

		if (asprintf(&path, "sys/devices/system/memory/memory%u/state", block) < 0)
			_exit(EXIT_FAILURE);
		fake_kernel_write(host->root, path, "offline");
	}
	fake_kernel_write(host->root, UNBIND, "dax0.0");
}

/* What was asked for once is not carried out twice: each time takes memory offline. */
START_TEST(test_forced_once)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct pending_call call;
	struct test_host host;
	pid_t opponent;

	test_host_start(&host, NULL, zone_policy);
	test_host_add_silently(&host, &device);
	test_host_start_daemon(&host);
	test_host_wait(&host, "dax0.0", "mismatch");
	opponent = start_opponent(&host, put_in_another_zone);
	pending_apply(&call, &host, "dax0.0", true);
	pending_assert_failed(&call, "Refused", "convert = never");
	g_usleep(500000);
	stop_opponent(opponent);
	ck_assert_uint_eq(count_logged(&host, "steps carried out"), 1);
	test_host_stop(&host);
}
END_TEST

/* Whoever waits for it is told when it is given up. */
START_TEST(test_given_up)
{
	struct pending_call call;
	struct test_host host;
	unsigned before;
	pid_t opponent;

	request_start_online(&host, NULL);
	request_release_it(&host);
	before = count_logged(&host, "steps carried out");
	opponent = start_opponent(&host, unbind);
	pending_apply(&call, &host, "dax0.0", false);
	pending_assert_told(&call, "", "verify", "");
	pending_assert_failed(&call, "StepFailed", "another agent");
	g_usleep(1000000);
	stop_opponent(opponent);
	ck_assert_uint_eq(count_logged(&host, "steps carried out"), before + 8);
	test_host_assert(&host, "dax0.0", "State", "failed");
	test_host_stop(&host);
}
END_TEST

/* What it waits for may pass: that is not the moment to refuse. */
START_TEST(test_waits_with_the_device)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct pending_call call;
	struct test_host host;

	test_host_start(&host, NULL, NULL);
	test_host_start_daemon(&host);
	test_host_add(&host, &device);
	test_host_wait(&host, "dax0.0", "online");
	tree_put(host.root, BLOCK("514"), "going-offline\n");
	pending_apply(&call, &host, "dax0.0", false);
	test_host_wait(&host, "dax0.0", "pending");
	g_usleep(300000);
	tree_put(host.root, BLOCK("514"), "online\n");
	pending_assert_done(&call);
	test_host_stop(&host);
}
END_TEST

/* A policy that would not begin it does not let it go on, and it is as it was. */
START_TEST(test_reload_ends_a_conversion)
{
	struct fake_kernel_device device = test_device("dax0.0");
	_cleanup_free_ char *before = NULL, *after = NULL;
	struct pending_call call;
	struct test_host host;

	test_host_start(&host, NULL, zone_policy);
	test_host_add_silently(&host, &device);
	test_host_start_daemon(&host);
	test_host_wait(&host, "dax0.0", "mismatch");
	before = fake_kernel_snapshot(host.root);
	fake_kernel_clear_log(host.root);
	request_hang_at(&host, "*/memory514/state");
	test_host_put_policy(&host, "[daemon]\nsettle = 20ms\nconvert = always\n"
				    "[rule slow]\nmatch-kind = cxl\nmode = system-ram\n");
	ck_assert_ptr_null(test_host_reload(&host));
	request_wait_for_writes(&host, 5);
	test_host_put_policy(&host, zone_policy);
	ck_assert_ptr_null(test_host_reload(&host));
	test_host_wait(&host, "dax0.0", "mismatch");
	test_host_assert_like(&host, "dax0.0", "Reason", "convert = never");
	test_host_assert_logged(&host, "interrupted at offline-blocks");
	fake_kernel_clear_faults(host.root);
	after = fake_kernel_snapshot(host.root);
	ck_assert_str_eq(before, after);

	/* What an operator has asked for goes on. */
	fake_kernel_clear_log(host.root);
	request_stall_at(&host, "*/memory514/state", 1000);
	pending_apply(&call, &host, "dax0.0", true);
	request_wait_for_writes(&host, 5);
	ck_assert_ptr_null(test_host_reload(&host));
	pending_assert_done(&call);
	request_assert_online(&host);
	test_host_stop(&host);
}
END_TEST

Suite *suite_apply(void)
{
	Suite *suite = suite_create("apply");
	TCase *tcase;

	tcase = request_add_case(suite, "apply");
	tcase_add_test(tcase, test_force);
	tcase_add_test(tcase, test_force_fails);
	tcase_add_test(tcase, test_conversion_fails_later);
	tcase_add_test(tcase, test_apply_after_a_failure);
	tcase_add_test(tcase, test_forced_once);
	tcase_add_test(tcase, test_given_up);
	tcase_add_test(tcase, test_waits_with_the_device);
	tcase_add_test(tcase, test_reload_ends_a_conversion);
	return suite;
}

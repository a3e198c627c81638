/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Release and Apply: what is asked for is carried out, or put back, and answered when that is over.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>

#include "base/cleanup.h"
#include "fake-kernel-offline.h"
#include "pending-call.h"
#include "suites.h"
#include "test-host.h"
#include "tree.h"

#define FIRST_BLOCK 512 /* of test_device("dax0.0"), at 64 GiB */
#define LAST_BLOCK  519
#define SECOND	    UINT64_C(1000000)

#define BLOCK(n)     "sys/devices/system/memory/memory" n "/state"
#define UNBIND	     "sys/bus/dax/drivers/kmem/unbind"
#define UNBIND_WRITE UNBIND " dax0.0"

static const char *const release_writes[] = {BLOCK("519") " offline",
					     BLOCK("518") " offline",
					     BLOCK("517") " offline",
					     BLOCK("516") " offline",
					     BLOCK("515") " offline",
					     BLOCK("514") " offline",
					     BLOCK("513") " offline",
					     BLOCK("512") " offline",
					     UNBIND_WRITE,
					     NULL};
#define N_RELEASE_WRITES 9

static void start_online(struct test_host *host, const char *policy)
{
	struct fake_kernel_device device = test_device("dax0.0");

	test_host_start(host, NULL, policy);
	test_host_start_daemon(host);
	test_host_add(host, &device);
	test_host_wait(host, "dax0.0", "online");
	fake_kernel_clear_log(host->root);
}

static void assert_online(struct test_host *host)
{
	test_host_wait(host, "dax0.0", "online");
	test_host_assert(host, "dax0.0", "BlocksMovable", "8");
	test_host_assert(host, "dax0.0", "Zone", "Movable");
	test_host_assert(host, "dax0.0", "Driver", "kmem");
	ck_assert(!tree_has(host->root, "run/daxtierd/offlined"));
	ck_assert(!tree_has(host->root, "run/daxtierd/released"));
}

static void assert_released(struct test_host *host)
{
	test_host_wait(host, "dax0.0", "released");
	test_host_assert(host, "dax0.0", "Driver", "");
	test_host_assert(host, "dax0.0", "BlocksOnline", "0");
	ck_assert(!tree_has(host->root, "run/daxtierd/offlined"));
}

static void release(struct test_host *host)
{
	struct pending_call call;

	pending_release(&call, host, "dax0.0", false, 0);
	pending_assert_done(&call);
}

static void apply(struct test_host *host, const char *device)
{
	struct pending_call call;

	pending_apply(&call, host, device, false);
	pending_assert_done(&call);
}

static void hang_at(struct test_host *host, const char *pattern)
{
	const struct fake_kernel_fault fault = {
		.op = FAKE_KERNEL_WRITE,
		.action = FAKE_KERNEL_HANG,
		.times = UINT_MAX,
		.pattern = pattern,
	};

	fake_kernel_add_fault(host->root, &fault);
}

/* The write that hangs is not over, so it is not counted; the seven before it are. */
static void wait_for_writes(struct test_host *host, unsigned n)
{
	for (int i = 0; i < 1000 && fake_kernel_count(host->root, FAKE_KERNEL_WRITE) < n; i++)
		g_usleep(10000);
	ck_assert_uint_ge(fake_kernel_count(host->root, FAKE_KERNEL_WRITE), n);
}

START_TEST(test_released)
{
	struct test_host host;

	start_online(&host, NULL);
	release(&host);
	test_host_assert_writes(&host, release_writes);
	assert_released(&host);
	ck_assert(strv_contains(&host.changes, "dax0.0 releasing"));
	test_host_assert_logged(&host, "dax0.0: plan of 2 steps carried out");

	/* It stays so, whatever happens around it, and a second time there is nothing to do. */
	test_host_device_event(&host, "dax0.0", "change");
	g_usleep(200000);
	release(&host);
	ck_assert_ptr_null(test_host_reload(&host));
	g_usleep(200000);
	assert_released(&host);
	test_host_assert_writes(&host, release_writes);

	apply(&host, "dax0.0");
	assert_online(&host);
	test_host_stop(&host);
}
END_TEST

START_TEST(test_apply_of_all_ends_releases)
{
	struct test_host host;

	start_online(&host, NULL);
	release(&host);
	apply(&host, "");
	assert_online(&host);
	test_host_stop(&host);
}
END_TEST

START_TEST(test_released_until_its_rule_changes)
{
	struct test_host host;

	start_online(&host, NULL);
	release(&host);
	/* Another file, another name, the same rule. */
	test_host_put_policy(&host, "[daemon]\nsettle = 30ms\n"
				    "[rule slower]\nmatch-kind = cxl, hmem\nmode = system-ram\n");
	ck_assert_ptr_null(test_host_reload(&host));
	g_usleep(200000);
	assert_released(&host);
	test_host_put_policy(&host, "[daemon]\nsettle = 20ms\n"
				    "[rule slow]\nmatch-kind = cxl\nmode = system-ram\n");
	ck_assert_ptr_null(test_host_reload(&host));
	assert_online(&host);
	test_host_stop(&host);
}
END_TEST

START_TEST(test_released_until_replugged)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;

	start_online(&host, NULL);
	release(&host);
	test_host_remove(&host, "dax0.0");
	test_host_wait_gone(&host, "dax0.0");
	test_host_add(&host, &device);
	assert_online(&host);
	test_host_stop(&host);
}
END_TEST

START_TEST(test_released_over_a_restart)
{
	struct test_host host;

	start_online(&host, NULL);
	release(&host);
	for (int i = 0; i < 2; i++) {
		test_host_end_daemon(&host, i ? SIGKILL : SIGTERM);
		test_host_restore(&host);
		test_host_start_daemon(&host);
		g_usleep(200000);
		assert_released(&host);
	}
	test_host_end_daemon(&host, SIGTERM);
	test_host_put_policy(&host, "[daemon]\nsettle = 20ms\n"
				    "[rule slow]\nmatch-kind = cxl\nmode = system-ram\n");
	test_host_start_daemon(&host);
	assert_online(&host);
	test_host_stop(&host);
}
END_TEST

/* Another card in the same slot while the daemon was away. */
START_TEST(test_released_is_one_device)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;

	start_online(&host, NULL);
	release(&host);
	test_host_end_daemon(&host, SIGTERM);
	fake_kernel_remove_device(host.root, "dax0.0");
	device.serials[0] = 0xbcd;
	fake_kernel_add_device(host.root, &device); /* the kernel brings it online by itself */
	test_host_start_daemon(&host);
	test_host_wait(&host, "dax0.0", "mismatch");
	test_host_assert_like(&host, "dax0.0", "Reason", "zone Normal");
	test_host_stop(&host);
}
END_TEST

/* A list that makes no sense stops nothing. */
START_TEST(test_released_list_is_damaged)
{
	static const char *const texts[] = {"", "{}", "[{\"Device\":\"dax0.0\"}]", "[7,null]", "["};
	struct test_host host;

	start_online(&host, NULL);
	release(&host);
	test_host_end_daemon(&host, SIGTERM);
	tree_put(host.root, "run/daxtierd/released", texts[_i]);
	test_host_start_daemon(&host);
	assert_online(&host);
	test_host_stop(&host);
}
END_TEST

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

	start_online(&host, NULL);
	hang_at(&host, "*/memory515/state");
	pending_release(&first, &host, "dax0.0", false, SECOND);
	wait_for_writes(&host, 4);
	pending_release(&second, &host, "dax0.0", false, 0);
	pending_assert_failed(&second, "Busy", "dax0.0");
	pending_assert_failed(&first, "Deadline", "");
	assert_online(&host);
	test_host_stop(&host);
}
END_TEST

START_TEST(test_deadline)
{
	_cleanup_free_ char *before = NULL, *after = NULL;
	struct pending_call call;
	struct test_host host;

	start_online(&host, NULL);
	before = fake_kernel_snapshot(host.root);
	hang_at(&host, "*/memory512/state");
	pending_release(&call, &host, "dax0.0", false, SECOND / 2);
	pending_assert_failed(&call, "Deadline", "offline-blocks");
	assert_online(&host);
	after = fake_kernel_snapshot(host.root);
	ck_assert_str_eq(before, after);
	test_host_assert_logged(&host, "not released");
	test_host_assert(&host, "dax0.0", "LastError", "");
	/* It is as if nothing had been: the next one may succeed. */
	fake_kernel_clear_faults(host.root);
	release(&host);
	assert_released(&host);
	test_host_stop(&host);
}
END_TEST

START_TEST(test_a_block_that_stays)
{
	_cleanup_free_ char *before = NULL, *after = NULL;
	struct pending_call call;
	struct test_host host;

	start_online(&host, NULL);
	before = fake_kernel_snapshot(host.root);
	fake_kernel_pin_block(host.root, 514, UINT_MAX);
	pending_release(&call, &host, "dax0.0", false, 0);
	pending_assert_failed(&call, "StepFailed", "514");
	assert_online(&host);
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

	start_online(&host, NULL);
	hang_at(&host, "*/memory514/state");
	pending_release(&releasing, &host, "dax0.0", false, 0);
	wait_for_writes(&host, 5);
	test_host_wait(&host, "dax0.0", "releasing");
	pending_apply(&applying, &host, "dax0.0", false);
	pending_assert_failed(&releasing, "Canceled", "offline-blocks");
	pending_assert_done(&applying);
	assert_online(&host);
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

	start_online(&host, NULL);
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
	assert_online(&host);
	test_host_stop(&host);
}
END_TEST

START_TEST(test_daemon_stops)
{
	struct pending_call call;
	struct test_host host;

	start_online(&host, NULL);
	hang_at(&host, "*/memory514/state");
	pending_release(&call, &host, "dax0.0", false, 0);
	wait_for_writes(&host, 5);
	test_host_end_daemon(&host, SIGTERM);
	pending_assert_failed(&call, "Canceled", "");
	test_host_assert_file(&host, BLOCK("519"), "online");
	ck_assert(!tree_has(host.root, "run/daxtierd/offlined"));
	fake_kernel_clear_faults(host.root);
	test_host_start_daemon(&host);
	assert_online(&host);
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

	start_online(&host, NULL);
	fake_kernel_add_fault(host.root, &stall);
	test_host_ctl(&host, &result,
		      (const char *[]){"busctl", "--system", "--timeout=1", "call", "org.daxtier1",
				       "/org/daxtier1", "org.daxtier1.Manager", "Release", "sbt",
				       "dax0.0", "false", "0", NULL});
	ck_assert_int_ne(result.status, 0);
	process_result_done(&result);
	assert_released(&host);
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
	start_online(&host, NULL);
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

static void kill_worker(enum fake_kernel_action action, unsigned nth)
{
	const struct fake_kernel_fault fault = {
		.op = FAKE_KERNEL_WRITE,
		.action = action,
		.nth = nth,
	};
	struct pending_call call;
	struct test_host host;

	start_online(&host, NULL);
	fake_kernel_add_fault(host.root, &fault);
	pending_release(&call, &host, "dax0.0", false, 0);
	pending_assert_failed(&call, "StepFailed", "ended without a result");
	test_host_assert_logged(&host, "the worker was killed by signal 9");
	assert_online(&host);
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

	start_online(&host, NULL);
	fake_kernel_add_fault(host.root, &fault);
	pending_release(&call, &host, "dax0.0", false, 0);
	wait_for_writes(&host, fault.nth);
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
	assert_online(&host);
	test_host_stop(&host);
}
END_TEST

static const char zone_policy[] = "[daemon]\nsettle = 20ms\nconvert = never\n"
				  "[rule slow]\nmatch-kind = cxl, hmem\nmode = system-ram\n";

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
	pending_assert_failed(&call, "Refused", "convert = never");
	test_host_assert(&host, "dax0.0", "State", "mismatch");
	pending_apply(&call, &host, "dax0.0", true);
	pending_assert_done(&call);
	assert_online(&host);
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
	assert_online(&host);
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
	pending_assert_failed(&call, "StepFailed", "bind-kmem");
	test_host_wait(&host, "dax0.0", "failed");
	pending_apply(&call, &host, "", false);
	pending_assert_failed(&call, "StepFailed", "dax0.0: bind-kmem");
	test_host_wait(&host, "dax0.0", "failed");
	apply(&host, "");
	assert_online(&host);
	test_host_stop(&host);
}
END_TEST

START_TEST(test_rehearsal)
{
	struct process_result result;
	struct test_host host;

	start_online(&host, NULL);
	test_host_ctl(&host, &result,
		      (const char *[]){"busctl", "--system", "--json=short", "call", "org.daxtier1",
				       "/org/daxtier1", "org.daxtier1.Manager", "Rehearse", "sb",
				       "dax0.0", "false", NULL});
	ck_assert_msg(result.status == 0, "%s", result.err);
	ck_assert_ptr_nonnull(
		strstr(result.out, "\"Device\":{\"type\":\"s\",\"data\":\"dax0.0\"}"));
	ck_assert_ptr_nonnull(strstr(result.out, "\"BlocksOnline\":{\"type\":\"x\",\"data\":8}"));
	process_result_done(&result);
	ck_assert_uint_eq(fake_kernel_count(host.root, FAKE_KERNEL_WRITE), 0);
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

Suite *suite_request(void)
{
	Suite *suite = suite_create("request");
	TCase *tcase;

	tcase = add_case(suite, "release");
	tcase_add_test(tcase, test_released);
	tcase_add_test(tcase, test_apply_of_all_ends_releases);
	tcase_add_test(tcase, test_released_until_its_rule_changes);
	tcase_add_test(tcase, test_released_until_replugged);
	tcase_add_test(tcase, test_released_over_a_restart);
	tcase_add_test(tcase, test_released_is_one_device);
	tcase_add_loop_test(tcase, test_released_list_is_damaged, 0, 5);
	tcase_add_test(tcase, test_rehearsal);
	tcase = add_case(suite, "release-ends");
	tcase_add_test(tcase, test_refused);
	tcase_add_test(tcase, test_busy);
	tcase_add_test(tcase, test_deadline);
	tcase_add_test(tcase, test_a_block_that_stays);
	tcase_add_test(tcase, test_canceled);
	tcase_add_test(tcase, test_canceled_in_the_queue);
	tcase_add_test(tcase, test_daemon_stops);
	tcase_add_test(tcase, test_client_leaves);
	tcase_add_test(tcase, test_device_leaves);
	tcase = add_case(suite, "release-killed");
	tcase_add_loop_test(tcase, test_worker_killed_before_a_write, 0, N_RELEASE_WRITES);
	tcase_add_loop_test(tcase, test_worker_killed_after_a_write, 0, N_RELEASE_WRITES);
	tcase_add_loop_test(tcase, test_daemon_killed, 0, N_RELEASE_WRITES);
	tcase = add_case(suite, "apply");
	tcase_add_test(tcase, test_force);
	tcase_add_test(tcase, test_force_fails);
	tcase_add_test(tcase, test_conversion_fails_later);
	tcase_add_test(tcase, test_apply_after_a_failure);
	return suite;
}

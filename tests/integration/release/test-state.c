/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where kmem has the attribute state (7.3): the same ends as block by block. */
#include <limits.h>

#include "base/cleanup.h"
#include "cases.h"
#include "host-wait.h"
#include "tree.h"

#define STATE  "sys/bus/dax/devices/dax0.0/state"
#define SECOND UINT64_C(1000000)

static void start_online(struct test_host *host)
{
	struct fake_kernel_device device = test_device("dax0.0");

	test_host_start(host, &(struct fake_kernel_host){.has_state = true}, NULL);
	test_host_start_daemon(host);
	test_host_add(host, &device);
	assert_movable(host);
	fake_kernel_clear_log(host->root);
}

static char *path_of_state(struct test_host *host)
{
	_cleanup_free_ char *log = fake_kernel_log(host->root);
	char path[256];

	ck_assert_int_eq(sscanf(log, "%*u %*d %255s", path), 1);
	return strdup(path);
}

START_TEST(test_released)
{
	_cleanup_free_ char *path = NULL, *first = NULL;
	struct pending_call call;
	struct test_host host;

	start_online(&host);
	pending_release(&call, &host, "dax0.0", false, 0);
	pending_assert_done(&call);
	test_host_wait(&host, "dax0.0", "released");
	path = path_of_state(&host);
	ck_assert_int_gt(asprintf(&first, "%s unplugged", path), 0);
	test_host_assert_writes(
		&host, (const char *[]){first, "sys/bus/dax/drivers/kmem/unbind dax0.0", NULL});
	ck_assert(!tree_has(host.root, "sys/devices/system/memory/memory512"));

	pending_apply(&call, &host, "dax0.0", false);
	pending_assert_done(&call);
	assert_movable(&host);
	test_host_stop(&host);
}
END_TEST

/* Rolled back by the kernel, or, where that goes wrong, by the worker. */
START_TEST(test_a_block_that_stays)
{
	_cleanup_free_ char *before = NULL, *after = NULL;
	struct pending_call call;
	struct test_host host;

	start_online(&host);
	before = fake_kernel_snapshot(host.root);
	if (_i)
		fake_kernel_break_rollback(host.root);
	fake_kernel_pin_block(host.root, 515, UINT_MAX);
	pending_release(&call, &host, "dax0.0", false, _i ? SECOND / 2 : 0);
	pending_assert_failed(&call, _i ? "Deadline" : "StepFailed", "memory515");
	assert_movable(&host);
	after = fake_kernel_snapshot(host.root);
	ck_assert_str_eq(after, before);
	test_host_stop(&host);
}
END_TEST

/* By hand, so that the device is bound and has no memory: brought back, and not left so. */
START_TEST(test_unplugged_by_hand)
{
	struct test_host host;

	start_online(&host);
	test_host_write(&host, STATE, "unplugged");
	test_host_device_event(&host, "dax0.0", "change");
	host_wait_path(&host, "sys/devices/system/memory/memory512");
	assert_movable(&host);
	test_host_assert_file(&host, STATE, "online_movable");
	test_host_stop(&host);
}
END_TEST

START_TEST(test_worker_killed)
{
	enum fake_kernel_action action = _i % 2 ? FAKE_KERNEL_KILL_AFTER : FAKE_KERNEL_KILL_BEFORE;
	struct pending_call call;
	struct test_host host;

	start_online(&host);
	kill_at(&host, action, 1 + (unsigned)_i / 2);
	pending_release(&call, &host, "dax0.0", false, 0);
	if (_i == 3) { /* behind the last write, after which all is as it was asked for */
		pending_assert_done(&call);
		test_host_wait(&host, "dax0.0", "released");
	} else {
		pending_assert_failed(&call, "StepFailed", "ended without a result");
		assert_movable(&host);
	}
	test_host_assert_logged(&host, "the worker was killed by signal 9");
	test_host_stop(&host);
}
END_TEST

void add_state_cases(Suite *suite)
{
	TCase *tcase = add_case(suite, "state");

	tcase_add_test(tcase, test_released);
	tcase_add_loop_test(tcase, test_a_block_that_stays, 0, 2);
	tcase_add_test(tcase, test_unplugged_by_hand);
	tcase = add_case(suite, "state-killed");
	tcase_add_loop_test(tcase, test_worker_killed, 0, 4);
}

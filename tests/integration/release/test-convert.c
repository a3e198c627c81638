/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Without the claim the kernel is faster: a new device is online in zone Normal, with its memmap on
 * itself, before the daemon has seen it. */
#include <limits.h>
#include <string.h>

#include "base/cleanup.h"
#include "cases.h"
#include "tree.h"

#define HEAD "[daemon]\nsettle = 20ms\nclaim = no\n"
#define RULE "[rule slow]\nmatch-kind = cxl, hmem\nmode = system-ram\n"

/* The memmap may stay where it is, or has to move. */
static const char zone_policy[] = HEAD RULE "memmap-on-memory = yes\n";
static const char memmap_policy[] = HEAD RULE "memmap-on-memory = no\n";
static const char never_policy[] = HEAD "convert = never\n" RULE "memmap-on-memory = yes\n";

#define BLOCKS 8

static const struct {
	const char *policy;
	bool has_state;
	unsigned writes;
} scenes[] = {
	{zone_policy, false, 2 * BLOCKS},
	{memmap_policy, false, BLOCKS + 5}, /* unbind, the knob, the policy held, bind, restored */
	{memmap_policy, true, 1 + 5},
};

#define N_WRITES (16 + 13 + 6)

static void start(struct test_host *host, const char *policy, bool has_state)
{
	test_host_start(host, &(struct fake_kernel_host){.has_state = has_state}, policy);
	test_host_start_daemon(host);
	fake_kernel_clear_log(host->root);
}

static void add(struct test_host *host)
{
	struct fake_kernel_device device = test_device("dax0.0");

	test_host_add(host, &device);
}

static unsigned count_writes(struct test_host *host)
{
	return fake_kernel_count(host->root, FAKE_KERNEL_WRITE);
}

START_TEST(test_converted)
{
	struct test_host host;

	start(&host, scenes[_i].policy, scenes[_i].has_state);
	add(&host);
	assert_movable(&host);
	ck_assert_uint_eq(count_writes(&host), scenes[_i].writes);
	test_host_assert(&host, "dax0.0", "MemmapEffective", _i == 0 ? "true" : "false");
	/* Which is the end of it. */
	test_host_device_event(&host, "dax0.0", "change");
	g_usleep(300000);
	ck_assert_uint_eq(count_writes(&host), scenes[_i].writes);
	test_host_stop(&host);
}
END_TEST

START_TEST(test_spared)
{
	struct pending_call call;
	struct test_host host;

	start(&host, never_policy, false);
	add(&host);
	test_host_wait(&host, "dax0.0", "mismatch");
	test_host_assert_like(&host, "dax0.0", "Reason", "convert = never");
	ck_assert_uint_eq(count_writes(&host), 0);
	/* What convert says may change. */
	test_host_put_policy(&host, zone_policy);
	ck_assert_ptr_null(test_host_reload(&host));
	assert_movable(&host);
	pending_apply(&call, &host, "dax0.0", true);
	pending_assert_done(&call);
	ck_assert_uint_eq(count_writes(&host), 2 * BLOCKS);
	test_host_stop(&host);
}
END_TEST

/* Tried, put back, and looked at again. */
static void wait_for_failure(struct test_host *host)
{
	for (int i = 0; i < 500; i++) {
		struct json_object *reason = test_host_get(host, "dax0.0", "Reason");
		bool told = strstr(json_object_get_string(reason), "taking it offline has failed");

		json_object_put(reason);
		if (told)
			return;
		g_usleep(20000);
	}
}

/* A block that stays: all is as it was found, and left alone until somebody says so. */
START_TEST(test_a_block_that_stays)
{
	_cleanup_free_ char *before = NULL, *after = NULL;
	struct pending_call call;
	struct test_host host;
	unsigned writes;

	start(&host, never_policy, scenes[_i].has_state);
	add(&host);
	test_host_wait(&host, "dax0.0", "mismatch");
	before = fake_kernel_snapshot(host.root);
	fake_kernel_pin_block(host.root, 513, UINT_MAX);
	test_host_put_policy(&host, scenes[_i].policy);
	ck_assert_ptr_null(test_host_reload(&host));
	wait_for_failure(&host);
	test_host_assert_like(&host, "dax0.0", "Reason", "left alone, because taking it offline");
	after = fake_kernel_snapshot(host.root);
	ck_assert_str_eq(after, before);

	writes = count_writes(&host);
	test_host_device_event(&host, "dax0.0", "change");
	g_usleep(1500000);
	ck_assert_uint_eq(count_writes(&host), writes);

	fake_kernel_pin_block(host.root, 513, 0);
	pending_apply(&call, &host, "dax0.0", false);
	pending_assert_done(&call);
	assert_movable(&host);
	test_host_stop(&host);
}
END_TEST

static void kill_worker(int i, enum fake_kernel_action action)
{
	struct test_host host;
	unsigned nth = (unsigned)i, scene = 0;

	for (; nth >= scenes[scene].writes; scene++)
		nth -= scenes[scene].writes;
	start(&host, scenes[scene].policy, scenes[scene].has_state);
	kill_at(&host, action, nth + 1);
	add(&host);
	test_host_wait(&host, "dax0.0", "online");
	test_host_assert_logged(&host, "the worker was killed by signal 9");
	assert_movable(&host);
	test_host_assert(&host, "dax0.0", "MemmapEffective", scene == 0 ? "true" : "false");
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

void add_convert_cases(Suite *suite)
{
	TCase *tcase = add_case(suite, "convert");

	tcase_add_loop_test(tcase, test_converted, 0, ARRAY_SIZE(scenes));
	tcase_add_test(tcase, test_spared);
	tcase_add_loop_test(tcase, test_a_block_that_stays, 0, ARRAY_SIZE(scenes));
	tcase = add_case(suite, "convert-killed-before");
	tcase_add_loop_test(tcase, test_worker_killed_before_a_write, 0, N_WRITES);
	tcase = add_case(suite, "convert-killed-after");
	tcase_add_loop_test(tcase, test_worker_killed_after_a_write, 0, N_WRITES);
}

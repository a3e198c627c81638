/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A device leaves, or its driver does, with its memory in use: what stays behind stays in sight. */
#include <signal.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "host-wait.h"
#include "request-host.h"
#include "suites.h"

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void take_offline(struct test_host *host, unsigned block)
{
	_cleanup_free_ char *path = NULL;

	ck_assert_int_gt(asprintf(&path, "sys/devices/system/memory/memory%u/state", block), 0);
	test_host_write(host, path, "offline");
}

static unsigned count_logged(struct test_host *host, const char *words)
{
	_cleanup_free_ char *log = test_host_log(host);
	unsigned n = 0;

	for (const char *at = log; (at = strstr(at, words)); at++)
		n++;
	return n;
}

/* The attention button: it leaves with its memory in use. */
START_TEST(test_removed_while_online)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct pending_call call;
	struct test_host host;
	double start;

	request_start_online(&host, NULL);
	start = now();
	test_host_remove(&host, "dax0.0");
	test_host_wait(&host, "dax0.0", "stuck");
	ck_assert_msg(now() - start < 1, "it took %f s", now() - start);
	test_host_assert_like(&host, "dax0.0", "Reason", "8 of them online");
	test_host_assert_like(&host, "dax0.0", "Reason", "next boot");
	test_host_assert(&host, "dax0.0", "Driver", "");
	test_host_assert_logged(&host, "dax0.0: stuck");
	pending_release(&call, &host, "dax0.0", false, 0);
	pending_assert_failed(&call, "NoSuchDevice", "left with its memory online");
	g_usleep(200000);
	test_host_assert(&host, "dax0.0", "State", "stuck");
	ck_assert(!strv_contains(&host.changes, "dax0.0 failed")); /* not for a moment */
	test_host_assert_logged(&host, "Not carried out: dax0.0 cannot be released");

	/* It stays to be seen, whatever else happens. */
	ck_assert_ptr_null(test_host_reload(&host));
	test_host_assert(&host, "dax0.0", "State", "stuck");
	device = test_device("dax1.0");
	test_host_add(&host, &device);
	test_host_wait(&host, "dax1.0", "online");
	test_host_assert(&host, "dax0.0", "State", "stuck");

	/* One that takes its name is another device. */
	device = test_device("dax0.0");
	device.ranges[0].start += 8 * FAKE_KERNEL_GIB;
	device.target_node = 5;
	test_host_add(&host, &device);
	test_host_wait(&host, "dax0.0", "online");
	test_host_assert(&host, "dax0.0", "TargetNode", "5");
	test_host_assert(&host, "dax0.0@1000000000", "State", "stuck");
	test_host_assert_like(&host, "dax0.0@1000000000", "Reason", "8 of them online");
	test_host_stop(&host);
}
END_TEST

/* What is left behind outlives the daemon, and so does who left it while none ran. */
START_TEST(test_removed_and_restarted)
{
	struct test_host host;

	request_start_online(&host, NULL);
	if (_i == 0) {
		test_host_remove(&host, "dax0.0");
		test_host_wait(&host, "dax0.0", "stuck");
		test_host_end_daemon(&host, SIGKILL);
	} else {
		test_host_end_daemon(&host, SIGTERM);
		test_host_remove(&host, "dax0.0");
	}
	test_host_start_daemon(&host);
	test_host_wait(&host, "dax0.0", "stuck");
	test_host_assert_like(&host, "dax0.0", "Reason", "8 of them online");
	test_host_assert(&host, "dax0.0", "Region", "region0");
	test_host_end_daemon(&host, SIGTERM);
	test_host_start_daemon(&host);
	test_host_wait(&host, "dax0.0", "stuck");
	test_host_stop(&host);
}
END_TEST

START_TEST(test_removed_while_offline_leaves_nothing)
{
	struct test_host host;

	request_start_online(&host, NULL);
	for (unsigned block = FIRST_BLOCK; block <= LAST_BLOCK; block++)
		take_offline(&host, block);
	test_host_remove(&host, "dax0.0");
	test_host_wait_gone(&host, "dax0.0");
	test_host_stop(&host);
}
END_TEST

START_TEST(test_unbound_while_online)
{
	struct test_host host;
	double start;

	request_start_online(&host, NULL);
	start = now();
	test_host_write(&host, UNBIND, "dax0.0");
	test_host_device_event(&host, "dax0.0", "unbind");
	test_host_wait(&host, "dax0.0", "stuck");
	ck_assert_msg(now() - start < 1, "it took %f s", now() - start);
	test_host_assert_like(&host, "dax0.0", "Reason",
			      "unbound from kmem with its memory online: 8 of 8 blocks");

	/* Less of it is online, and that is all: the status tells, and the journal has told. */
	take_offline(&host, FIRST_BLOCK);
	test_host_block_event(&host, FIRST_BLOCK, "offline");
	host_wait_like(&host, "dax0.0", "Reason", "7 of them online");
	test_host_assert(&host, "dax0.0", "State", "stuck");
	ck_assert_uint_eq(count_logged(&host, "dax0.0: stuck"), 1);
	test_host_stop(&host);
}
END_TEST

Suite *suite_stuck(void)
{
	Suite *suite = suite_create("stuck");
	TCase *tcase = request_add_case(suite, "stuck");

	tcase_add_test(tcase, test_removed_while_online);
	tcase_add_loop_test(tcase, test_removed_and_restarted, 0, 2);
	tcase_add_test(tcase, test_removed_while_offline_leaves_nothing);
	tcase_add_test(tcase, test_unbound_while_online);
	return suite;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is released stays so, and until when. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>

#include "base/cleanup.h"
#include "request-host.h"
#include "suites.h"
#include "tree.h"

static const char *const release_writes[] = {BLOCK("519") " offline", BLOCK("518") " offline",
					     BLOCK("517") " offline", BLOCK("516") " offline",
					     BLOCK("515") " offline", BLOCK("514") " offline",
					     BLOCK("513") " offline", BLOCK("512") " offline",
					     UNBIND " dax0.0",	      NULL};
START_TEST(test_released)
{
	struct test_host host;

	request_start_online(&host, NULL);
	request_release_it(&host);
	test_host_assert_writes(&host, release_writes);
	request_assert_released(&host);
	ck_assert(strv_contains(&host.changes, "dax0.0 releasing"));
	test_host_assert_logged(&host, "dax0.0: plan of 2 steps carried out");

	/* It stays so, whatever happens around it, and a second time there is nothing to do. */
	test_host_device_event(&host, "dax0.0", "change");
	g_usleep(200000);
	request_release_it(&host);
	ck_assert_ptr_null(test_host_reload(&host));
	g_usleep(200000);
	request_assert_released(&host);
	test_host_assert_writes(&host, release_writes);

	request_apply_it(&host, "dax0.0");
	request_assert_online(&host);
	test_host_stop(&host);
}
END_TEST

START_TEST(test_apply_of_all_ends_releases)
{
	struct test_host host;

	request_start_online(&host, NULL);
	request_release_it(&host);
	request_apply_it(&host, "");
	request_assert_online(&host);
	test_host_stop(&host);
}
END_TEST

START_TEST(test_released_until_its_rule_changes)
{
	struct test_host host;

	request_start_online(&host, NULL);
	request_release_it(&host);
	/* Another file, another name, the same rule. */
	test_host_put_policy(&host, "[daemon]\nsettle = 30ms\n"
				    "[rule slower]\nmatch-kind = cxl, hmem\nmode = system-ram\n");
	ck_assert_ptr_null(test_host_reload(&host));
	g_usleep(200000);
	request_assert_released(&host);
	test_host_put_policy(&host, "[daemon]\nsettle = 20ms\n"
				    "[rule slow]\nmatch-kind = cxl\nmode = system-ram\n");
	ck_assert_ptr_null(test_host_reload(&host));
	request_assert_online(&host);
	test_host_stop(&host);
}
END_TEST

START_TEST(test_released_until_replugged)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;

	request_start_online(&host, NULL);
	request_release_it(&host);
	test_host_remove(&host, "dax0.0");
	test_host_wait_gone(&host, "dax0.0");
	test_host_add(&host, &device);
	request_assert_online(&host);
	test_host_stop(&host);
}
END_TEST

START_TEST(test_released_over_a_restart)
{
	struct test_host host;

	request_start_online(&host, NULL);
	request_release_it(&host);
	for (int i = 0; i < 2; i++) {
		test_host_end_daemon(&host, i ? SIGKILL : SIGTERM);
		test_host_restore(&host);
		test_host_start_daemon(&host);
		g_usleep(200000);
		request_assert_released(&host);
	}
	test_host_end_daemon(&host, SIGTERM);
	test_host_put_policy(&host, "[daemon]\nsettle = 20ms\n"
				    "[rule slow]\nmatch-kind = cxl\nmode = system-ram\n");
	test_host_start_daemon(&host);
	request_assert_online(&host);
	test_host_stop(&host);
}
END_TEST

/* Another card in the same slot while the daemon was away. */
START_TEST(test_released_is_one_device)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;

	request_start_online(&host, NULL);
	request_release_it(&host);
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

	request_start_online(&host, NULL);
	request_release_it(&host);
	test_host_end_daemon(&host, SIGTERM);
	tree_put(host.root, "run/daxtierd/released", texts[_i]);
	test_host_start_daemon(&host);
	request_assert_online(&host);
	test_host_stop(&host);
}
END_TEST

START_TEST(test_rehearsal)
{
	struct process_result result;
	struct test_host host;

	request_start_online(&host, NULL);
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

Suite *suite_release(void)
{
	Suite *suite = suite_create("release");
	TCase *tcase;

	tcase = request_add_case(suite, "release");
	tcase_add_test(tcase, test_released);
	tcase_add_test(tcase, test_apply_of_all_ends_releases);
	tcase_add_test(tcase, test_released_until_its_rule_changes);
	tcase_add_test(tcase, test_released_until_replugged);
	tcase_add_test(tcase, test_released_over_a_restart);
	tcase_add_test(tcase, test_released_is_one_device);
	tcase_add_loop_test(tcase, test_released_list_is_damaged, 0, 5);
	tcase_add_test(tcase, test_rehearsal);
	return suite;
}

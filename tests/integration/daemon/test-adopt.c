/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is there before the daemon is: taken as it is, or reported. */
#include <signal.h>
#include <string.h>

#include "base/cleanup.h"
#include "suites.h"
#include "test-host.h"
#include "tree.h"

START_TEST(test_restart_writes_nothing)
{
	struct fake_kernel_device device = test_device("dax0.0");
	_cleanup_free_ char *before = NULL, *after = NULL;
	struct test_host host;

	test_host_start(&host, NULL, NULL);
	test_host_start_daemon(&host);
	test_host_add(&host, &device);
	test_host_wait(&host, "dax0.0", "online");
	before = fake_kernel_snapshot(host.root);

	test_host_end_daemon(&host, SIGTERM);
	test_host_assert_file(&host, AUTOPROBE, "1");
	fake_kernel_clear_log(host.root);
	test_host_start_daemon(&host);
	test_host_wait(&host, "dax0.0", "online");
	test_host_assert(&host, "dax0.0", "BlocksMovable", "8");
	test_host_assert_writes(&host, (const char *[]){AUTOPROBE " 0", NULL});
	after = fake_kernel_snapshot(host.root);
	ck_assert_str_eq(before, after);
	test_host_stop(&host);
}
END_TEST

START_TEST(test_onlined_by_the_kernel_is_a_mismatch)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;

	test_host_start(&host, NULL, NULL);
	test_host_add_silently(&host, &device); /* bound and onlined inside its creation */
	fake_kernel_clear_log(host.root);
	test_host_start_daemon(&host);
	test_host_wait(&host, "dax0.0", "mismatch");
	test_host_assert_like(&host, "dax0.0", "Reason", "zone Normal");
	test_host_assert_like(&host, "dax0.0", "Reason", "convert = hot-added");
	test_host_assert(&host, "dax0.0", "Zone", "Normal");
	test_host_assert_writes(&host, (const char *[]){AUTOPROBE " 0", NULL});
	test_host_stop(&host);
}
END_TEST

START_TEST(test_offline_blocks_are_brought_online)
{
	const struct fake_kernel_host kernel = {.auto_online = "offline"};
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;

	test_host_start(&host, &kernel, NULL);
	test_host_add_silently(&host,
			       &device); /* bound by the kernel, left offline, its memmap on it */
	test_host_start_daemon(&host);
	test_host_wait(&host, "dax0.0", "online");
	test_host_assert(&host, "dax0.0", "Zone", "Movable");
	/* None of it was in use, so it could be bound anew for the memmap that the rule wants. */
	test_host_assert(&host, "dax0.0", "MemmapEffective", "false");
	test_host_assert_file(&host, AUTO_ONLINE, "offline");
	test_host_stop(&host);
}
END_TEST

START_TEST(test_present_and_unbound)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;

	test_host_start(&host, NULL, NULL);
	ck_assert_int_eq(fake_kernel_write(host.root, AUTOPROBE, "0"), 0);
	test_host_add_silently(&host, &device);
	test_host_start_daemon(&host);
	test_host_wait(&host, "dax0.0", "online");
	test_host_assert(&host, "dax0.0", "Zone", "Movable");
	/* What somebody else had set is what comes back. */
	test_host_end_daemon(&host, SIGTERM);
	test_host_assert_file(&host, AUTOPROBE, "0");
	test_host_stop(&host);
}
END_TEST

START_TEST(test_without_claim)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;

	test_host_start(&host, NULL,
			"[daemon]\nclaim = no\nconvert = never\nsettle = 20ms\n[rule "
			"slow]\nmatch-kind = cxl\nmode = "
			"system-ram\n");
	test_host_start_daemon(&host);
	test_host_assert_file(&host, AUTOPROBE, "1");
	test_host_assert(&host, NULL, "Claimed", "false");
	test_host_add(&host, &device);
	test_host_wait(&host, "dax0.0", "mismatch");
	test_host_stop(&host);
}
END_TEST

START_TEST(test_second_daemon_is_refused)
{
	_cleanup_free_ char *root = NULL;
	struct process_result result;
	struct test_host host;

	test_host_start(&host, NULL, NULL);
	test_host_start_daemon(&host);
	ck_assert_int_gt(asprintf(&root, "--root=%s", host.root), 0);
	process_run(&result, PROCESS_OWN_UID, (const char *[]){DAXTIERD, root, NULL});
	ck_assert_int_eq(result.status, 1);
	ck_assert_msg(strstr(result.err, "Another daxtierd holds") != NULL, "%s", result.err);
	process_result_done(&result);
	/* The first one's claim is untouched. */
	test_host_assert_file(&host, AUTOPROBE, "0");
	test_host_stop(&host);
}
END_TEST

Suite *suite_adopt(void)
{
	Suite *suite = suite_create("adopt");
	TCase *tcase = tcase_create("adopt");

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, test_restart_writes_nothing);
	tcase_add_test(tcase, test_onlined_by_the_kernel_is_a_mismatch);
	tcase_add_test(tcase, test_offline_blocks_are_brought_online);
	tcase_add_test(tcase, test_present_and_unbound);
	tcase_add_test(tcase, test_without_claim);
	tcase_add_test(tcase, test_second_daemon_is_refused);
	suite_add_tcase(suite, tcase);
	return suite;
}

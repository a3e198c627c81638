/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "failing-alloc.h"
#include "failing-ops.h"
#include "observe/competitor.h"
#include "suites.h"
#include "tree.h"

#define ONLINE_RULE "SUBSYSTEM==\"memory\", ATTR{state}=\"online\"\n"
#define OTHER_RULE  "SUBSYSTEM==\"memory\", TAG+=\"seen\"\n"

/* A loop that goes on for ever has to fail. */
#define CALLS_MAX	200
#define ALLOCATIONS_MAX 2000

static char *root;
static struct failing_ops ops;
static struct sysfs sysfs;
static struct strv problems;
static struct host host;

static void setup(void)
{
	root = tree_new();
	tree_dir(root, "sys/bus/dax/devices/dax0.0");
	ops = (struct failing_ops){};
	problems = (struct strv){};
	host = (struct host){.auto_online = ONLINE_POLICY_OFFLINE, .dax_autoprobe = 1};
	ck_assert_int_eq(sysfs_open(&sysfs, root, &failing_ops, &ops), 0);
}

static void forget(void)
{
	strv_done(&problems);
	strv_done(&host.competitors);
	ops.calls = 0;
}

static void teardown(void)
{
	forget();
	sysfs_close(&sysfs);
	root = tree_remove(root);
}

static int look(void)
{
	struct look look = {.sysfs = &sysfs, .problems = &problems};

	return competitors_look(&look, &host);
}

/* Looks anew; exactly these are there, in this order. */
#define assert_competitors(...) assert_list((const char *[]){__VA_ARGS__, NULL})
static void assert_list(const char *const wanted[])
{
	size_t n = 0;

	forget();
	ck_assert_int_eq(look(), 0);
	ck_assert_uint_eq(problems.n, 0);
	for (; wanted[n]; n++) {
		ck_assert_msg(n < host.competitors.n, "no %s", wanted[n]);
		ck_assert_str_eq(host.competitors.items[n], wanted[n]);
	}
	ck_assert_msg(host.competitors.n == n, "also %s", host.competitors.items[n]);
}

START_TEST(test_nobody)
{
	assert_competitors(NULL);
	tree_put(root, "usr/lib/udev/rules.d/60-block.rules", OTHER_RULE);
	tree_put(root, "proc/1/comm", "systemd\n");
	assert_competitors(NULL);
}
END_TEST

START_TEST(test_rules_in_each_place)
{
	tree_put(root, "usr/lib/udev/rules.d/40-a.rules", ONLINE_RULE);
	tree_put(root, "usr/local/lib/udev/rules.d/30-b.rules", ONLINE_RULE);
	tree_put(root, "run/udev/rules.d/20-c.rules", ONLINE_RULE);
	tree_put(root, "etc/udev/rules.d/10-d.rules", ONLINE_RULE);
	tree_put(root, "etc/udev/rules.d/10-d.rules.dpkg-old", ONLINE_RULE);
	tree_put(root, "etc/udev/rules.d/.rules", ONLINE_RULE);
	tree_put(root, "etc/udev/rules.d/README", ONLINE_RULE);
	tree_put(root, "etc/udev/rules.d/11-other.rules", OTHER_RULE);
	assert_competitors("udev rule /etc/udev/rules.d/10-d.rules",
			   "udev rule /run/udev/rules.d/20-c.rules",
			   "udev rule /usr/local/lib/udev/rules.d/30-b.rules",
			   "udev rule /usr/lib/udev/rules.d/40-a.rules");
}
END_TEST

START_TEST(test_one_rule_hides_another)
{
	tree_put(root, "usr/lib/udev/rules.d/40-a.rules", ONLINE_RULE);
	tree_put(root, "run/udev/rules.d/40-a.rules", ONLINE_RULE);
	assert_competitors("udev rule /run/udev/rules.d/40-a.rules");
	tree_put(root, "etc/udev/rules.d/40-a.rules", OTHER_RULE);
	assert_competitors(NULL);
	tree_put(root, "etc/udev/rules.d/40-a.rules", "");
	assert_competitors(NULL);
	/* A link to /dev/null, which a test's tree has not: neither what is not there, nor what is
	 * no regular file. */
	tree_delete(root, "etc/udev/rules.d/40-a.rules");
	tree_link(root, "etc/udev/rules.d/40-a.rules", "/dev/null");
	assert_competitors(NULL);
	ops.fail_path = "etc/udev/rules.d/40-a.rules";
	ops.error = -EINVAL;
	assert_competitors(NULL);
}
END_TEST

/* The rule that comes with daxctl does nothing where daxctl is not configured to. */
START_TEST(test_rule_of_daxctl)
{
	tree_put(root, "usr/lib/udev/rules.d/90-daxctl-device.rules",
		 "SUBSYSTEM==\"dax\", RUN+=\"/usr/bin/daxctl reconfigure-device -C $kernel\"\n");
	assert_competitors(NULL);
	tree_put(root, "etc/daxctl.conf.d/a.conf", "# [reconfigure-device a]\n[other]\n");
	tree_put(root, "etc/daxctl.conf.d/README", "[reconfigure-device a]\n");
	assert_competitors(NULL);
	tree_put(root, "etc/daxctl.conf.d/b.conf", "\n [reconfigure-device b]\nmode = devdax\n");
	assert_competitors("udev rule /usr/lib/udev/rules.d/90-daxctl-device.rules");
}
END_TEST

START_TEST(test_programs)
{
	tree_put(root, "proc/1/comm", "systemd\n");
	tree_put(root, "proc/8/comm", "daxctl\n");
	tree_put(root, "proc/9/comm", "cxl\n");
	tree_put(root, "proc/10/comm", "ndctl\n");
	tree_put(root, "proc/11/comm", "cxl-monitor\n");
	tree_dir(root, "proc/12"); /* it ended just now */
	tree_put(root, "proc/13a/comm", "daxctl\n");
	tree_put(root, "proc/self/comm", "daxctl\n");
	assert_competitors("process 8 (daxctl)", "process 9 (cxl)", "process 10 (ndctl)");
	ops.fail_path = "proc/8/comm";
	ops.error = -ESRCH;
	assert_competitors("process 9 (cxl)", "process 10 (ndctl)");
}
END_TEST

START_TEST(test_kernel)
{
	host.auto_online = ONLINE_POLICY_ONLINE;
	assert_competitors("the kernel, whose auto_online_blocks reads online");
	host.auto_online = ONLINE_POLICY_ONLINE_MOVABLE;
	assert_competitors("the kernel, whose auto_online_blocks reads online_movable");
	host.auto_online = ONLINE_POLICY_UNKNOWN;
	assert_competitors(NULL);
	/* The claim. */
	host.auto_online = ONLINE_POLICY_ONLINE;
	host.dax_autoprobe = 0;
	assert_competitors(NULL);
}
END_TEST

/* Then there is nothing to compete for, and the work is saved. */
START_TEST(test_no_dax_device)
{
	tree_put(root, "etc/udev/rules.d/10-d.rules", ONLINE_RULE);
	tree_put(root, "proc/8/comm", "daxctl\n");
	host.auto_online = ONLINE_POLICY_ONLINE;
	tree_delete(root, "sys/bus/dax/devices/dax0.0");
	assert_competitors(NULL);
	ck_assert_uint_eq(ops.calls, 1);
	tree_delete(root, "sys/bus/dax");
	assert_competitors(NULL);
}
END_TEST

static void put_all(void)
{
	tree_put(root, "usr/lib/udev/rules.d/40-a.rules", ONLINE_RULE);
	tree_put(root, "usr/local/lib/udev/rules.d/30-b.rules", ONLINE_RULE);
	tree_put(root, "run/udev/rules.d/20-c.rules", ONLINE_RULE);
	tree_put(root, "etc/udev/rules.d/10-d.rules", ONLINE_RULE);
	tree_put(root, "etc/udev/rules.d/50-e.rules", "RUN+=\"daxctl -C $kernel\"\n");
	tree_put(root, "etc/daxctl.conf.d/a.conf", "[reconfigure-device a]\n");
	tree_put(root, "proc/8/comm", "daxctl\n");
	host.auto_online = ONLINE_POLICY_ONLINE;
}

/* What cannot be read is said, and the rest is found. */
START_TEST(test_each_read_fails)
{
	unsigned n;

	put_all();
	for (n = 1; n < CALLS_MAX; n++) {
		forget();
		ops.fail_at = n;
		ops.error = -EIO;
		ck_assert_int_eq(look(), 0);
		if (ops.calls < n)
			break;
		ck_assert_uint_eq(problems.n, 1);
		ck_assert_uint_lt(host.competitors.n, 7);
	}
	/*
	 * Lists of devices, of rules in four places, of daxctl's files and of processes; five
	 * rules, one of those files and a name.
	 */
	ck_assert_uint_eq(n, 15);
	ck_assert_uint_eq(problems.n, 0);
	ck_assert_uint_eq(host.competitors.n, 7);
}
END_TEST

START_TEST(test_each_allocation_fails)
{
	unsigned n;
	int r = -1;

	put_all();
	for (n = 1; n < ALLOCATIONS_MAX; n++) {
		forget();
		failing_alloc_arm(n);
		r = look();
		if (!failing_alloc_disarm())
			break;
		ck_assert_int_eq(r, -ENOMEM);
	}
	ck_assert_int_eq(r, 0);
	ck_assert_uint_gt(n, 10);
	ck_assert_uint_eq(host.competitors.n, 7);
}
END_TEST

Suite *competitor_suite(void)
{
	Suite *suite = suite_create("competitors");
	TCase *tcase = tcase_create("competitors");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_nobody);
	tcase_add_test(tcase, test_rules_in_each_place);
	tcase_add_test(tcase, test_one_rule_hides_another);
	tcase_add_test(tcase, test_rule_of_daxctl);
	tcase_add_test(tcase, test_programs);
	tcase_add_test(tcase, test_kernel);
	tcase_add_test(tcase, test_no_dax_device);
	tcase_add_test(tcase, test_each_read_fails);
	tcase_add_test(tcase, test_each_allocation_fails);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Holding the bus, and letting go of it, whoever else is about. */
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "suites.h"
#include "test-host.h"
#include "tree.h"

#define DEVICE_DAX "sys/bus/dax/drivers/device_dax/"
#define KMEM	   "sys/bus/dax/drivers/kmem/"
#define BOOT_CLAIM "run/daxtierd/boot-claim"

static void wait_for_file(struct test_host *host, const char *path, const char *content)
{
	for (int i = 0; i < 500; i++) {
		_cleanup_free_ char *text = tree_get(host->root, path);

		if (text && !strncmp(text, content, strlen(content)))
			return;
		g_usleep(20000);
	}
	test_host_assert_file(host, path, content);
}

START_TEST(test_restore_beside_a_daemon)
{
	struct test_host host;

	test_host_start(&host, NULL, NULL);
	test_host_start_daemon(&host);
	test_host_restore(&host);
	test_host_assert_logged(&host, "A daxtierd is running");
	test_host_assert_file(&host, AUTOPROBE, "0");
	test_host_stop(&host);
}
END_TEST

/* An unprivileged user who could open the lock could take it first, for ever. */
START_TEST(test_lock_is_private)
{
	_cleanup_free_ char *path = NULL;
	struct test_host host;
	struct stat st;

	test_host_start(&host, NULL, NULL);
	tree_put(host.root, "run/daxtierd/lock", "");
	ck_assert_int_gt(asprintf(&path, "%s/run/daxtierd/lock", host.root), 0);
	ck_assert_int_eq(chmod(path, 0666), 0);
	test_host_start_daemon(&host);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	test_host_stop(&host);
}
END_TEST

/* The module was taken out and put in again: a new bus, which probes by itself. */
START_TEST(test_bus_comes_anew)
{
	struct test_host host;
	gchar *path;

	test_host_start(&host, NULL, NULL);
	test_host_start_daemon(&host);
	tree_put(host.root, AUTOPROBE, "1\n");
	path = umockdev_testbed_add_device(host.testbed, "bus", "dax", NULL, NULL, NULL);
	ck_assert_ptr_nonnull(path);
	g_free(path);
	wait_for_file(&host, AUTOPROBE, "0");
	test_host_end_daemon(&host, SIGTERM);
	test_host_assert_file(&host, AUTOPROBE, "1");
	test_host_stop(&host);
}
END_TEST

START_TEST(test_taken_by_somebody_else)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;

	device.kind = FAKE_KERNEL_PMEM;
	test_host_start(&host, NULL, NULL);
	test_host_start_daemon(&host);
	ck_assert_int_eq(fake_kernel_write(host.root, AUTOPROBE, "1"), 0);
	test_host_add(&host, &device);
	test_host_wait(&host, "dax0.0", "unmanaged");
	test_host_assert(&host, NULL, "Claimed", "false");
	test_host_stop(&host);
}
END_TEST

/* Somebody unbound it on purpose; that we start is no reason to bind it again. */
START_TEST(test_unbound_on_purpose)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;

	device.kind = FAKE_KERNEL_PMEM;
	test_host_start(&host, NULL, NULL);
	test_host_add_silently(&host, &device);
	ck_assert_int_eq(fake_kernel_write(host.root, DEVICE_DAX "unbind", "dax0.0"), 0);
	fake_kernel_clear_log(host.root);
	test_host_start_daemon(&host);
	test_host_wait(&host, "dax0.0", "unmanaged");
	test_host_end_daemon(&host, SIGTERM);
	test_host_assert_writes(&host, (const char *[]){AUTOPROBE " 0", AUTOPROBE " 1", NULL});
	ck_assert(!tree_has(host.root, DEVICE_DAX "dax0.0"));
	test_host_stop(&host);
}
END_TEST

/* "udevadm trigger" announces the bus again; it is the same bus, and the device is still unbound on
 * purpose. */
START_TEST(test_announced_again)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;
	gchar *path;

	device.kind = FAKE_KERNEL_PMEM;
	test_host_start(&host, NULL, NULL);
	test_host_add_silently(&host, &device);
	ck_assert_int_eq(fake_kernel_write(host.root, DEVICE_DAX "unbind", "dax0.0"), 0);
	test_host_start_daemon(&host);
	fake_kernel_clear_log(host.root);
	path = umockdev_testbed_add_device(host.testbed, "bus", "dax", NULL, NULL, "SYNTH_UUID",
					   "0", NULL);
	ck_assert_ptr_nonnull(path);
	g_free(path);
	test_host_announce(&host, "dax0.0"); /* and so that a look is taken for certain */
	g_usleep(300000);
	test_host_wait(&host, "dax0.0", "unmanaged");
	test_host_assert_writes(&host, (const char *[]){NULL});
	test_host_stop(&host);
}
END_TEST

/*
 * Two devices of a host whose initial RAM disk has claimed the bus, as contrib/initramfs/boot-claim
 * does, so that nobody has bound them: one is for the default policy, dax1.0 for device_dax.
 */
static void start_claimed_since_boot(struct test_host *host, const char *policy)
{
	struct fake_kernel_device first = test_device("dax0.0"), pmem = test_device("dax1.0");

	pmem.kind = FAKE_KERNEL_PMEM;
	test_host_start(host, NULL, policy);
	tree_put(host->root, "run/daxtierd/dax-autoprobe", "old=1\nheld=0\n");
	tree_put(host->root, BOOT_CLAIM, "");
	test_host_write(host, AUTOPROBE, "0");
	test_host_add_silently(host, &first);
	test_host_add_silently(host, &pmem);
	ck_assert(!tree_has(host->root, KMEM "dax0.0"));
	ck_assert(!tree_has(host->root, DEVICE_DAX "dax1.0"));
}

START_TEST(test_claimed_since_boot)
{
	struct test_host host;

	start_claimed_since_boot(&host, NULL);
	test_host_start_daemon(&host);
	test_host_wait(&host, "dax0.0", "online");
	test_host_assert(&host, "dax0.0", "Zone", "Movable");
	test_host_wait(&host, "dax1.0", "unmanaged");
	ck_assert(tree_has(host.root, DEVICE_DAX "dax1.0"));
	test_host_assert_file(&host, AUTOPROBE, "0");
	test_host_assert(&host, NULL, "Claimed", "true");
	ck_assert(!tree_has(host.root, BOOT_CLAIM));
	test_host_end_daemon(&host, SIGTERM);
	test_host_assert_file(&host, AUTOPROBE, "1");
	test_host_stop(&host);
}
END_TEST

/* The initial RAM disk does not read the policy. */
START_TEST(test_claimed_since_boot_but_no_claim)
{
	struct test_host host;

	start_claimed_since_boot(&host, "[daemon]\nclaim = no\nsettle = 20ms\n"
					"[rule cxl]\nmatch-kind = cxl\nmode = system-ram\n");
	test_host_start_daemon(&host);
	test_host_assert_file(&host, AUTOPROBE, "1");
	test_host_wait(&host, "dax0.0", "online");
	test_host_assert(&host, "dax0.0", "Zone", "Movable");
	test_host_wait(&host, "dax1.0", "unmanaged");
	ck_assert(tree_has(host.root, DEVICE_DAX "dax1.0"));
	ck_assert(!tree_has(host.root, BOOT_CLAIM));
	test_host_stop(&host);
}
END_TEST

/* What the unit runs when the daemon could not start, as with an error in its configuration. */
START_TEST(test_claimed_since_boot_and_no_daemon)
{
	struct test_host host;

	start_claimed_since_boot(&host, NULL);
	test_host_restore(&host);
	test_host_assert_file(&host, AUTOPROBE, "1");
	ck_assert(tree_has(host.root, KMEM "dax0.0"));
	ck_assert(tree_has(host.root, DEVICE_DAX "dax1.0"));
	ck_assert(!tree_has(host.root, BOOT_CLAIM));

	/* From now on, whoever unbinds a device means it. */
	test_host_write(&host, DEVICE_DAX "unbind", "dax1.0");
	test_host_restore(&host);
	ck_assert(!tree_has(host.root, DEVICE_DAX "dax1.0"));
	test_host_stop(&host);
}
END_TEST

/* It came under the claim, and the end of the claim must not leave it without the driver it would
 * have had. */
START_TEST(test_stop_hands_over)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;

	device.kind = FAKE_KERNEL_PMEM;
	test_host_start(&host, NULL, "[daemon]\nsettle = 10s\n");
	test_host_start_daemon(&host);
	test_host_add(&host, &device);
	ck_assert(!tree_has(host.root, DEVICE_DAX "dax0.0"));
	test_host_end_daemon(&host, SIGTERM);
	test_host_assert_file(&host, AUTOPROBE, "1");
	ck_assert(tree_has(host.root, DEVICE_DAX "dax0.0"));
	test_host_stop(&host);
}
END_TEST

/* Two devices; the bind of the first is held up while what the caller does is done. */
static void start_with_slow_bind(struct test_host *host, unsigned stall_msec)
{
	struct fake_kernel_device first = test_device("dax0.0"), second = test_device("dax1.0");
	const struct fake_kernel_fault fault = {
		.op = FAKE_KERNEL_WRITE,
		.action = FAKE_KERNEL_STALL,
		.pattern = "*/kmem/bind",
		.stall_msec = stall_msec,
	};

	test_host_start(host, NULL, NULL);
	test_host_start_daemon(host);
	fake_kernel_add_fault(host->root, &fault);
	test_host_add_silently(host, &first);
	test_host_add(host, &second);
	test_host_announce(host, "dax0.0");
	test_host_wait(host, "dax0.0", "applying");
	test_host_wait(host, "dax1.0", "pending");
}

START_TEST(test_reload_reaches_who_waits)
{
	struct test_host host;

	start_with_slow_bind(&host, 2000);
	test_host_put_policy(&host, "[daemon]\nsettle = 20ms\n"
				    "[rule other]\nmatch-device = dax1.*\nmatch-kind = cxl\n"
				    "mode = system-ram\nmemmap-on-memory = yes\n"
				    "[rule slow]\nmatch-kind = cxl\nmode = system-ram\n");
	ck_assert_ptr_null(test_host_reload(&host));
	test_host_assert(&host, "dax0.0", "State", "applying");
	test_host_wait(&host, "dax0.0", "online");
	test_host_wait(&host, "dax1.0", "online");
	test_host_assert(&host, "dax1.0", "Rule", "other");
	test_host_assert(&host, "dax1.0", "MemmapEffective", "true");
	test_host_stop(&host);
}
END_TEST

/* The claim ends at once, not when the bind does. */
START_TEST(test_reload_ends_the_claim)
{
	struct test_host host;

	start_with_slow_bind(&host, 3000);
	test_host_put_policy(&host, "[daemon]\nclaim = no\nsettle = 20ms\n"
				    "[rule slow]\nmatch-kind = cxl\nmode = system-ram\n");
	ck_assert_ptr_null(test_host_reload(&host));
	test_host_assert_file(&host, AUTOPROBE, "1");
	test_host_assert(&host, NULL, "Claimed", "false");
	test_host_assert(&host, "dax0.0", "State", "applying");
	test_host_wait(&host, "dax0.0", "online");
	test_host_wait(&host, "dax1.0", "online");
	test_host_assert(&host, "dax1.0", "Zone", "Movable");
	test_host_assert_file(&host, AUTO_ONLINE, "online");
	test_host_stop(&host);
}
END_TEST

/* What the claim kept waits for the worker that runs, which holds a policy of its own. */
START_TEST(test_reload_hands_over)
{
	struct fake_kernel_device pmem = test_device("dax2.0");
	struct test_host host;

	start_with_slow_bind(&host, 2000);
	pmem.kind = FAKE_KERNEL_PMEM;
	test_host_add(&host, &pmem);
	test_host_wait(&host, "dax2.0", "pending");
	test_host_put_policy(&host, "[daemon]\nclaim = no\nsettle = 20ms\n"
				    "[rule slow]\nmatch-kind = cxl\nmode = system-ram\n");
	ck_assert_ptr_null(test_host_reload(&host));
	ck_assert(!tree_has(host.root, DEVICE_DAX "dax2.0"));
	test_host_wait(&host, "dax0.0", "online");
	test_host_wait(&host, "dax1.0", "online");
	test_host_wait(&host, "dax2.0", "unmanaged");
	ck_assert(tree_has(host.root, DEVICE_DAX "dax2.0"));
	test_host_stop(&host);
}
END_TEST

START_TEST(test_crash_then_no_claim)
{
	struct test_host host;

	test_host_start(&host, NULL, NULL);
	test_host_start_daemon(&host);
	test_host_end_daemon(&host, SIGKILL);
	test_host_assert_file(&host, AUTOPROBE, "0");
	test_host_put_policy(&host, "[daemon]\nclaim = no\n");
	test_host_start_daemon(&host);
	test_host_assert_file(&host, AUTOPROBE, "1");
	test_host_stop(&host);
}
END_TEST

/* A block that goes offline says so to nobody; the daemon looks again by itself. */
START_TEST(test_waits_for_what_sends_no_event)
{
	const char *state = "sys/devices/system/memory/memory514/state";
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;

	test_host_start(&host, NULL, NULL);
	test_host_start_daemon(&host);
	test_host_add(&host, &device);
	test_host_wait(&host, "dax0.0", "online");
	test_host_end_daemon(&host, SIGTERM);
	tree_put(host.root, state, "going-offline\n");
	test_host_start_daemon(&host);
	test_host_wait(&host, "dax0.0", "pending");
	tree_put(host.root, state, "online\n");
	test_host_wait(&host, "dax0.0", "online");
	test_host_stop(&host);
}
END_TEST

Suite *suite_claim(void)
{
	Suite *suite = suite_create("claim");
	TCase *tcase = tcase_create("claim");

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, test_restore_beside_a_daemon);
	tcase_add_test(tcase, test_lock_is_private);
	tcase_add_test(tcase, test_bus_comes_anew);
	tcase_add_test(tcase, test_taken_by_somebody_else);
	tcase_add_test(tcase, test_unbound_on_purpose);
	tcase_add_test(tcase, test_announced_again);
	tcase_add_test(tcase, test_claimed_since_boot);
	tcase_add_test(tcase, test_claimed_since_boot_but_no_claim);
	tcase_add_test(tcase, test_claimed_since_boot_and_no_daemon);
	tcase_add_test(tcase, test_stop_hands_over);
	tcase_add_test(tcase, test_reload_reaches_who_waits);
	tcase_add_test(tcase, test_reload_ends_the_claim);
	tcase_add_test(tcase, test_reload_hands_over);
	tcase_add_test(tcase, test_crash_then_no_claim);
	tcase_add_test(tcase, test_waits_for_what_sends_no_event);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is remembered of a device is about that one: it is not forgotten before a look shows that it
 * has left, and not taken for that of another one that comes under its name.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/cleanup.h"
#include "request-host.h"
#include "suites.h"
#include "tree.h"

static const struct fake_kernel_fault unreadable = {
	.op = FAKE_KERNEL_READ,
	.action = FAKE_KERNEL_FAIL,
	.pattern = "*/dax0.0/size",
	.times = UINT_MAX,
	.error = -EIO,
};

/* Where it is no longer known to have been there first, its memory would be taken offline. */
static void start_found_online(struct test_host *host)
{
	struct fake_kernel_device device = test_device("dax0.0");

	test_host_start(host, NULL, NULL);
	test_host_add_silently(host, &device); /* the kernel brings it online, in zone Normal */
	g_free(umockdev_testbed_add_device(host->testbed, "dax", "dax0.0", NULL, NULL, NULL));
	test_host_start_daemon(host);
	test_host_wait(host, "dax0.0", "mismatch");
	fake_kernel_clear_log(host->root);
}

static void assert_left_alone(struct test_host *host)
{
	g_usleep(400000);
	test_host_wait(host, "dax0.0", "mismatch");
	test_host_assert(host, "dax0.0", "BlocksOnline", "8");
	test_host_assert_writes(host, (const char *[]){NULL});
}

/* "udevadm trigger --action=remove", or any event of that kind: the device is still there. */
START_TEST(test_said_to_be_removed)
{
	struct test_host host;

	start_found_online(&host);
	if (_i == 0)
		umockdev_testbed_set_property(host.testbed, "/sys/devices/dax0.0", "SYNTH_UUID",
					      "0");
	test_host_device_event(&host, "dax0.0", "remove");
	assert_left_alone(&host);
	test_host_device_event(&host, "dax0.0", "add");
	assert_left_alone(&host);
	test_host_stop(&host);
}
END_TEST

START_TEST(test_released_and_said_to_be_removed)
{
	struct test_host host;

	request_start_online(&host, NULL);
	request_release_it(&host);
	test_host_device_event(&host, "dax0.0", "remove");
	g_usleep(400000);
	request_assert_released(&host);
	test_host_stop(&host);
}
END_TEST

/* A read that fails hides it from a look; that it has left would be a guess. */
START_TEST(test_a_look_misses_it)
{
	struct test_host host;

	start_found_online(&host);
	fake_kernel_add_fault(host.root, &unreadable);
	test_host_device_event(&host, "dax0.0", "change");
	test_host_wait(&host, "dax0.0", "pending");
	test_host_assert_like(&host, "dax0.0", "Reason", "could not be read");
	fake_kernel_clear_faults(host.root);
	/* It is looked at again, though no event comes. */
	assert_left_alone(&host);
	test_host_stop(&host);
}
END_TEST

/* It was there when the daemon started, also where the first look missed it. */
START_TEST(test_the_first_look_misses_it)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;

	test_host_start(&host, NULL, NULL);
	test_host_add_silently(&host, &device);
	fake_kernel_add_fault(host.root, &unreadable);
	test_host_start_daemon(&host);
	test_host_assert_logged(&host, "dax0.0/size");
	fake_kernel_clear_faults(host.root);
	fake_kernel_clear_log(host.root);
	test_host_wait(&host, "dax0.0", "mismatch"); /* though no event comes */
	g_usleep(200000);
	test_host_assert(&host, "dax0.0", "BlocksOnline", "8");
	test_host_assert_writes(&host, (const char *[]){NULL});
	test_host_stop(&host);
}
END_TEST

static void replace_silently(struct test_host *host)
{
	struct fake_kernel_device device = test_device("dax0.0");

	device.ranges[0].start += 8 * FAKE_KERNEL_GIB;
	device.serials[0] = 0xbeef;
	fake_kernel_remove_device(host->root, "dax0.0");
	fake_kernel_add_device(host->root, &device);
}

/* Events may be lost; what was released is another one. */
START_TEST(test_released_and_replaced)
{
	struct test_host host;

	request_start_online(&host, NULL);
	request_release_it(&host);
	replace_silently(&host);
	test_host_device_event(&host, "dax0.0", "change");
	test_host_wait(&host, "dax0.0", "online");
	test_host_assert_logged(&host, "another device came under its name");
	test_host_stop(&host);
}
END_TEST

/* What was asked of the old one is not done to the new one. */
START_TEST(test_replaced_before_its_turn)
{
	struct fake_kernel_device other = test_device("dax1.0");
	struct pending_call call;
	struct test_host host;

	request_start_online(&host, NULL);
	other.region = "region1";
	request_stall_at(&host, "*/drivers/kmem/bind", 2000);
	test_host_add(&host, &other);
	request_wait_for_writes(&host, 1); /* of the plan of dax1.0 */
	pending_release(&call, &host, "dax0.0", false, 0);
	g_usleep(200000);
	replace_silently(&host);
	test_host_device_event(&host, "dax0.0", "change");
	pending_assert_failed(&call, "NoSuchDevice", "left");
	test_host_wait(&host, "dax0.0", "online");
	test_host_assert(&host, "dax0.0", "BlocksMovable", "8");
	test_host_wait(&host, "dax1.0", "online");
	/* The old one left with its memory in use. */
	test_host_assert(&host, "dax0.0@1000000000", "State", "stuck");
	test_host_stop(&host);
}
END_TEST

START_TEST(test_replaced_under_its_worker)
{
	struct pending_call call;
	struct test_host host;

	request_start_online(&host, NULL);
	request_stall_at(&host, BLOCK("515"), 1500);
	pending_release(&call, &host, "dax0.0", false, 0);
	request_wait_for_writes(&host, 4);
	replace_silently(&host);
	test_host_device_event(&host, "dax0.0", "change");
	pending_assert_failed(&call, "NoSuchDevice", "dax0.0 has left");
	test_host_wait(&host, "dax0.0", "online");
	test_host_assert_logged(&host, "another device came under its name");
	test_host_assert(&host, "dax0.0", "BlocksMovable", "8");
	test_host_stop(&host);
}
END_TEST

Suite *suite_identity(void)
{
	Suite *suite = suite_create("identity");
	TCase *tcase = request_add_case(suite, "identity");

	tcase_add_loop_test(tcase, test_said_to_be_removed, 0, 2);
	tcase_add_test(tcase, test_released_and_said_to_be_removed);
	tcase_add_test(tcase, test_a_look_misses_it);
	tcase_add_test(tcase, test_the_first_look_misses_it);
	tcase_add_test(tcase, test_released_and_replaced);
	tcase_add_test(tcase, test_replaced_before_its_turn);
	tcase_add_test(tcase, test_replaced_under_its_worker);
	return suite;
}

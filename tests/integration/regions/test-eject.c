/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A region is taken apart, and what is left of one whose worker was killed. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "pending-call.h"
#include "region-host.h"
#include "suites.h"
#include "tree.h"

/* Events may be lost: the card that was given up is not the one that has its name now. */
START_TEST(test_ejected_and_replaced)
{
	static const struct fake_kernel_memdev another = {
		.name = "mem0", .serial = 0xb0, .ram = GIB, .endpoint = 5};
	struct pending_call call;
	struct test_host host;

	region_host_start(&host, policy_yes);
	test_host_start_daemon(&host);
	card_plug(&host, 0);
	region_assert_online(&host, "region0");
	pending_release(&call, &host, "dax0.0", true, 0);
	pending_assert_done(&call);
	memdev_wait(&host, "mem0", "State", "released");
	fake_kernel_remove_memdev(host.root, "mem0");
	fake_kernel_add_memdev(host.root, &another);
	card_announce(&host, "decoder5.0");
	memdev_wait(&host, "mem0", "Region", "region1");
	test_host_assert_logged(&host, "mem0: left, and another device came under its name");
	test_host_stop(&host);
}
END_TEST

/* What was given up together comes back together, also to another daemon. */
START_TEST(test_eject_of_two)
{
	struct pending_call call;
	struct test_host host;

	region_host_start(&host, policy_two_ways);
	fake_kernel_add_memdev(host.root, &cards[0]);
	fake_kernel_add_memdev(host.root, &cards[1]);
	test_host_start_daemon(&host);
	region_assert_online(&host, "region0");
	pending_release(&call, &host, "dax0.0", true, 0);
	pending_assert_done(&call);
	memdev_wait(&host, "mem0", "State", "released");
	memdev_wait(&host, "mem1", "State", "released");
	if (_i == 1) {
		test_host_end_daemon(&host, SIGKILL);
		test_host_start_daemon(&host);
		memdev_wait(&host, "mem1", "State", "released");
	}
	region_apply(&host, "mem1");
	test_host_wait(&host, "dax1.0", "online"); /* the kernel counts on */
	memdev_wait(&host, "mem0", "Region", "region1");
	memdev_wait(&host, "mem1", "Region", "region1");
	test_host_stop(&host);
}
END_TEST

static void assert_killed(struct test_host *host)
{
	_cleanup_free_ char *log = fake_kernel_log(host->root);

	ck_assert_ptr_nonnull(strstr(log, "killed-"));
}

static void eject(struct test_host *host)
{
	struct pending_call call;

	pending_release(&call, host, "dax0.0", true, 0);
	pending_assert_done(&call);
}

/* The card can be pulled; it stays out of use until then, and is used again when it is back. */
START_TEST(test_eject)
{
	struct test_host host;

	region_host_start(&host, policy_yes);
	test_host_start_daemon(&host);
	card_plug(&host, 0);
	region_assert_online(&host, "region0");
	eject(&host);
	test_host_wait_gone(&host, "dax0.0");
	region_assert_none(&host);
	memdev_wait(&host, "mem0", "State", "released");
	card_announce(&host, "decoder3.0");
	g_usleep(300000);
	region_assert_none(&host);
	ck_assert_ptr_null(test_host_reload(&host));
	g_usleep(300000);
	region_assert_none(&host);

	card_pull(&host, 0);
	g_usleep(200000);
	card_plug(&host, 0);
	memdev_wait(&host, "mem0", "Region", "region");
	test_host_stop(&host);
}
END_TEST

START_TEST(test_eject_refused)
{
	struct pending_call call;
	struct test_host host;

	region_host_start(&host, policy_yes);
	test_host_start_daemon(&host);
	card_plug(&host, 0);
	region_assert_online(&host, "region0");
	fake_kernel_add_fault(host.root, &(struct fake_kernel_fault){.op = FAKE_KERNEL_WRITE,
								     .action = FAKE_KERNEL_FAIL,
								     .times = 1,
								     .pattern = "*/commit",
								     .error = -EPERM});
	pending_release(&call, &host, "dax0.0", true, 0);
	pending_assert_failed(&call, "StepFailed", "locked by firmware");
	region_assert_online(&host, "region0");
	test_host_stop(&host);
}
END_TEST

/* The worker is killed behind each write of the making: it comes to the same end. */
START_TEST(test_create_killed)
{
	for (unsigned n = 1; n <= 7; n++) { /* so many writes below the root of the bus */
		struct test_host host;

		region_host_start(&host, policy_yes);
		test_host_start_daemon(&host);
		fake_kernel_add_fault(
			host.root,
			&(struct fake_kernel_fault){
				.op = FAKE_KERNEL_WRITE,
				.action = _i ? FAKE_KERNEL_KILL_AFTER : FAKE_KERNEL_KILL_BEFORE,
				.nth = n,
				.pattern = "sys/devices/platform/ACPI0017:00/*",
			});
		card_plug(&host, 0);
		memdev_wait(&host, "mem0", "Region", "region");
		assert_killed(&host);
		region_wait_no_record(&host);
		test_host_stop(&host);
	}
}
END_TEST

/* The way to the end is gone on from where there is no device any more; before, all is put back. */
START_TEST(test_eject_killed)
{
	static const char *const writes[] = {"*/cxl_region/unbind", "*/region0/commit",
					     "*/delete_region", "*/dpa_size"};

	for (size_t n = 0; n < ARRAY_SIZE(writes); n++) {
		struct pending_call call;
		struct test_host host;

		region_host_start(&host, policy_yes);
		test_host_start_daemon(&host);
		card_plug(&host, 0);
		region_assert_online(&host, "region0");
		fake_kernel_add_fault(host.root, &(struct fake_kernel_fault){
							 .op = FAKE_KERNEL_WRITE,
							 .action = _i ? FAKE_KERNEL_KILL_AFTER
								      : FAKE_KERNEL_KILL_BEFORE,
							 .pattern = writes[n],
						 });
		pending_release(&call, &host, "dax0.0", true, 0);
		if (_i && n == ARRAY_SIZE(writes) - 1) /* there was nothing left to be done */
			pending_assert_done(&call);
		else
			pending_assert_failed(&call, "StepFailed", "");
		assert_killed(&host);
		/* Half a region is never left. */
		region_wait_no_record(&host);
		for (int i = 0; i < 500; i++) {
			_cleanup_free_ char *region = memdev_get(&host, "mem0", "Region");
			_cleanup_free_ char *held = tree_get(host.root, CXL "decoder3.0/dpa_size");

			if ((region[0] != '\0') == (strtoull(held, NULL, 0) != 0))
				break;
			ck_assert_int_lt(i, 499);
			g_usleep(20000);
		}
		test_host_stop(&host);
	}
}
END_TEST

void add_eject_tests(Suite *suite)
{
	add_case(suite, "eject", test_eject, test_eject_refused, test_ejected_and_replaced, NULL);
	add_loop(suite, "eject-of-two", test_eject_of_two, 2);
	add_loop(suite, "create-killed", test_create_killed, 2);
	add_loop(suite, "eject-killed", test_eject_killed, 2);
}

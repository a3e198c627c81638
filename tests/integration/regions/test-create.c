/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A card goes in, and its memory comes online. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "pending-call.h"
#include "region-host.h"
#include "suites.h"
#include "tree.h"

/* A card that is there at the start, as after each boot, since nothing but the policy persists. */
START_TEST(test_cold_start)
{
	struct test_host host;

	region_host_start(&host, policy_yes);
	fake_kernel_add_memdev(host.root, &cards[0]);
	test_host_start_daemon(&host);
	region_assert_online(&host, "region0");
	test_host_assert_logged(&host, "mem0: plan of 4 steps carried out");
	test_host_stop(&host);
}
END_TEST

START_TEST(test_hot_plug)
{
	struct test_host host;

	region_host_start(&host, policy_yes);
	test_host_start_daemon(&host);
	card_plug(&host, 0);
	region_assert_online(&host, "region0");
	fake_kernel_clear_log(host.root);

	/* Once is enough. */
	card_announce(&host, "endpoint3");
	g_usleep(300000);
	ck_assert_uint_eq(fake_kernel_count(host.root, FAKE_KERNEL_WRITE), 0);
	test_host_stop(&host);
}
END_TEST

START_TEST(test_two_cards)
{
	struct test_host host;

	region_host_start(&host, policy_yes);
	test_host_start_daemon(&host);
	card_plug(&host, 1);
	card_plug(&host, 0);
	test_host_wait(&host, "dax0.0", "online");
	test_host_wait(&host, "dax1.0", "online");
	memdev_wait(&host, "mem0", "Region", "region");
	memdev_wait(&host, "mem1", "Region", "region");
	test_host_stop(&host);
}
END_TEST

/* The policy says no, and then yes: the card that waited gets its region. */
START_TEST(test_turned_on)
{
	struct test_host host;

	region_host_start(&host, policy_no);
	test_host_start_daemon(&host);
	fake_kernel_clear_log(host.root);
	card_plug(&host, 0);
	memdev_wait(&host, "mem0", "Reason", "create-regions = no");
	memdev_wait(&host, "mem0", "State", "unmanaged");
	ck_assert_uint_eq(fake_kernel_count(host.root, FAKE_KERNEL_WRITE), 0);
	test_host_put_policy(&host, policy_yes);
	ck_assert_ptr_null(test_host_reload(&host));
	region_assert_online(&host, "region0");
	test_host_stop(&host);
}
END_TEST

/* What the kernel refuses stays undone, and is said, with when it is tried again. */
START_TEST(test_refused)
{
	struct test_host host;

	region_host_start(&host, policy_yes);
	fake_kernel_add_fault(host.root, &(struct fake_kernel_fault){.op = FAKE_KERNEL_WRITE,
								     .action = FAKE_KERNEL_FAIL,
								     .times = 1000,
								     .pattern = "*/commit",
								     .error = -ENXIO});
	test_host_start_daemon(&host);
	card_plug(&host, 0);
	memdev_wait(&host, "mem0", "State", "failed");
	memdev_wait(&host, "mem0", "Reason", "-cpu host,-hypervisor");
	region_assert_none(&host);
	test_host_stop(&host);
}
END_TEST

START_TEST(test_no_room)
{
	struct test_host host;

	region_host_start(&host, policy_yes);
	fake_kernel_add_memdev(
		host.root, &(struct fake_kernel_memdev){
				   .name = "mem0", .serial = 0xa0, .ram = 8 * GIB, .endpoint = 3});
	test_host_start_daemon(&host);
	memdev_wait(&host, "mem0", "State", "failed");
	memdev_wait(&host, "mem0", "Reason", "4 GiB of its 4 GiB free in one piece, and 8 GiB");
	region_assert_none(&host);
	test_host_stop(&host);
}
END_TEST

START_TEST(test_together)
{
	struct test_host host;

	region_host_start(&host, policy_two_ways);
	test_host_start_daemon(&host);
	card_plug(&host, 1);
	memdev_wait(&host, "mem1", "Reason", "waiting for 1 more of 2");
	memdev_wait(&host, "mem1", "State", "pending");
	card_plug(&host, 0);
	test_host_wait(&host, "dax0.0", "online");
	test_host_assert_file(&host, CXL "region0/target0", "decoder2.0"); /* mem1 came first */
	test_host_assert_file(&host, CXL "region0/target1", "decoder3.0");
	test_host_assert(&host, "dax0.0", "Size", "2147483648");
	test_host_stop(&host);
}
END_TEST

/* Nothing happens but that time passes. */
START_TEST(test_too_few)
{
	struct test_host host;

	region_host_start(&host, policy_two_ways);
	test_host_start_daemon(&host);
	card_plug(&host, 0);
	memdev_wait(&host, "mem0", "State", "pending");
	memdev_wait(&host, "mem0", "State", "failed");
	memdev_wait(&host, "mem0", "Reason", "only 1 of 2 memory devices");
	region_assert_none(&host);
	test_host_stop(&host);
}
END_TEST

/* The second card came too late; an operator who sees both there has only to say so. */
START_TEST(test_late)
{
	struct test_host host;

	region_host_start(&host, policy_short_wait);
	test_host_start_daemon(&host);
	card_plug(&host, 0);
	memdev_wait(&host, "mem0", "Reason", "only 1 of 2 memory devices");
	card_plug(&host, 1);
	memdev_wait(&host, "mem1", "State", "pending");
	memdev_wait(&host, "mem1", "State", "failed");
	region_assert_none(&host);
	if (_i == 0)
		region_apply(&host, "mem1");
	else if (_i == 1)
		region_apply(&host, "");
	else
		ck_assert_ptr_null(test_host_reload(&host));
	region_assert_online(&host, "region0");
	memdev_wait(&host, "mem1", "Region", "region0");
	test_host_stop(&host);
}
END_TEST

void add_create_tests(Suite *suite)
{
	add_case(suite, "create", test_cold_start, test_hot_plug, test_two_cards, test_turned_on);
	add_case(suite, "refuse", test_refused, test_no_room, NULL, NULL);
	add_case(suite, "interleave", test_together, test_too_few, NULL, NULL);
	add_loop(suite, "late", test_late, 3);
}

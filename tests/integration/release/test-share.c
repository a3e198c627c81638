/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Devices that share: a guard, or a node. */
#include "base/cleanup.h"
#include "cases.h"

/* Beside 4 GiB of DRAM there is room for one of 3 GiB. */
static const char guard_policy[] = "[daemon]\nsettle = 20ms\n[movable]\nmax-ratio = 1\n"
				   "[rule slow]\nmatch-kind = cxl, hmem\nmode = system-ram\n";

START_TEST(test_held_back_until_there_is_room)
{
	struct fake_kernel_device first = test_device("dax0.0"), second = test_device("dax1.0");
	struct pending_call call;
	struct test_host host;

	first.ranges[0].size = second.ranges[0].size = 3 * FAKE_KERNEL_GIB;
	second.region = "region1";
	test_host_start(&host, NULL, guard_policy);
	test_host_start_daemon(&host);
	test_host_add(&host, &first);
	test_host_wait(&host, "dax0.0", "online");
	test_host_add(&host, &second);
	test_host_wait(&host, "dax1.0", "held-back");
	test_host_assert_like(&host, "dax1.0", "Reason", "max-ratio 1 allows 4 GiB");

	pending_release(&call, &host, "dax0.0", false, 0);
	pending_assert_done(&call);
	test_host_wait(&host, "dax1.0", "online");
	test_host_assert(&host, "dax0.0", "State", "released");
	/* And now it is the other one's turn. */
	pending_apply(&call, &host, "dax0.0", false);
	pending_assert_failed(&call, "Refused", "max-ratio");
	test_host_wait(&host, "dax0.0", "held-back");
	test_host_stop(&host);
}
END_TEST

/* Fragmented, with a piece smaller than a block, and on one node with another. */
START_TEST(test_one_of_two_on_a_node)
{
	struct fake_kernel_device first = test_device("dax0.0"), second = test_device("dax1.0");
	struct pending_call call;
	struct test_host host;

	first.ranges[0].size = FAKE_KERNEL_GIB / 2;
	first.ranges[1] = (struct fake_kernel_range){80 * FAKE_KERNEL_GIB, 96 * FAKE_KERNEL_MIB};
	first.ranges[2] = (struct fake_kernel_range){96 * FAKE_KERNEL_GIB, FAKE_KERNEL_GIB / 2};
	second.region = "region1";
	second.target_node = first.target_node;
	test_host_start(&host, NULL, NULL);
	test_host_start_daemon(&host);
	test_host_add(&host, &first);
	test_host_add(&host, &second);
	test_host_wait(&host, "dax1.0", "online");
	assert_movable(&host);

	fake_kernel_clear_log(host.root);
	pending_release(&call, &host, "dax0.0", false, 0);
	pending_assert_done(&call);
	test_host_wait(&host, "dax0.0", "released");
	ck_assert_uint_eq(fake_kernel_count(host.root, FAKE_KERNEL_WRITE), 8 + 1);
	test_host_assert(&host, "dax1.0", "State", "online");
	test_host_assert(&host, "dax1.0", "BlocksMovable", "8");
	test_host_stop(&host);
}
END_TEST

void add_share_cases(Suite *suite)
{
	TCase *tcase = add_case(suite, "share");

	tcase_add_test(tcase, test_held_back_until_there_is_room);
	tcase_add_test(tcase, test_one_of_two_on_a_node);
}

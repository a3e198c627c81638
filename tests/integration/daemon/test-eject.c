/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A card that is to be pulled: its region is taken apart, and is not made again at once. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>

#include "base/cleanup.h"
#include "fake-kernel-cxl.h"
#include "host-wait.h"
#include "pending-call.h"
#include "suites.h"
#include "test-host.h"
#include "tree.h"

#define DAX "sys/bus/dax/devices/dax0.0"

static const char policy[] = "[daemon]\nsettle = 20ms\n"
			     "[regions]\ncreate-regions = yes\n"
			     "[rule slow]\nmatch-kind = cxl\nmode = system-ram\n";

static const struct fake_kernel_window window = {
	.name = "decoder0.0",
	.start = 64 * FAKE_KERNEL_GIB,
	.size = 8 * FAKE_KERNEL_GIB,
	.target_node = 1,
};
static const struct fake_kernel_memdev card = {
	.name = "mem0",
	.serial = 0xabc1,
	.ram = FAKE_KERNEL_GIB,
	.endpoint = 2,
};

static void plug(struct test_host *host)
{
	fake_kernel_add_memdev(host->root, &card);
	g_free(umockdev_testbed_add_device(host->testbed, "cxl", "mem0", NULL, NULL, NULL));
}

static void pull(struct test_host *host)
{
	fake_kernel_remove_memdev(host->root, "mem0");
	umockdev_testbed_uevent(host->testbed, "/sys/devices/mem0", "remove");
	umockdev_testbed_remove_device(host->testbed, "/sys/devices/mem0");
}

/* A member of the only memory device. */
static void assert_memdev(struct test_host *host, const char *member, const char *value)
{
	struct json_object *memdevs = test_host_get(host, NULL, "Memdevs"), *text;

	ck_assert_uint_eq(json_object_array_length(memdevs), 1);
	ck_assert(json_object_object_get_ex(json_object_array_get_idx(memdevs, 0), member, &text));
	ck_assert_str_eq(json_object_get_string(text), value);
	json_object_put(memdevs);
}

/*
 * The kernel gives each region a new number, and the dax device goes by it: the one that is there,
 * whichever that is, comes online.
 */
static void wait_online(struct test_host *host)
{
	for (int i = 0; i < 1000; i++) {
		for (unsigned n = 0; n < 3; n++) {
			struct json_object *state;
			char name[16];
			bool online;

			snprintf(name, sizeof(name), "dax%u.0", n);
			state = test_host_get(host, name, "State");
			online = state && !strcmp(json_object_get_string(state), "online");
			json_object_put(state);
			if (!online)
				continue;
			test_host_assert(host, name, "BlocksMovable", "8");
			assert_memdev(host, "State", "");
			return;
		}
		g_usleep(10000);
	}
	test_host_wait(host, "dax0.0", "online"); /* and say why not */
}

static void start_online(struct test_host *host)
{
	test_host_start(host, NULL, policy);
	fake_kernel_add_window(host->root, &window);
	test_host_start_daemon(host);
	plug(host);
	test_host_wait(host, "dax0.0", "online");
	test_host_assert(host, "dax0.0", "Zone", "Movable");
	assert_memdev(host, "Region", "region0");
	assert_memdev(host, "State", "");
}

static void eject(struct test_host *host)
{
	struct pending_call call;

	pending_release(&call, host, "dax0.0", true, 0);
	pending_assert_done(&call);
	test_host_wait_gone(host, "dax0.0");
	ck_assert(!tree_has(host->root, DAX));
}

static void assert_ejected(struct test_host *host)
{
	g_usleep(300000);
	ck_assert(!tree_has(host->root, DAX));
	assert_memdev(host, "Region", "");
	assert_memdev(host, "State", "released");
}

START_TEST(test_stays_ejected)
{
	struct pending_call call;
	struct test_host host;

	start_online(&host);
	test_host_assert_logged(&host, "mem0: a region of 1 GiB in decoder0.0");
	eject(&host);
	assert_ejected(&host);
	ck_assert_ptr_null(test_host_reload(&host));
	assert_ejected(&host);
	test_host_end_daemon(&host, SIGTERM);
	test_host_start_daemon(&host);
	assert_ejected(&host);

	pending_apply(&call, &host, "mem0", false);
	pending_assert_done(&call);
	wait_online(&host);
	test_host_stop(&host);
}
END_TEST

START_TEST(test_plugged_anew)
{
	struct test_host host;

	start_online(&host);
	eject(&host);
	pull(&host);
	g_usleep(200000);
	plug(&host);
	wait_online(&host);
	test_host_stop(&host);
}
END_TEST

START_TEST(test_policy_of_regions_changes)
{
	struct test_host host;

	start_online(&host);
	eject(&host);
	test_host_put_policy(&host, "[daemon]\nsettle = 20ms\n"
				    "[regions]\ncreate-regions = yes\nnever = 0x7\n"
				    "[rule slow]\nmatch-kind = cxl\nmode = system-ram\n");
	ck_assert_ptr_null(test_host_reload(&host));
	wait_online(&host);
	test_host_stop(&host);
}
END_TEST

/* offline-blocks 8, unbind, and what of the region follows; see test_number_of_writes. */
#define N_WRITES      13
#define UNBIND_WRITE  9
#define DISABLE_WRITE 10

START_TEST(test_number_of_writes)
{
	struct test_host host;

	start_online(&host);
	fake_kernel_clear_log(host.root);
	eject(&host);
	ck_assert_uint_eq(fake_kernel_count(host.root, FAKE_KERNEL_WRITE), N_WRITES);
	test_host_stop(&host);
}
END_TEST

static void kill_worker(struct test_host *host, enum fake_kernel_action action, unsigned nth,
			struct pending_call *call)
{
	const struct fake_kernel_fault fault = {
		.op = FAKE_KERNEL_WRITE,
		.action = action,
		.nth = nth,
	};

	start_online(host);
	fake_kernel_clear_log(host->root);
	fake_kernel_add_fault(host->root, &fault);
	pending_release(call, host, "dax0.0", true, 0);
}

/* As long as it is bound, it comes back. */
START_TEST(test_killed_while_bound)
{
	struct pending_call call;
	struct test_host host;

	kill_worker(&host, _i % 2 ? FAKE_KERNEL_KILL_AFTER : FAKE_KERNEL_KILL_BEFORE,
		    (unsigned)_i / 2 + 1, &call);
	pending_assert_failed(&call, "StepFailed", "ended without a result");
	wait_online(&host);
	test_host_stop(&host);
}
END_TEST

/* Given up as it was asked for, but for its region: another call takes that apart. */
START_TEST(test_killed_when_unbound)
{
	struct pending_call call;
	struct test_host host;

	kill_worker(&host, _i ? FAKE_KERNEL_KILL_BEFORE : FAKE_KERNEL_KILL_AFTER,
		    _i ? DISABLE_WRITE : UNBIND_WRITE, &call);
	pending_assert_failed(&call, "StepFailed", "but its region stands");
	g_usleep(200000);
	test_host_assert(&host, "dax0.0", "State", "released");
	assert_memdev(&host, "Region", "region0");
	eject(&host);
	assert_ejected(&host);
	test_host_stop(&host);
}
END_TEST

/* There is no way back from a region that is half taken apart but the one forward. */
START_TEST(test_killed_in_the_region)
{
	unsigned nth = DISABLE_WRITE + (unsigned)(_i + 1) / 2;
	struct pending_call call;
	struct test_host host;

	kill_worker(&host, _i % 2 ? FAKE_KERNEL_KILL_BEFORE : FAKE_KERNEL_KILL_AFTER, nth, &call);
	if (_i % 2 == 0 && nth == N_WRITES)
		pending_assert_done(&call);
	else
		pending_assert_failed(&call, "StepFailed", "taken apart next");
	host_wait_no_path(&host, "run/daxtierd/region");
	assert_ejected(&host);
	test_host_stop(&host);
}
END_TEST

/* What cannot be made is said, and an Apply of it is refused with that. */
START_TEST(test_region_refused)
{
	struct pending_call call;
	struct test_host host;

	test_host_start(&host, NULL, policy);
	test_host_start_daemon(&host);
	plug(&host);
	pending_apply(&call, &host, "mem0", false);
	pending_assert_failed(&call, "Refused", "");
	assert_memdev(&host, "Region", "");
	pending_apply(&call, &host, "mem9", false);
	pending_assert_failed(&call, "NoSuchDevice", "mem9");
	test_host_stop(&host);
}
END_TEST

START_TEST(test_region_fails)
{
	const struct fake_kernel_fault fault = {
		.op = FAKE_KERNEL_WRITE,
		.action = FAKE_KERNEL_FAIL,
		.error = -ENXIO,
		.times = UINT_MAX,
		.pattern = "*/commit",
	};
	struct pending_call call;
	struct test_host host;

	test_host_start(&host, NULL, policy);
	fake_kernel_add_window(host.root, &window);
	test_host_start_daemon(&host);
	fake_kernel_add_fault(host.root, &fault);
	plug(&host);
	host_wait_logged(&host, "commit-region failed");
	pending_apply(&call, &host, "mem0", false);
	pending_assert_failed(&call, "StepFailed", "commit-region");
	assert_memdev(&host, "State", "failed");
	fake_kernel_clear_faults(host.root);
	pending_apply(&call, &host, "mem0", false);
	pending_assert_done(&call);
	wait_online(&host);
	test_host_stop(&host);
}
END_TEST

/* The order of what was there at the start is that of the serials, boot after boot. */
START_TEST(test_interleaved_at_the_start)
{
	struct fake_kernel_memdev first = card, second = card;
	struct test_host host;

	first.serial = 9;
	second.name = "mem1";
	second.serial = 3;
	second.endpoint = 3;
	test_host_start(&host, NULL,
			"[daemon]\nsettle = 20ms\n"
			"[regions]\ncreate-regions = yes\ninterleave = 2\n"
			"[rule slow]\nmatch-kind = cxl\nmode = system-ram\n");
	fake_kernel_add_window(host.root, &window);
	fake_kernel_add_memdev(host.root, &first);
	fake_kernel_add_memdev(host.root, &second);
	test_host_start_daemon(&host);
	test_host_wait(&host, "dax0.0", "online");
	test_host_assert_logged(&host, "mem1: a region of 2 GiB in decoder0.0 over 2 memory");
	test_host_assert(&host, "dax0.0", "Serials", "[ 3, 9 ]");
	test_host_stop(&host);
}
END_TEST

Suite *suite_eject(void)
{
	Suite *suite = suite_create("eject");
	TCase *tcase = tcase_create("eject");

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, test_stays_ejected);
	tcase_add_test(tcase, test_plugged_anew);
	tcase_add_test(tcase, test_policy_of_regions_changes);
	tcase_add_test(tcase, test_number_of_writes);
	tcase_add_loop_test(tcase, test_killed_while_bound, 0, (UNBIND_WRITE - 1) * 2 + 1);
	tcase_add_loop_test(tcase, test_killed_when_unbound, 0, 2);
	tcase_add_loop_test(tcase, test_killed_in_the_region, 0,
			    (N_WRITES - DISABLE_WRITE) * 2 + 1);
	tcase_add_test(tcase, test_region_refused);
	tcase_add_test(tcase, test_region_fails);
	tcase_add_test(tcase, test_interleaved_at_the_start);
	suite_add_tcase(suite, tcase);
	return suite;
}

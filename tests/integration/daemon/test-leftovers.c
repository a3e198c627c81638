/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a process that was killed has left half-way: it is put back beside everything else, and
 * keeps neither the daemon from its start nor anybody from an answer.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "fake-kernel-cxl.h"
#include "host-wait.h"
#include "request-host.h"
#include "suites.h"

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* With six of the eight blocks offline. */
static void kill_daemon_in_release(struct test_host *host)
{
	struct pending_call call;

	request_stall_at(host, "*/memory513/state", 60000);
	pending_release(&call, host, "dax0.0", false, 0);
	request_wait_for_writes(host, 7);
	test_host_end_daemon(host, SIGKILL);
	pending_drop(&call);
	fake_kernel_clear_faults(host->root);
}

/* Anybody's questions, while the worker is at it. */
static void assert_answers(struct test_host *host)
{
	struct process_result result;
	double start = now();

	test_host_ctl(host, &result,
		      (const char *[]){"busctl", "--system", "call", "org.daxtier1",
				       "/org/daxtier1", "org.daxtier1.Manager", "Plan", "s", "",
				       NULL});
	ck_assert_msg(result.status == 0, "%s", result.err);
	process_result_done(&result);
	test_host_ctl(host, &result,
		      (const char *[]){"busctl", "--system", "call", "org.daxtier1",
				       "/org/daxtier1", "org.freedesktop.DBus.Peer", "Ping", NULL});
	ck_assert_msg(result.status == 0, "%s", result.err);
	process_result_done(&result);
	ck_assert_msg(now() - start < 5.0, "it took %f s", now() - start);
}

/* Six blocks of a second each; who waited for them would wait for longer. */
START_TEST(test_slow_blocks_at_the_start)
{
	struct test_host host;
	double start;

	request_start_online(&host, NULL);
	kill_daemon_in_release(&host);
	request_stall_at(&host, "*/memory51?/state", 1000);
	start = now();
	test_host_start_daemon(&host);
	ck_assert_msg(now() - start < 5.0, "the start took %f s", now() - start);
	for (int i = 0; i < 2; i++)
		assert_answers(&host);
	test_host_assert_file(&host, BLOCK("519"), "offline");
	request_assert_online(&host);
	test_host_assert_logged(&host, "what was taken offline of dax0.0 is online again");
	test_host_stop(&host);
}
END_TEST

/* The device that comes meanwhile has its turn after that. */
START_TEST(test_slow_blocks_after_a_worker)
{
	const struct fake_kernel_fault fault = {
		.op = FAKE_KERNEL_WRITE,
		.action = FAKE_KERNEL_KILL_BEFORE,
		.pattern = "*/memory513/state",
	};
	struct fake_kernel_device other = test_device("dax1.0");
	struct pending_call call;
	struct test_host host;

	request_start_online(&host, NULL);
	fake_kernel_add_fault(host.root, &fault);
	pending_release(&call, &host, "dax0.0", false, 0);
	request_wait_for_writes(&host, 6);
	request_stall_at(&host, "*/memory51[4-9]/state", 1000);
	pending_assert_failed(&call, "StepFailed", "put back next");
	test_host_add(&host, &other);
	for (int i = 0; i < 2; i++)
		assert_answers(&host);
	test_host_assert_like(&host, "dax1.0", "StateDetail",
			      "waiting for what a killed process left half-way");
	test_host_wait(&host, "dax1.0", "online");
	request_assert_online(&host);
	test_host_stop(&host);
}
END_TEST

/* Of a device that no rule manages nobody else brings it back. */
START_TEST(test_a_block_that_does_not_come_back)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;

	test_host_start(&host, NULL, "[daemon]\nsettle = 20ms\n[rule no]\nmode = ignore\n");
	test_host_add_silently(&host, &device);
	test_host_start_daemon(&host);
	test_host_wait(&host, "dax0.0", "unmanaged");
	fake_kernel_clear_log(host.root);
	kill_daemon_in_release(&host);
	fake_kernel_poison_block(host.root, 516);
	test_host_start_daemon(&host);
	test_host_wait(&host, "dax0.0", "failed");
	test_host_assert(&host, "dax0.0", "LastError", "EHWPOISON");
	test_host_assert_like(&host, "dax0.0", "LastErrorMessage", "memory516");
	test_host_assert(&host, "dax0.0", "BlocksOnline", "7");
	test_host_assert_logged(&host, "trying again in 1 s");
	assert_answers(&host);
	test_host_stop(&host);
}
END_TEST

/* A try whose time comes while another device's worker runs waits for its end, and asks nobody. */
START_TEST(test_the_next_try_waits_for_a_worker)
{
	struct fake_kernel_device device = test_device("dax0.0"), other = test_device("dax1.0");
	struct test_host host;
	unsigned before;

	test_host_start(&host, NULL,
			"[daemon]\nsettle = 20ms\n[rule no]\nmatch-device = dax0.0\nmode = ignore\n"
			"[rule slow]\nmatch-kind = cxl\nmode = system-ram\n");
	test_host_add_silently(&host, &device);
	test_host_start_daemon(&host);
	test_host_wait(&host, "dax0.0", "unmanaged");
	fake_kernel_clear_log(host.root);
	kill_daemon_in_release(&host);
	fake_kernel_poison_block(host.root, 516);
	test_host_start_daemon(&host);
	test_host_wait(&host, "dax0.0", "failed");
	request_stall_at(&host, "*/drivers/kmem/bind", 5000);
	other.region = "region1";
	test_host_add(&host, &other);
	test_host_wait(&host, "dax1.0", "applying");
	g_usleep(2500000); /* the try was due after 1 s, or the one after that after 2 s */
	before = fake_kernel_count(host.root, FAKE_KERNEL_READ);
	g_usleep(300000);
	test_host_assert(&host, "dax1.0", "State", "applying");
	ck_assert_uint_eq(fake_kernel_count(host.root, FAKE_KERNEL_READ), before);
	test_host_wait(&host, "dax1.0", "online");
	test_host_stop(&host);
}
END_TEST

static const char region_policy[] = "[daemon]\nsettle = 20ms\n"
				    "[regions]\ncreate-regions = yes\n"
				    "[rule slow]\nmatch-kind = cxl, hmem\nmode = system-ram\n";

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

/* Within 10 s. */
static void wait_memdev(struct test_host *host, const char *member, const char *part)
{
	for (int i = 0;; i++) {
		struct json_object *memdevs = test_host_get(host, NULL, "Memdevs"), *value;
		bool found;

		ck_assert(json_object_object_get_ex(json_object_array_get_idx(memdevs, 0), member,
						    &value));
		found = strstr(json_object_get_string(value), part) != NULL;
		ck_assert_msg(found || i < 500, "%s is \"%s\"", member,
			      json_object_get_string(value));
		json_object_put(memdevs);
		if (found)
			return;
		g_usleep(20000);
	}
}

/* The daemon starts, serves other devices, says what is the matter, and tries again. */
START_TEST(test_region_cannot_be_taken_apart)
{
	const struct fake_kernel_fault stall = {
		.op = FAKE_KERNEL_WRITE,
		.action = FAKE_KERNEL_STALL,
		.stall_msec = 60000,
		.pattern = "*/region0/commit",
	};
	const struct fake_kernel_fault refuse = {
		.op = FAKE_KERNEL_WRITE,
		.action = FAKE_KERNEL_FAIL,
		.times = UINT_MAX,
		.error = -EBUSY,
		.pattern = "*/region0/commit",
	};
	struct fake_kernel_device other = test_device("dax7.0");
	struct pending_call call;
	struct test_host host;

	other.kind = FAKE_KERNEL_HMEM; /* no memdev behind it */
	test_host_start(&host, NULL, region_policy);
	fake_kernel_add_window(host.root, &window);
	fake_kernel_add_memdev(host.root, &card);
	test_host_start_daemon(&host);
	test_host_wait(&host, "dax0.0", "online");
	fake_kernel_clear_log(host.root);
	fake_kernel_add_fault(host.root, &stall);
	pending_release(&call, &host, "dax0.0", true, 0);
	request_wait_for_writes(&host, 11);
	test_host_end_daemon(&host, SIGKILL);
	pending_drop(&call);
	fake_kernel_clear_faults(host.root);
	fake_kernel_add_fault(host.root, &refuse);

	test_host_start_daemon(&host);
	wait_memdev(&host, "State", "failed");
	wait_memdev(&host, "Reason", "EBUSY");
	test_host_assert_logged(&host, "trying again in 1 s");
	test_host_add(&host, &other);
	test_host_wait(&host, "dax7.0", "online");
	fake_kernel_clear_faults(host.root);
	host_wait_no_path(&host, "run/daxtierd/region");
	test_host_stop(&host);
}
END_TEST

Suite *suite_leftovers(void)
{
	Suite *suite = suite_create("leftovers");
	TCase *tcase = request_add_case(suite, "leftovers");

	tcase_add_test(tcase, test_slow_blocks_at_the_start);
	tcase_add_test(tcase, test_slow_blocks_after_a_worker);
	tcase_add_test(tcase, test_a_block_that_does_not_come_back);
	tcase_add_test(tcase, test_the_next_try_waits_for_a_worker);
	tcase_add_test(tcase, test_region_cannot_be_taken_apart);
	return suite;
}

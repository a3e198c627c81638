/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Somebody else changes things under the daemon: the status tells the truth, and nobody fights. */
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "host-wait.h"
#include "suites.h"
#include "test-host.h"
#include "tree.h"

#define FIRST_BLOCK 512 /* of test_device("dax0.0"), at 64 GiB */
#define N_BLOCKS    8
#define N_EVENTS    30
#define UNBIND	    "sys/bus/dax/drivers/kmem/unbind"

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void start_online(struct test_host *host, const char *policy)
{
	struct fake_kernel_device device = test_device("dax0.0");

	test_host_start(host, NULL, policy);
	test_host_start_daemon(host);
	test_host_add(host, &device);
	test_host_wait(host, "dax0.0", "online");
}

static void write_block(struct test_host *host, uint64_t block, const char *state)
{
	_cleanup_free_ char *path = NULL;

	ck_assert_int_gt(asprintf(&path, "sys/devices/system/memory/memory%llu/state",
				  (unsigned long long)block),
			 0);
	test_host_write(host, path, state);
}

static void unbind_by_hand(struct test_host *host)
{
	for (uint64_t block = FIRST_BLOCK; block < FIRST_BLOCK + N_BLOCKS; block++)
		write_block(host, block, "offline");
	test_host_write(host, UNBIND, "dax0.0");
	test_host_device_event(host, "dax0.0", "unbind");
}

/* How often dax0.0 has been put right: the first plan put it to use. */
static unsigned count_corrections(struct test_host *host)
{
	_cleanup_free_ char *log = test_host_log(host);
	unsigned n = 0;

	for (const char *at = log; (at = strstr(at, "dax0.0: plan of ")); at++)
		n++;
	ck_assert_uint_ge(n, 1);
	return n - 1;
}

static void wait_for_corrections(struct test_host *host, unsigned n)
{
	_cleanup_free_ char *log = NULL;

	for (int i = 0; i < 500; i++) {
		if (count_corrections(host) >= n)
			break;
		g_usleep(20000);
	}
	log = test_host_log(host);
	ck_assert_msg(count_corrections(host) == n, "corrected %u times, not %u:\n%s",
		      count_corrections(host), n, log);
}

/* Three times it is put right, then it is said who may be at work. */
START_TEST(test_unbound_again_and_again)
{
	struct test_host host;

	start_online(&host, NULL);
	for (unsigned i = 0; i < 3; i++) {
		unbind_by_hand(&host);
		wait_for_corrections(&host, 1 + i);
		test_host_wait(&host, "dax0.0", "online");
	}
	fake_kernel_clear_log(host.root);
	unbind_by_hand(&host);
	test_host_wait(&host, "dax0.0", "mismatch");
	test_host_assert_like(&host, "dax0.0", "Reason", "somebody else changed it 3 times");
	test_host_assert_like(&host, "dax0.0", "Reason", "compete");
	g_usleep(300000);
	ck_assert_uint_eq(count_corrections(&host), 3);
	test_host_assert(&host, "dax0.0", "Driver", "");
	test_host_assert_logged(&host, "mismatch: somebody else changed it");

	/* A reload is a word from the operator. */
	ck_assert_ptr_null(test_host_reload(&host));
	test_host_wait(&host, "dax0.0", "online");
	test_host_stop(&host);
}
END_TEST

/* By somebody who is faster than the daemon can read back what it wrote. */
START_TEST(test_taken_back_at_once)
{
	const struct fake_kernel_fault no_effect = {
		.op = FAKE_KERNEL_WRITE,
		.action = FAKE_KERNEL_FAIL,
		.times = UINT_MAX,
		.error = 0,
		.pattern = "*/memory515/state",
	};
	struct test_host host;
	double start;

	start_online(&host, NULL);
	write_block(&host, FIRST_BLOCK + 3, "offline");
	fake_kernel_clear_log(host.root);
	fake_kernel_add_fault(host.root, &no_effect);
	start = now();
	test_host_block_event(&host, FIRST_BLOCK + 3, "offline");
	host_wait_like(&host, "dax0.0", "Reason", "somebody else changed it 3 times");
	test_host_assert(&host, "dax0.0", "State", "mismatch");
	ck_assert_msg(now() - start >= 6, "it took only %f s",
		      now() - start); /* three quiet times */
	ck_assert(!strv_contains(&host.changes, "dax0.0 failed"));
	ck_assert_uint_eq(fake_kernel_count(host.root, FAKE_KERNEL_WRITE), 3);

	fake_kernel_clear_faults(host.root);
	ck_assert_ptr_null(test_host_reload(&host));
	test_host_wait(&host, "dax0.0", "online");
	test_host_stop(&host);
}
END_TEST

/* No event of the dax bus tells of it. */
START_TEST(test_block_taken_offline)
{
	struct test_host host;
	double start;

	start_online(&host, NULL);
	write_block(&host, FIRST_BLOCK + 3, "offline");
	start = now();
	test_host_block_event(&host, FIRST_BLOCK + 3, "offline");
	test_host_wait(&host, "dax0.0", "mismatch");
	/* Told, and not put right at once: who did it may not have ended. */
	ck_assert_uint_eq(count_corrections(&host), 0);
	wait_for_corrections(&host, 1);
	ck_assert_msg(now() - start >= 2, "it took only %f s", now() - start);
	test_host_wait(&host, "dax0.0", "online");
	test_host_assert(&host, "dax0.0", "BlocksMovable", "8");
	test_host_stop(&host);
}
END_TEST

/* Seconds. It is one where nothing else runs, which the virtual hosts are held to. */
#define TOLD_WITHIN 5

static void wait_for_online_blocks(struct test_host *host, int wanted, double until)
{
	for (;;) {
		struct json_object *online = test_host_get(host, "dax0.0", "BlocksOnline");
		int n = json_object_get_int(online);

		json_object_put(online);
		if (n == wanted)
			return;
		ck_assert_msg(now() < until, "%d blocks are said to be online", n);
		g_usleep(10000);
	}
}

/* What may not be put right is told as soon. */
START_TEST(test_block_of_an_ignored_device)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;
	double start;

	test_host_start(&host, NULL, "[daemon]\nsettle = 20ms\n[rule no]\nmode = ignore\n");
	test_host_add_silently(&host, &device); /* the kernel brings it online */
	test_host_start_daemon(&host);
	test_host_wait(&host, "dax0.0", "unmanaged");
	test_host_assert(&host, "dax0.0", "BlocksOnline", "8");
	start = now();
	write_block(&host, FIRST_BLOCK + 7, "offline");
	test_host_block_event(&host, FIRST_BLOCK + 7, "offline");
	wait_for_online_blocks(&host, 7, start + TOLD_WITHIN);
	test_host_stop(&host);
}
END_TEST

static unsigned count_reads(struct test_host *host)
{
	return fake_kernel_count(host->root, FAKE_KERNEL_READ);
}

/* Blocks that belong to no device: DRAM that is switched off and on. */
START_TEST(test_blocks_of_others_are_passed_over)
{
	struct test_host host;
	unsigned before;

	start_online(&host, NULL);
	g_usleep(1000000);
	before = count_reads(&host);
	for (uint64_t block = 0; block < 6; block++)
		test_host_block_event(&host, block, "offline");
	g_usleep(700000);
	ck_assert_uint_eq(count_reads(&host), before);

	/* And the one among them that does is not missed. */
	write_block(&host, FIRST_BLOCK, "offline");
	test_host_block_event(&host, 3, "online");
	test_host_block_event(&host, FIRST_BLOCK, "offline");
	wait_for_corrections(&host, 1);
	test_host_stop(&host);
}
END_TEST

/* However many events there are, the host is looked at a few times only. */
START_TEST(test_a_storm_of_block_events)
{
	struct test_host host;
	unsigned one, before, looks;

	start_online(&host, NULL);
	g_usleep(1000000);
	before = count_reads(&host);
	test_host_device_event(&host, "dax0.0", "change");
	g_usleep(500000);
	one = count_reads(&host) - before; /* of one look */
	ck_assert_uint_gt(one, 0);

	before = count_reads(&host);
	for (int i = 0; i < N_EVENTS; i++) { /* umockdev's sockets hold ten */
		test_host_block_event(&host, FIRST_BLOCK + (uint64_t)i % N_BLOCKS, "online");
		g_usleep(80000);
	}
	g_usleep(800000);
	looks = (count_reads(&host) - before + one / 2) / one;
	ck_assert_uint_ge(looks, 1);
	ck_assert_msg(looks <= N_EVENTS / 4, "%u looks at %d events", looks, N_EVENTS);
	test_host_stop(&host);
}
END_TEST

/* What a worker changes itself is known; of all other devices the truth is told meanwhile, too. */
START_TEST(test_while_a_worker_runs)
{
	const struct fake_kernel_fault stall = {
		.op = FAKE_KERNEL_WRITE,
		.action = FAKE_KERNEL_STALL,
		.stall_msec = 4000,
		.pattern = "*/drivers/kmem/bind",
	};
	struct fake_kernel_device other = test_device("dax1.0");
	struct test_host host;
	unsigned before;
	double start;

	start_online(&host, NULL);
	other.region = "region1";
	fake_kernel_add_fault(host.root, &stall);
	fake_kernel_clear_log(host.root);
	test_host_add(&host, &other);
	while (fake_kernel_count(host.root, FAKE_KERNEL_WRITE) < 2) /* those before the bind */
		g_usleep(10000);
	g_usleep(700000);
	before = count_reads(&host);
	for (uint64_t i = 0; i < 4; i++)
		test_host_block_event(&host, FIRST_BLOCK + 512 + i, "add"); /* of dax1.0 */
	g_usleep(700000);
	ck_assert_uint_eq(count_reads(&host), before);

	write_block(&host, FIRST_BLOCK + 3, "offline");
	start = now();
	test_host_block_event(&host, FIRST_BLOCK + 3, "offline");
	wait_for_online_blocks(&host, 7, start + TOLD_WITHIN);
	test_host_assert(&host, "dax1.0", "State", "applying");
	test_host_wait(&host, "dax1.0", "online");
	wait_for_corrections(&host, 1);
	test_host_stop(&host);
}
END_TEST

/* Node 0 has 4 GiB more, which belong to no device. */
static void add_dram(struct test_host *host)
{
	_cleanup_free_ char *text = tree_get(host->root, "proc/zoneinfo");
	char *managed = text ? strstr(text, "managed  1048576") : NULL;

	ck_assert_ptr_nonnull(managed);
	memcpy(managed, "managed  2097152", strlen("managed  2097152"));
	tree_put(host->root, "proc/zoneinfo", text);
}

/* No event of the dax bus tells of what it waits for. */
START_TEST(test_held_back_until_memory_comes)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;

	device.ranges[0].size = 5 * FAKE_KERNEL_GIB;
	test_host_start(&host, NULL,
			"[daemon]\nsettle = 20ms\n[movable]\nmax-ratio = 1\n"
			"[rule slow]\nmatch-kind = cxl\nmode = system-ram\n");
	test_host_start_daemon(&host);
	test_host_add(&host, &device);
	test_host_wait(&host, "dax0.0", "held-back");
	add_dram(&host);
	test_host_block_event(&host, 40, "online");
	test_host_wait(&host, "dax0.0", "online");
	test_host_stop(&host);
}
END_TEST

Suite *suite_surprise(void)
{
	Suite *suite = suite_create("surprise");
	TCase *tcase = tcase_create("surprise");

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, test_unbound_again_and_again);
	tcase_add_test(tcase, test_taken_back_at_once);
	tcase_add_test(tcase, test_block_taken_offline);
	tcase_add_test(tcase, test_block_of_an_ignored_device);
	tcase_add_test(tcase, test_blocks_of_others_are_passed_over);
	tcase_add_test(tcase, test_a_storm_of_block_events);
	tcase_add_test(tcase, test_while_a_worker_runs);
	tcase_add_test(tcase, test_held_back_until_memory_comes);
	suite_add_tcase(suite, tcase);
	return suite;
}

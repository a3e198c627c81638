/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel refuses: each write of a plan in turn. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>

#include "base/cleanup.h"
#include "host-wait.h"
#include "suites.h"
#include "test-host.h"

/* What the plan for test_device() writes, in its order; test_comes_online() holds it to that. */
static const char *const steps[] = {
	"set-memmap",
	"hold-auto-online",
	"bind-kmem",
	"restore-auto-online",
};

static void start_with_fault(struct test_host *host, unsigned nth, int error, unsigned times)
{
	const struct fake_kernel_fault fault = {
		.op = FAKE_KERNEL_WRITE,
		.action = FAKE_KERNEL_FAIL,
		.nth = nth,
		.times = times,
		.error = error,
	};

	test_host_start(host, NULL, NULL);
	test_host_start_daemon(host);
	fake_kernel_add_fault(host->root, &fault);
}

/* The one entry that there is. */
static void assert_failures(struct test_host *host, const char *step, const char *error, int count)
{
	struct json_object *failures = test_host_get(host, NULL, "Failures"), *failure;

	ck_assert_uint_eq(json_object_array_length(failures), 1);
	failure = json_object_array_get_idx(failures, 0);
	ck_assert_str_eq(json_object_get_string(json_object_object_get(failure, "Step")), step);
	ck_assert_str_eq(json_object_get_string(json_object_object_get(failure, "Error")), error);
	ck_assert_int_eq(json_object_get_int(json_object_object_get(failure, "Count")), count);
	json_object_put(failures);
}

/* Before the memory is online everything can be taken back, and is. */
START_TEST(test_permanent_failure_is_undone)
{
	struct fake_kernel_device device = test_device("dax0.0");
	_cleanup_free_ char *before = NULL, *after = NULL;
	struct test_host host;

	start_with_fault(&host, (unsigned)_i + 1, -EIO, 1);
	test_host_add_silently(&host, &device);
	before = fake_kernel_snapshot(host.root);
	test_host_announce(&host, "dax0.0");
	test_host_wait(&host, "dax0.0", "failed");
	test_host_assert(&host, "dax0.0", "LastError", "EIO");
	test_host_assert(&host, "dax0.0", "LastErrorStep", steps[_i]);
	test_host_assert_logged(&host, "not retried until");
	test_host_assert(&host, "dax0.0", "OnlineAfterUSec", "0");
	assert_failures(&host, steps[_i], "EIO", 1);
	after = fake_kernel_snapshot(host.root);
	ck_assert_str_eq(before, after);

	/* Nothing more is tried by itself, and a reload tries again. */
	fake_kernel_clear_faults(host.root);
	ck_assert_ptr_null(test_host_reload(&host));
	test_host_wait(&host, "dax0.0", "online");
	test_host_assert(&host, "dax0.0", "LastError", "");
	test_host_assert(&host, "dax0.0", "Zone", "Movable");
	test_host_assert_file(&host, AUTO_ONLINE, "online");
	assert_failures(&host, steps[_i], "EIO", 1);
	test_host_stop(&host);
}
END_TEST

/* Then the memory is online and stays; what could not be put back is said, and is put back later.
 */
START_TEST(test_failure_after_the_memory_is_online)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;

	start_with_fault(&host, 4, -EIO, 1);
	test_host_add(&host, &device);
	test_host_wait(&host, "dax0.0", "online");
	test_host_assert_logged(&host, "restore-auto-online");
	test_host_assert_logged(&host, "Input/output error");
	test_host_assert(&host, "dax0.0", "BlocksMovable", "8");
	test_host_end_daemon(&host, SIGTERM);
	test_host_assert_file(&host, AUTO_ONLINE, "online");
	test_host_assert_file(&host, AUTOPROBE, "1");
	test_host_stop(&host);
}
END_TEST

/* The bind fails, and then what was held cannot be put back: both are told in full. */
START_TEST(test_undo_fails)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;

	start_with_fault(&host, 3, -EIO, 100);
	test_host_add(&host, &device);
	test_host_wait(&host, "dax0.0", "failed");
	test_host_assert(&host, "dax0.0", "LastErrorStep", "bind-kmem");
	test_host_assert_logged(&host,
				"hold-auto-online could not be undone: cannot set "
				"/" AUTO_ONLINE " to \"online\": Input/output error (EIO)\n");
	fake_kernel_clear_faults(host.root);
	test_host_end_daemon(&host, SIGTERM);
	test_host_assert_file(&host, AUTO_ONLINE, "online");
	test_host_stop(&host);
}
END_TEST

START_TEST(test_transient_failure_is_retried)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;

	start_with_fault(&host, (unsigned)_i + 1, -EBUSY, 1);
	test_host_add(&host, &device);
	test_host_wait(&host, "dax0.0", "online");
	test_host_assert_logged(&host, "EBUSY");
	test_host_assert(&host, "dax0.0", "Zone", "Movable");
	test_host_assert(&host, "dax0.0", "LastError", "");
	test_host_assert_file(&host, AUTO_ONLINE, "online");
	test_host_stop(&host);
}
END_TEST

/* The kernel's own probe refuses, as it does with a range it cannot add. */
START_TEST(test_probe_fails)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;

	test_host_start(&host, NULL, NULL);
	test_host_start_daemon(&host);
	test_host_add_silently(&host, &device);
	fake_kernel_fail_probe(host.root, "dax0.0", -EINVAL);
	test_host_announce(&host, "dax0.0");
	test_host_wait(&host, "dax0.0", "failed");
	test_host_assert(&host, "dax0.0", "LastError", "EINVAL");
	test_host_assert(&host, "dax0.0", "LastErrorStep", "bind-kmem");
	test_host_assert(&host, "dax0.0", "Driver", "");
	test_host_assert_file(&host, AUTO_ONLINE, "online");

	/* It leaves and comes back: another device, another try. */
	fake_kernel_fail_probe(host.root, "dax0.0", 0);
	test_host_remove(&host, "dax0.0");
	test_host_wait_gone(&host, "dax0.0");
	test_host_add(&host, &device);
	test_host_wait(&host, "dax0.0", "online");
	test_host_stop(&host);
}
END_TEST

/* A block with bad pages stays offline, is named, and the rest is in use. */
START_TEST(test_poisoned_block)
{
	struct fake_kernel_device device = test_device("dax0.0");
	struct test_host host;

	test_host_start(&host, NULL, NULL);
	test_host_start_daemon(&host);
	fake_kernel_poison_block(host.root, device.ranges[0].start / (128 * FAKE_KERNEL_MIB) + 3);
	test_host_add(&host, &device);
	test_host_wait(&host, "dax0.0", "failed");
	test_host_assert(&host, "dax0.0", "LastError", "EHWPOISON");
	test_host_assert(&host, "dax0.0", "LastErrorStep", "online-blocks");
	test_host_assert_like(&host, "dax0.0", "LastErrorMessage", "memory515");
	test_host_assert(&host, "dax0.0", "BlocksMovable", "7");
	test_host_assert_file(&host, AUTO_ONLINE, "online");
	test_host_stop(&host);
}
END_TEST

/* Reads fail, too: whatever the n-th one is, the daemon neither dies nor leaves anything held. */
START_TEST(test_reads_fail)
{
	struct fake_kernel_device device = test_device("dax0.0");
	const struct fake_kernel_fault fault = {
		.op = FAKE_KERNEL_READ,
		.action = FAKE_KERNEL_FAIL,
		.nth = (unsigned)_i * 7 + 1,
		.error = -EIO,
	};
	struct test_host host;

	test_host_start(&host, NULL, NULL);
	test_host_start_daemon(&host);
	fake_kernel_add_fault(host.root, &fault);
	test_host_add(&host, &device);
	for (int i = 0; i < 50 && fake_kernel_count(host.root, FAKE_KERNEL_WRITE) < 4; i++)
		g_usleep(20000);
	fake_kernel_clear_faults(host.root);
	ck_assert_ptr_null(test_host_reload(&host));
	test_host_wait(&host, "dax0.0", "online");
	test_host_assert(&host, "dax0.0", "Zone", "Movable");
	test_host_end_daemon(&host, SIGTERM);
	test_host_assert_file(&host, AUTO_ONLINE, "online");
	test_host_assert_file(&host, AUTOPROBE, "1");
	test_host_stop(&host);
}
END_TEST

/* A look that fails as a whole is taken again, each time later, and the daemon goes on. */
START_TEST(test_looks_fail)
{
	struct fake_kernel_device device = test_device("dax0.0");
	const struct fake_kernel_fault fault = {
		.op = FAKE_KERNEL_READ,
		.action = FAKE_KERNEL_FAIL,
		.times = UINT_MAX,
		.error = -ENOMEM,
		.pattern = "*/block_size_bytes",
	};
	struct test_host host;

	test_host_start(&host, NULL, NULL);
	test_host_start_daemon(&host);
	fake_kernel_add_fault(host.root, &fault);
	test_host_add(&host, &device);
	host_wait_logged(&host, "looking again in 1 s");
	host_wait_logged(&host, "looking again in 2 s");
	fake_kernel_clear_faults(host.root);
	test_host_wait(&host, "dax0.0", "online"); /* though no event comes */
	test_host_stop(&host);
}
END_TEST

Suite *suite_failure(void)
{
	Suite *suite = suite_create("failure");
	TCase *tcase = tcase_create("failure");

	tcase_set_timeout(tcase, 120);
	/* The fourth write is after the point of no return. */
	tcase_add_loop_test(tcase, test_permanent_failure_is_undone, 0, ARRAY_SIZE(steps) - 1);
	tcase_add_test(tcase, test_failure_after_the_memory_is_online);
	tcase_add_test(tcase, test_undo_fails);
	tcase_add_loop_test(tcase, test_transient_failure_is_retried, 0, ARRAY_SIZE(steps));
	tcase_add_test(tcase, test_probe_fails);
	tcase_add_test(tcase, test_poisoned_block);
	tcase_add_test(tcase, test_looks_fail);
	suite_add_tcase(suite, tcase);

	tcase = tcase_create("failed-reads");
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, test_reads_fail, 0, 14);
	suite_add_tcase(suite, tcase);
	return suite;
}

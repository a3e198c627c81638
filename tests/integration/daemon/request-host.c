/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "request-host.h"

#include <limits.h>

#include "host-wait.h"
#include "tree.h"

void request_start_online(struct test_host *host, const char *policy)
{
	struct fake_kernel_device device = test_device("dax0.0");

	test_host_start(host, NULL, policy);
	test_host_start_daemon(host);
	test_host_add(host, &device);
	test_host_wait(host, "dax0.0", "online");
	fake_kernel_clear_log(host->root);
}

/* Of a worker that was killed the record is there until another one has put back what it says. */
static void assert_nothing_left(struct test_host *host)
{
	host_wait_no_path(host, "run/daxtierd/offlined");
}

void request_assert_online(struct test_host *host)
{
	test_host_wait(host, "dax0.0", "online");
	test_host_assert(host, "dax0.0", "BlocksMovable", "8");
	test_host_assert(host, "dax0.0", "Zone", "Movable");
	test_host_assert(host, "dax0.0", "Driver", "kmem");
	assert_nothing_left(host);
	ck_assert(!tree_has(host->root, "run/daxtierd/released"));
}

void request_assert_released(struct test_host *host)
{
	test_host_wait(host, "dax0.0", "released");
	test_host_assert(host, "dax0.0", "Driver", "");
	test_host_assert(host, "dax0.0", "BlocksOnline", "0");
	assert_nothing_left(host);
}

void request_release_it(struct test_host *host)
{
	struct pending_call call;

	pending_release(&call, host, "dax0.0", false, 0);
	pending_assert_done(&call);
}

void request_apply_it(struct test_host *host, const char *device)
{
	struct pending_call call;

	pending_apply(&call, host, device, false);
	pending_assert_done(&call);
}

void request_hang_at(struct test_host *host, const char *pattern)
{
	const struct fake_kernel_fault fault = {
		.op = FAKE_KERNEL_WRITE,
		.action = FAKE_KERNEL_HANG,
		.times = UINT_MAX,
		.pattern = pattern,
	};

	fake_kernel_add_fault(host->root, &fault);
}

void request_stall_at(struct test_host *host, const char *pattern, unsigned msec)
{
	const struct fake_kernel_fault fault = {
		.op = FAKE_KERNEL_WRITE,
		.action = FAKE_KERNEL_STALL,
		.times = UINT_MAX,
		.stall_msec = msec,
		.pattern = pattern,
	};

	fake_kernel_add_fault(host->root, &fault);
}

void request_wait_for_writes(struct test_host *host, unsigned n)
{
	host_wait_writes(host, n);
}

TCase *request_add_case(Suite *suite, const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_set_timeout(tcase, 120);
	suite_add_tcase(suite, tcase);
	return tcase;
}

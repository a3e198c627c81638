/* SPDX-License-Identifier: GPL-2.0-or-later */
/* With nothing to do the daemon sleeps, whatever states its devices are in. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "request-host.h"
#include "suites.h"

#define WATCH_SECONDS 4

static const char policy[] = "[daemon]\nsettle = 20ms\nconvert = never\n"
			     "[movable]\nmax-ratio = 2\n"
			     "[rule no]\nmatch-device = dax5.0\nmode = ignore\n"
			     "[rule slow]\nmatch-kind = cxl\nmode = system-ram\n";

/* The kernel brings it online, in the wrong zone for the one and nobody's business for the other.
 */
static void add_before_the_daemon(struct test_host *host, const char *name, const char *region)
{
	struct fake_kernel_device device = test_device(name);

	device.region = region;
	test_host_add_silently(host, &device);
}

static void add_online(struct test_host *host, const char *name, const char *region)
{
	struct fake_kernel_device device = test_device(name);

	device.region = region;
	test_host_add(host, &device);
	test_host_wait(host, name, "online");
}

static void add_failing(struct test_host *host)
{
	const struct fake_kernel_fault fault = {
		.op = FAKE_KERNEL_WRITE,
		.action = FAKE_KERNEL_FAIL,
		.times = UINT_MAX,
		.error = -EIO, /* which time does not heal */
		.pattern = "*/drivers/kmem/bind",
	};
	struct fake_kernel_device device = test_device("dax2.0");

	device.region = "region2";
	fake_kernel_add_fault(host->root, &fault);
	test_host_add(host, &device);
	test_host_wait(host, "dax2.0", "failed");
}

static void add_too_large(struct test_host *host)
{
	struct fake_kernel_device device = test_device("dax4.0");

	device.region = "region4";
	device.ranges[0].size = 16 * FAKE_KERNEL_GIB;
	test_host_add(host, &device);
	test_host_wait(host, "dax4.0", "held-back");
}

/* How often it has slept until something came. */
static unsigned long count_wakeups(struct test_host *host)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_fclose_ FILE *f = NULL;
	unsigned long n = 0;
	char line[256];
	bool found = false;

	ck_assert_int_gt(asprintf(&path, "/proc/%d/status", (int)host->daemon.pid), 0);
	f = fopen(path, "re");
	ck_assert_ptr_nonnull(f);
	while (!found && fgets(line, sizeof(line), f))
		found = sscanf(line, "voluntary_ctxt_switches: %lu", &n) == 1;
	ck_assert(found);
	return n;
}

START_TEST(test_nothing_to_do)
{
	struct pending_call call;
	struct test_host host;
	unsigned long wakeups;
	unsigned reads;

	test_host_start(&host, NULL, policy);
	add_before_the_daemon(&host, "dax3.0", "region3");
	add_before_the_daemon(&host, "dax5.0", "region5");
	test_host_start_daemon(&host);
	add_online(&host, "dax0.0", "region0");
	add_online(&host, "dax1.0", "region1");
	pending_release(&call, &host, "dax1.0", false, 0);
	pending_assert_done(&call);
	test_host_remove(&host, "dax0.0");
	add_failing(&host);
	add_too_large(&host);
	test_host_wait(&host, "dax0.0", "stuck");
	test_host_wait(&host, "dax1.0", "released");
	test_host_wait(&host, "dax3.0", "mismatch");
	test_host_wait(&host, "dax5.0", "unmanaged");
	g_usleep(3000000); /* whoever was at it has gone */

	reads = fake_kernel_count(host.root, FAKE_KERNEL_READ);
	wakeups = count_wakeups(&host);
	g_usleep(WATCH_SECONDS * 1000000);
	ck_assert_uint_eq(fake_kernel_count(host.root, FAKE_KERNEL_READ), reads);
	/* One a second is what a timer would come to; a page that has to be read again is none. */
	ck_assert_uint_lt(count_wakeups(&host) - wakeups, WATCH_SECONDS);
	test_host_stop(&host);
}
END_TEST

Suite *suite_idle(void)
{
	Suite *suite = suite_create("idle");

	tcase_add_test(request_add_case(suite, "idle"), test_nothing_to_do);
	return suite;
}

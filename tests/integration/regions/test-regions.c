/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "fake-kernel-cxl.h"
#include "pending-call.h"
#include "test-host.h"
#include "tree.h"

#define CXL "sys/bus/cxl/devices/"
#define GIB FAKE_KERNEL_GIB

#define RULES "[rule slow]\nmatch-kind = cxl\nmode = system-ram\n"

static const char yes[] = "[daemon]\nsettle = 20ms\n[regions]\ncreate-regions = yes\n" RULES;
static const char no[] = "[daemon]\nsettle = 20ms\n" RULES;
static const char two_ways[] = "[daemon]\nsettle = 20ms\n[regions]\ncreate-regions = yes\n"
			       "interleave = 2\ngather = 2s\n" RULES;

static const char short_wait[] = "[daemon]\nsettle = 20ms\n[regions]\ncreate-regions = yes\n"
				 "interleave = 2\ngather = 300ms\n" RULES;

/* Numbers do not pair. */
static const struct fake_kernel_memdev cards[] = {
	{.name = "mem0", .serial = 0xa0, .ram = GIB, .endpoint = 3},
	{.name = "mem1", .serial = 0xa1, .ram = GIB, .endpoint = 2},
};

static void start(struct test_host *host, const char *policy)
{
	test_host_start(host, NULL, policy);
	fake_kernel_add_window(host->root, &(struct fake_kernel_window){.name = "decoder0.0",
									.start = 64 * GIB,
									.size = 4 * GIB,
									.target_node = 1});
	/* What stands in a /dev of the host. */
	tree_put(host->root, "dev/dax0.0", "");
	tree_put(host->root, "dev/dax1.0", "");
}

static void announce(struct test_host *host, const char *name)
{
	g_free(umockdev_testbed_add_device(host->testbed, "cxl", name, NULL, NULL, NULL));
}

static void plug(struct test_host *host, size_t card)
{
	fake_kernel_add_memdev(host->root, &cards[card]);
	announce(host, cards[card].name);
}

static void pull(struct test_host *host, size_t card)
{
	_cleanup_free_ char *path = NULL;

	fake_kernel_remove_memdev(host->root, cards[card].name);
	ck_assert_int_gt(asprintf(&path, "/sys/devices/%s", cards[card].name), 0);
	umockdev_testbed_uevent(host->testbed, path, "remove");
	umockdev_testbed_remove_device(host->testbed, path);
}

/* What the manager's property Memdevs says; owned by the caller, NULL: nothing of this memdev. */
static char *memdev_get(struct test_host *host, const char *memdev, const char *key)
{
	struct json_object *all = test_host_get(host, NULL, "Memdevs");
	char *text = NULL;

	for (size_t i = 0; i < json_object_array_length(all); i++) {
		struct json_object *one = json_object_array_get_idx(all, i), *name, *value;

		ck_assert(json_object_object_get_ex(one, "Name", &name));
		ck_assert(json_object_object_get_ex(one, key, &value));
		if (strcmp(json_object_get_string(name), memdev) == 0)
			text = strdup(json_object_get_string(value));
	}
	json_object_put(all);
	return text;
}

/* Within 10 s it says so, or has this in it. */
static void memdev_wait(struct test_host *host, const char *memdev, const char *key,
			const char *part)
{
	for (int i = 0;; i++) {
		_cleanup_free_ char *text = memdev_get(host, memdev, key), *log = NULL;

		if (text && (part[0] ? strstr(text, part) != NULL : text[0] == '\0'))
			return;
		log = test_host_log(host);
		ck_assert_msg(i < 500, "%s of %s is \"%s\", without \"%s\"\n%s", key, memdev,
			      text ?: "(not there)", part, log);
		g_usleep(20000);
	}
}

static void assert_no_region(struct test_host *host)
{
	ck_assert(!tree_has(host->root, CXL "region0"));
	ck_assert(!tree_has(host->root, CXL "region1"));
	ck_assert(!tree_has(host->root, "run/daxtierd/region"));
	test_host_assert_file(host, CXL "decoder3.0/dpa_size", "0x0000000000000000");
}

static void assert_online(struct test_host *host, const char *region)
{
	test_host_wait(host, "dax0.0", "online");
	test_host_assert(host, "dax0.0", "Zone", "Movable");
	test_host_assert(host, "dax0.0", "Region", region);
	memdev_wait(host, "mem0", "Region", region);
	ck_assert(!tree_has(host->root, "run/daxtierd/region"));
}

/* A card that is there at the start, as after each boot, since nothing but the policy persists. */
START_TEST(test_cold_start)
{
	struct test_host host;

	start(&host, yes);
	fake_kernel_add_memdev(host.root, &cards[0]);
	test_host_start_daemon(&host);
	assert_online(&host, "region0");
	test_host_assert_logged(&host, "mem0: plan of 4 steps carried out");
	test_host_stop(&host);
}
END_TEST

START_TEST(test_hot_plug)
{
	struct test_host host;

	start(&host, yes);
	test_host_start_daemon(&host);
	plug(&host, 0);
	assert_online(&host, "region0");
	fake_kernel_clear_log(host.root);

	/* Once is enough. */
	announce(&host, "endpoint3");
	g_usleep(300000);
	ck_assert_uint_eq(fake_kernel_count(host.root, FAKE_KERNEL_WRITE), 0);
	test_host_stop(&host);
}
END_TEST

START_TEST(test_two_cards)
{
	struct test_host host;

	start(&host, yes);
	test_host_start_daemon(&host);
	plug(&host, 1);
	plug(&host, 0);
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

	start(&host, no);
	test_host_start_daemon(&host);
	fake_kernel_clear_log(host.root);
	plug(&host, 0);
	memdev_wait(&host, "mem0", "Reason", "create-regions = no");
	memdev_wait(&host, "mem0", "State", "unmanaged");
	ck_assert_uint_eq(fake_kernel_count(host.root, FAKE_KERNEL_WRITE), 0);
	test_host_put_policy(&host, yes);
	ck_assert_ptr_null(test_host_reload(&host));
	assert_online(&host, "region0");
	test_host_stop(&host);
}
END_TEST

/* What the kernel refuses stays undone, and is said, with when it is tried again. */
START_TEST(test_refused)
{
	struct test_host host;

	start(&host, yes);
	fake_kernel_add_fault(host.root, &(struct fake_kernel_fault){.op = FAKE_KERNEL_WRITE,
								     .action = FAKE_KERNEL_FAIL,
								     .times = 1000,
								     .pattern = "*/commit",
								     .error = -ENXIO});
	test_host_start_daemon(&host);
	plug(&host, 0);
	memdev_wait(&host, "mem0", "State", "failed");
	memdev_wait(&host, "mem0", "Reason", "-cpu host,-hypervisor");
	assert_no_region(&host);
	test_host_stop(&host);
}
END_TEST

START_TEST(test_no_room)
{
	struct test_host host;

	start(&host, yes);
	fake_kernel_add_memdev(
		host.root, &(struct fake_kernel_memdev){
				   .name = "mem0", .serial = 0xa0, .ram = 8 * GIB, .endpoint = 3});
	test_host_start_daemon(&host);
	memdev_wait(&host, "mem0", "State", "failed");
	memdev_wait(&host, "mem0", "Reason", "4 GiB of its 4 GiB free in one piece, and 8 GiB");
	assert_no_region(&host);
	test_host_stop(&host);
}
END_TEST

START_TEST(test_together)
{
	struct test_host host;

	start(&host, two_ways);
	test_host_start_daemon(&host);
	plug(&host, 1);
	memdev_wait(&host, "mem1", "Reason", "waiting for 1 more of 2");
	memdev_wait(&host, "mem1", "State", "pending");
	plug(&host, 0);
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

	start(&host, two_ways);
	test_host_start_daemon(&host);
	plug(&host, 0);
	memdev_wait(&host, "mem0", "State", "pending");
	memdev_wait(&host, "mem0", "State", "failed");
	memdev_wait(&host, "mem0", "Reason", "only 1 of 2 memory devices");
	assert_no_region(&host);
	test_host_stop(&host);
}
END_TEST

static void apply(struct test_host *host, const char *device)
{
	struct pending_call call;

	pending_apply(&call, host, device, false);
	pending_assert_done(&call);
}

/* The second card came too late; an operator who sees both there has only to say so. */
START_TEST(test_late)
{
	struct test_host host;

	start(&host, short_wait);
	test_host_start_daemon(&host);
	plug(&host, 0);
	memdev_wait(&host, "mem0", "Reason", "only 1 of 2 memory devices");
	plug(&host, 1);
	memdev_wait(&host, "mem1", "State", "pending");
	memdev_wait(&host, "mem1", "State", "failed");
	assert_no_region(&host);
	if (_i == 0)
		apply(&host, "mem1");
	else if (_i == 1)
		apply(&host, "");
	else
		ck_assert_ptr_null(test_host_reload(&host));
	assert_online(&host, "region0");
	memdev_wait(&host, "mem1", "Region", "region0");
	test_host_stop(&host);
}
END_TEST

/* Events may be lost: the card that was given up is not the one that has its name now. */
START_TEST(test_ejected_and_replaced)
{
	static const struct fake_kernel_memdev another = {
		.name = "mem0", .serial = 0xb0, .ram = GIB, .endpoint = 5};
	struct pending_call call;
	struct test_host host;

	start(&host, yes);
	test_host_start_daemon(&host);
	plug(&host, 0);
	assert_online(&host, "region0");
	pending_release(&call, &host, "dax0.0", true, 0);
	pending_assert_done(&call);
	memdev_wait(&host, "mem0", "State", "released");
	fake_kernel_remove_memdev(host.root, "mem0");
	fake_kernel_add_memdev(host.root, &another);
	announce(&host, "decoder5.0");
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

	start(&host, two_ways);
	fake_kernel_add_memdev(host.root, &cards[0]);
	fake_kernel_add_memdev(host.root, &cards[1]);
	test_host_start_daemon(&host);
	assert_online(&host, "region0");
	pending_release(&call, &host, "dax0.0", true, 0);
	pending_assert_done(&call);
	memdev_wait(&host, "mem0", "State", "released");
	memdev_wait(&host, "mem1", "State", "released");
	if (_i == 1) {
		test_host_end_daemon(&host, SIGKILL);
		test_host_start_daemon(&host);
		memdev_wait(&host, "mem1", "State", "released");
	}
	apply(&host, "mem1");
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

	start(&host, yes);
	test_host_start_daemon(&host);
	plug(&host, 0);
	assert_online(&host, "region0");
	eject(&host);
	test_host_wait_gone(&host, "dax0.0");
	assert_no_region(&host);
	memdev_wait(&host, "mem0", "State", "released");
	announce(&host, "decoder3.0");
	g_usleep(300000);
	assert_no_region(&host);
	ck_assert_ptr_null(test_host_reload(&host));
	g_usleep(300000);
	assert_no_region(&host);

	pull(&host, 0);
	g_usleep(200000);
	plug(&host, 0);
	memdev_wait(&host, "mem0", "Region", "region");
	test_host_stop(&host);
}
END_TEST

START_TEST(test_eject_refused)
{
	struct pending_call call;
	struct test_host host;

	start(&host, yes);
	test_host_start_daemon(&host);
	plug(&host, 0);
	assert_online(&host, "region0");
	fake_kernel_add_fault(host.root, &(struct fake_kernel_fault){.op = FAKE_KERNEL_WRITE,
								     .action = FAKE_KERNEL_FAIL,
								     .times = 1,
								     .pattern = "*/commit",
								     .error = -EPERM});
	pending_release(&call, &host, "dax0.0", true, 0);
	pending_assert_failed(&call, "StepFailed", "locked by firmware");
	assert_online(&host, "region0");
	test_host_stop(&host);
}
END_TEST

/* The worker is killed behind each write of the making: it comes to the same end. */
START_TEST(test_create_killed)
{
	for (unsigned n = 1; n <= 7; n++) { /* so many writes below the root of the bus */
		struct test_host host;

		start(&host, yes);
		test_host_start_daemon(&host);
		fake_kernel_add_fault(
			host.root,
			&(struct fake_kernel_fault){
				.op = FAKE_KERNEL_WRITE,
				.action = _i ? FAKE_KERNEL_KILL_AFTER : FAKE_KERNEL_KILL_BEFORE,
				.nth = n,
				.pattern = "sys/devices/platform/ACPI0017:00/*",
			});
		plug(&host, 0);
		memdev_wait(&host, "mem0", "Region", "region");
		assert_killed(&host);
		for (int i = 0; i < 500 && tree_has(host.root, "run/daxtierd/region"); i++)
			g_usleep(20000);
		ck_assert(!tree_has(host.root, "run/daxtierd/region"));
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

		start(&host, yes);
		test_host_start_daemon(&host);
		plug(&host, 0);
		assert_online(&host, "region0");
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
		for (int i = 0; i < 500 && tree_has(host.root, "run/daxtierd/region"); i++)
			g_usleep(20000);
		ck_assert(!tree_has(host.root, "run/daxtierd/region"));
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

static void add_case(Suite *suite, const char *name, const TTest *a, const TTest *b, const TTest *c,
		     const TTest *d)
{
	const TTest *tests[] = {a, b, c, d};
	TCase *tcase = tcase_create(name);

	tcase_set_timeout(tcase, 300);
	for (size_t i = 0; i < ARRAY_SIZE(tests) && tests[i]; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
}

static void add_loop(Suite *suite, const char *name, const TTest *test, int n)
{
	TCase *tcase = tcase_create(name);

	tcase_set_timeout(tcase, 300);
	tcase_add_loop_test(tcase, test, 0, n);
	suite_add_tcase(suite, tcase);
}

int main(void)
{
	Suite *suite = suite_create("regions");

	add_case(suite, "create", test_cold_start, test_hot_plug, test_two_cards, test_turned_on);
	add_case(suite, "refuse", test_refused, test_no_room, NULL, NULL);
	add_case(suite, "interleave", test_together, test_too_few, NULL, NULL);
	add_case(suite, "eject", test_eject, test_eject_refused, test_ejected_and_replaced, NULL);
	add_loop(suite, "late", test_late, 3);
	add_loop(suite, "eject-of-two", test_eject_of_two, 2);
	add_loop(suite, "create-killed", test_create_killed, 2);
	add_loop(suite, "eject-killed", test_eject_killed, 2);
	return test_host_run(srunner_create(suite));
}

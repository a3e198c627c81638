/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several devices at once, of different kinds. */
#include <string.h>

#include "base/cleanup.h"
#include "suites.h"
#include "test-host.h"
#include "tree.h"

#define N_DEVICES 8

START_TEST(test_all_are_brought_online)
{
	char names[N_DEVICES][16];
	struct test_host host;

	test_host_start(&host, &(struct fake_kernel_host){.dram = 8 * FAKE_KERNEL_GIB}, NULL);
	test_host_start_daemon(&host);
	fake_kernel_clear_log(host.root);
	for (unsigned i = 0; i < N_DEVICES; i++) {
		struct fake_kernel_device device;

		snprintf(names[i], sizeof(names[i]), "dax%u.0", i);
		device = test_device(names[i]);
		test_host_add(&host, &device);
	}
	for (unsigned i = 0; i < N_DEVICES; i++) {
		test_host_wait(&host, names[i], "online");
		test_host_assert(&host, names[i], "Zone", "Movable");
	}
	/* The workers take turns with the one policy there is, and leave it as it was. */
	test_host_assert_file(&host, AUTO_ONLINE, "online");
	/* Each was bound once. */
	ck_assert_uint_eq(fake_kernel_count(host.root, FAKE_KERNEL_WRITE), N_DEVICES * 4);
	test_host_stop(&host);
}
END_TEST

/* The devices that were bound, in their order, as "dax0.0 dax1.0 ". */
static char *bound(struct test_host *host)
{
	_cleanup_free_ char *log = fake_kernel_log(host->root);
	char *line, *rest = log, *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(f);
	while ((line = strsep(&rest, "\n")) && *line) {
		char path[256], value[64];

		ck_assert_int_eq(sscanf(line, "%*u %*d %255s %63s", path, value), 2);
		if (!strcmp(path, "sys/bus/dax/drivers/kmem/bind"))
			fprintf(f, "%s ", value);
	}
	ck_assert_int_eq(fclose(f), 0);
	return text;
}

/* They come in any order, and have their turn by the place of their rule, then by name. */
START_TEST(test_order_is_that_of_the_policy)
{
	static const char *const names[N_DEVICES] = {"dax3.0", "dax10.0", "dax0.0", "dax7.0",
						     "dax5.0", "dax2.0",  "dax1.0", "dax6.0"};
	_cleanup_free_ char *order = NULL, *log = NULL;
	struct test_host host;

	test_host_start(&host, &(struct fake_kernel_host){.dram = 8 * FAKE_KERNEL_GIB},
			"[daemon]\nsettle = 2s\n" /* a busy host takes a while to add them */
			"[rule first]\nmatch-device = dax5.*, dax6.*, dax7.*, dax10.*\n"
			"mode = system-ram\n"
			"[rule then]\nmatch-kind = cxl\nmode = system-ram\n");
	test_host_start_daemon(&host);
	fake_kernel_clear_log(host.root);
	for (unsigned i = 0; i < N_DEVICES; i++) {
		struct fake_kernel_device device = test_device(names[i]);

		test_host_add(&host, &device);
	}
	for (unsigned i = 0; i < N_DEVICES; i++)
		test_host_wait(&host, names[i], "online");
	order = bound(&host);
	ck_assert_str_eq(order, "dax5.0 dax6.0 dax7.0 dax10.0 dax0.0 dax1.0 dax2.0 dax3.0 ");
	/* Each line about a plan names its device. */
	log = test_host_log(&host);
	for (unsigned i = 0; i < N_DEVICES; i++) {
		_cleanup_free_ char *line = NULL;

		ck_assert_int_gt(asprintf(&line, "%s: plan of 6 steps carried out", names[i]), 0);
		ck_assert_ptr_nonnull(strstr(log, line));
	}
	test_host_stop(&host);
}
END_TEST

/* kmem/new_id would bind whatever else is waiting, so the pmem device has to wait for the other. */
START_TEST(test_id_waits_for_bystanders)
{
	struct fake_kernel_device cxl = test_device("dax0.0"), pmem = test_device("dax1.0");
	struct fake_kernel_fault fault = {
		.op = FAKE_KERNEL_WRITE,
		.action = FAKE_KERNEL_STALL,
		.nth = 1,
		.stall_msec = 500,
		.pattern = "*/dax0.0/memmap_on_memory",
	};
	struct test_host host;

	pmem.kind = FAKE_KERNEL_PMEM;
	test_host_start(
		&host, NULL,
		"[daemon]\nsettle = 20ms\n"
		"[rule cxl]\nmatch-kind = cxl\nmode = system-ram\nmemmap-on-memory = no\n"
		"[rule pmem]\nmatch-kind = pmem\nmode = system-ram\nmemmap-on-memory = no\n");
	test_host_start_daemon(&host);
	fake_kernel_add_fault(host.root, &fault);
	test_host_add(&host, &cxl);
	test_host_add(&host, &pmem);
	test_host_wait(&host, "dax0.0", "online");
	test_host_wait(&host, "dax1.0", "online");
	test_host_assert(&host, "dax0.0", "Zone", "Movable");
	test_host_assert(&host, "dax0.0", "MemmapEffective", "false");
	test_host_assert(&host, "dax1.0", "Zone", "Movable");
	test_host_stop(&host);
}
END_TEST

START_TEST(test_different_answers_to_one_policy)
{
	static const struct fake_kernel_affinity affinities[] = {
		{.base = 64 * FAKE_KERNEL_GIB, .size = 8 * FAKE_KERNEL_GIB, .distance = 21},
		{.base = 128 * FAKE_KERNEL_GIB, .size = 8 * FAKE_KERNEL_GIB, .distance = 31},
	};
	const struct fake_kernel_host kernel = {
		.dram = 8 * FAKE_KERNEL_GIB,
		.affinities = affinities,
		.n_affinities = ARRAY_SIZE(affinities),
	};
	struct fake_kernel_device near = test_device("dax0.0"), far = test_device("dax1.0");
	struct test_host host;

	near.ranges[0].size = far.ranges[0].size = 4 * FAKE_KERNEL_GIB;
	test_host_start(&host, &kernel,
			"[daemon]\nsettle = 20ms\n"
			"[memmap]\nmin-size = 4G\nmax-distance = 25\ndram-budget = 10%\n"
			"[rule slow]\nmatch-kind = cxl\nmode = system-ram\n");
	test_host_start_daemon(&host);
	test_host_add(&host, &near);
	test_host_add(&host, &far);
	test_host_wait(&host, "dax0.0", "online");
	test_host_wait(&host, "dax1.0", "online");
	test_host_assert(&host, "dax0.0", "MemmapEffective", "true");
	test_host_assert(&host, "dax0.0", "Distance", "21");
	test_host_assert(&host, "dax1.0", "MemmapEffective", "false");
	test_host_assert(&host, "dax1.0", "Distance", "31");
	test_host_assert_like(&host, "dax1.0", "MemmapReason", "beyond max-distance 25");
	test_host_stop(&host);
}
END_TEST

Suite *suite_many(void)
{
	Suite *suite = suite_create("many");
	TCase *tcase = tcase_create("many");

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, test_all_are_brought_online);
	tcase_add_test(tcase, test_order_is_that_of_the_policy);
	tcase_add_test(tcase, test_id_waits_for_bystanders);
	tcase_add_test(tcase, test_different_answers_to_one_policy);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The model against the facts that it was made from; other tests lean on it. */
#include <check.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake-kernel.h"
#include "tree.h"

#define AUTO_ONLINE "sys/devices/system/memory/auto_online_blocks"
#define AUTOPROBE   "sys/bus/dax/drivers_autoprobe"
#define DRIVERS	    "sys/bus/dax/drivers"
#define DAX	    "sys/bus/dax/devices/dax0.0"
#define FIRST	    ((uint64_t)0x100000000 / (128 * FAKE_KERNEL_MIB))

static char *root;

/* 1 GiB at 4 GiB: blocks 32 to 39. */
static const struct fake_kernel_device cxl = {
	.name = "dax0.0",
	.kind = FAKE_KERNEL_CXL,
	.ranges = {{0x100000000, FAKE_KERNEL_GIB}},
	.target_node = 1,
	.serials = {0xabc1, 0xabc2},
};

static const struct fake_kernel_device pmem = {
	.name = "dax1.0",
	.kind = FAKE_KERNEL_PMEM,
	.ranges = {{0x200000000, FAKE_KERNEL_GIB}},
	.target_node = 2,
	.distance = 40,
};

static void setup(void)
{
	root = tree_new();
}

static void teardown(void)
{
	root = tree_remove(root);
}

static void create(const struct fake_kernel_host *host)
{
	fake_kernel_create(root, host);
}

static void create_claimed(struct fake_kernel_host host)
{
	create(&host);
	ck_assert_int_eq(fake_kernel_write(root, AUTOPROBE, "0"), 0);
}

static void assert_reads(const char *path, const char *expected)
{
	char *text = tree_get(root, path);

	ck_assert_msg(text != NULL, "there is no %s", path);
	text[strcspn(text, "\n")] = '\0';
	ck_assert_msg(strcmp(text, expected) == 0, "%s reads \"%s\", not \"%s\"", path, text,
		      expected);
	free(text);
}

static void assert_driver(const char *path, const char *expected)
{
	char *full, *target;

	ck_assert_int_gt(asprintf(&full, "%s/%s/driver", root, path), 0);
	target = realpath(full, NULL);
	free(full);
	if (!expected)
		ck_assert_ptr_null(target);
	else {
		ck_assert_ptr_nonnull(target);
		ck_assert_str_eq(strrchr(target, '/') + 1, expected);
	}
	free(target);
}

static uint64_t node_kib(int node, const char *key)
{
	char path[64], format[64], *text, *line;
	uint64_t kib = 0;

	snprintf(path, sizeof(path), "sys/devices/system/node/node%d/meminfo", node);
	snprintf(format, sizeof(format), "Node %d %s:", node, key);
	text = tree_get(root, path);
	ck_assert_ptr_nonnull(text);
	line = strstr(text, format);
	ck_assert_ptr_nonnull(line);
	kib = strtoull(line + strlen(format), NULL, 10);
	free(text);
	return kib;
}

static void assert_blocks(const char *state, const char *zones)
{
	char path[96];

	for (uint64_t i = FIRST; i < FIRST + 8; i++) {
		snprintf(path, sizeof(path), "sys/devices/system/memory/memory%" PRIu64 "/state",
			 i);
		assert_reads(path, state);
		snprintf(path, sizeof(path),
			 "sys/devices/system/memory/memory%" PRIu64 "/valid_zones", i);
		assert_reads(path, zones);
	}
}

/* The case to win: bound and online in Normal before anybody hears of the device. */
START_TEST(stock_kernel_is_faster)
{
	create(&(struct fake_kernel_host){});
	fake_kernel_add_device(root, &cxl);
	assert_driver(DAX, "kmem");
	assert_blocks("online", "Normal");
	assert_reads("sys/devices/system/node/online", "0,1");
	assert_reads("sys/devices/system/node/node1/distance", "20 10");
	ck_assert_int_eq(fake_kernel_write(root, DAX "/memmap_on_memory", "0"), -EBUSY);
	ck_assert_int_eq(fake_kernel_write(root, DAX "/memmap_on_memory", "1"), 0);
}
END_TEST

START_TEST(autoprobe_off_leaves_it_unbound)
{
	create_claimed((struct fake_kernel_host){});
	fake_kernel_add_device(root, &cxl);
	assert_driver(DAX, NULL);
	ck_assert(!tree_has(root, "sys/devices/system/memory/memory32"));
	assert_reads(DAX "/memmap_on_memory", "1");
	ck_assert_int_eq(fake_kernel_write(root, DAX "/memmap_on_memory", "2"), -EINVAL);
	ck_assert_int_eq(fake_kernel_write(root, DAX "/memmap_on_memory", "0"), 0);
	ck_assert_int_eq(fake_kernel_write(root, "sys/bus/dax/drivers_probe", "dax0.0"), 0);
	assert_driver(DAX, "kmem");
}
END_TEST

START_TEST(bind_onlines_as_the_policy_says)
{
	create_claimed((struct fake_kernel_host){});
	fake_kernel_add_device(root, &cxl);
	ck_assert_int_eq(fake_kernel_write(root, AUTO_ONLINE, "movable"), -EINVAL);
	ck_assert_int_eq(fake_kernel_write(root, AUTO_ONLINE, "online_movable\n"), 0);
	ck_assert_int_eq(fake_kernel_write(root, DRIVERS "/kmem/bind", "dax0.0"), 0);
	assert_blocks("online", "Movable");
	ck_assert_int_eq(fake_kernel_write(root, DRIVERS "/kmem/bind", "dax0.0"), -EBUSY);
}
END_TEST

START_TEST(memmap_on_the_device_costs_the_node)
{
	uint64_t before;

	create_claimed((struct fake_kernel_host){.auto_online = "online_movable"});
	fake_kernel_add_device(root, &cxl);
	before = node_kib(0, "MemFree");
	ck_assert_int_eq(fake_kernel_write(root, DRIVERS "/kmem/bind", "dax0.0"), 0);
	ck_assert_uint_eq(node_kib(0, "MemFree"), before);
	ck_assert_uint_eq(node_kib(1, "MemTotal"), 1024 * 1024 / 64 * 63);
}
END_TEST

START_TEST(memmap_in_dram_costs_dram)
{
	uint64_t before;

	create_claimed((struct fake_kernel_host){.auto_online = "offline"});
	fake_kernel_add_device(root, &cxl);
	before = node_kib(0, "MemFree");
	ck_assert_int_eq(fake_kernel_write(root, DAX "/memmap_on_memory", "0"), 0);
	ck_assert_int_eq(fake_kernel_write(root, DRIVERS "/kmem/bind", "dax0.0"), 0);
	ck_assert_uint_eq(node_kib(0, "MemFree"), before - 1024 * 1024 / 64);
	ck_assert_uint_eq(node_kib(1, "MemTotal"), 0);
	assert_blocks("offline", "Normal Movable");
	ck_assert_int_eq(fake_kernel_write(root, DRIVERS "/kmem/unbind", "dax0.0"), 0);
	ck_assert_uint_eq(node_kib(0, "MemFree"), before);
	ck_assert(!tree_has(root, "sys/devices/system/node/node1"));
}
END_TEST

START_TEST(knob_is_inert_without_the_boot_parameter)
{
	uint64_t before;

	create_claimed(
		(struct fake_kernel_host){.auto_online = "online_movable", .memmap_param = "N"});
	fake_kernel_add_device(root, &cxl);
	assert_reads(DAX "/memmap_on_memory", "1");
	ck_assert_int_eq(fake_kernel_write(root, DAX "/memmap_on_memory", "1"), -EOPNOTSUPP);
	before = node_kib(0, "MemFree");
	ck_assert_int_eq(fake_kernel_write(root, DRIVERS "/kmem/bind", "dax0.0"), 0);
	ck_assert_uint_eq(node_kib(0, "MemFree"), before - 1024 * 1024 / 64);
	ck_assert_uint_eq(node_kib(1, "MemTotal"), 1024 * 1024);
}
END_TEST

START_TEST(no_memory_for_the_memmap)
{
	struct fake_kernel_device large = cxl;

	large.ranges[0].size = 64 * FAKE_KERNEL_GIB;
	create_claimed((struct fake_kernel_host){.dram = FAKE_KERNEL_GIB, .memmap_param = "N"});
	fake_kernel_add_device(root, &large);
	ck_assert_int_eq(fake_kernel_write(root, DRIVERS "/kmem/bind", "dax0.0"), -ENOMEM);
	assert_driver(DAX, NULL);
}
END_TEST

START_TEST(blocks_one_by_one)
{
	create_claimed((struct fake_kernel_host){.auto_online = "offline"});
	fake_kernel_add_device(root, &cxl);
	fake_kernel_poison_block(root, FIRST + 1);
	ck_assert_int_eq(fake_kernel_write(root, DRIVERS "/kmem/bind", "dax0.0"), 0);
	ck_assert_int_eq(fake_kernel_write(root, "sys/devices/system/memory/memory32/state",
					   "online_movable"),
			 0);
	ck_assert_int_eq(fake_kernel_write(root, "sys/devices/system/memory/memory32/state",
					   "online_movable"),
			 -EINVAL);
	ck_assert_int_eq(fake_kernel_write(root, "sys/devices/system/memory/memory33/state",
					   "online_movable"),
			 -EHWPOISON);
	ck_assert_int_eq(
		fake_kernel_write(root, "sys/devices/system/memory/memory32/valid_zones", "x"),
		-EACCES);
	assert_reads("sys/devices/system/node/has_memory", "0,1");
}
END_TEST

START_TEST(unbind_with_memory_online_is_stuck)
{
	create(&(struct fake_kernel_host){});
	fake_kernel_add_device(root, &cxl);
	ck_assert_int_eq(fake_kernel_write(root, DRIVERS "/kmem/unbind", "dax0.0"), 0);
	assert_driver(DAX, NULL);
	assert_blocks("online", "Normal");
	ck_assert_int_eq(fake_kernel_write(root, DRIVERS "/kmem/bind", "dax0.0"), -EBUSY);
}
END_TEST

START_TEST(removal_with_memory_online_is_stuck)
{
	create(&(struct fake_kernel_host){});
	fake_kernel_add_device(root, &cxl);
	fake_kernel_remove_device(root, "dax0.0");
	ck_assert(!tree_has(root, DAX));
	ck_assert(!tree_has(root, DRIVERS "/kmem/dax0.0"));
	ck_assert(!tree_has(root, "sys/bus/cxl/devices/region0"));
	assert_blocks("online", "Normal");
}
END_TEST

START_TEST(types_match_their_drivers)
{
	create_claimed((struct fake_kernel_host){});
	fake_kernel_add_device(root, &cxl);
	fake_kernel_add_device(root, &pmem);
	ck_assert_int_eq(fake_kernel_write(root, DRIVERS "/kmem/bind", "dax1.0"), -ENODEV);
	ck_assert_int_eq(fake_kernel_write(root, DRIVERS "/device_dax/bind", "dax0.0"), -ENODEV);
	ck_assert_int_eq(fake_kernel_write(root, DRIVERS "/device_dax/bind", "dax1.0"), 0);
	assert_driver("sys/bus/dax/devices/dax1.0", "device_dax");
	ck_assert_int_eq(fake_kernel_write(root, DRIVERS "/device_dax/unbind", "dax1.0"), 0);
	ck_assert_int_eq(fake_kernel_write(root, DRIVERS "/device_dax/unbind", "dax1.0"), -ENODEV);
}
END_TEST

/* new_id of kmem takes everything that waits, and says nothing of what failed. */
START_TEST(new_id_binds_bystanders)
{
	create_claimed((struct fake_kernel_host){});
	fake_kernel_add_device(root, &cxl);
	fake_kernel_add_device(root, &pmem);
	fake_kernel_fail_probe(root, "dax1.0", -ENXIO);
	ck_assert_int_eq(fake_kernel_write(root, DRIVERS "/kmem/new_id", "dax1.0"), 0);
	assert_driver("sys/bus/dax/devices/dax1.0", NULL);
	assert_driver(DAX, "kmem");
	ck_assert_int_eq(fake_kernel_write(root, DRIVERS "/kmem/bind", "dax1.0"), -ENXIO);
	ck_assert_int_eq(fake_kernel_write(root, DRIVERS "/kmem/remove_id", "dax1.0"), 0);
	ck_assert_int_eq(fake_kernel_write(root, DRIVERS "/kmem/bind", "dax1.0"), -ENODEV);
}
END_TEST

START_TEST(device_without_a_place)
{
	struct fake_kernel_device device = cxl;

	create_claimed((struct fake_kernel_host){});
	device.target_node = -1;
	fake_kernel_add_device(root, &device);
	ck_assert(!tree_has(root, "sys/devices/platform/ACPI0017:00/root0/decoder0.0/region0/"
				  "dax_region0/dax0.0/target_node"));
	ck_assert_int_eq(fake_kernel_write(root, DRIVERS "/kmem/bind", "dax0.0"), -EINVAL);
	device = pmem;
	device.ranges[0] = (struct fake_kernel_range){0x204000000, 128 * FAKE_KERNEL_MIB};
	device.kind = FAKE_KERNEL_HMEM;
	fake_kernel_add_device(root, &device);
	ck_assert_int_eq(fake_kernel_write(root, DRIVERS "/kmem/bind", "dax1.0"), -EINVAL);
}
END_TEST

START_TEST(kmem_comes_later)
{
	create(&(struct fake_kernel_host){.no_kmem = true});
	fake_kernel_add_device(root, &cxl);
	assert_driver(DAX, NULL);
	ck_assert(!tree_has(root, DRIVERS "/kmem"));
	fake_kernel_load_kmem(root);
	assert_driver(DAX, "kmem");
}
END_TEST

START_TEST(bus_comes_with_the_first_device)
{
	create(&(struct fake_kernel_host){.no_dax = true, .no_knob = true});
	ck_assert(!tree_has(root, "sys/bus/dax"));
	fake_kernel_add_device(root, &pmem);
	assert_driver("sys/bus/dax/devices/dax1.0", "device_dax");
	ck_assert(!tree_has(root, "sys/bus/dax/devices/dax1.0/memmap_on_memory"));
}
END_TEST

START_TEST(state_of_the_whole_device)
{
	create_claimed((struct fake_kernel_host){.has_state = true, .auto_online = "offline"});
	fake_kernel_add_device(root, &cxl);
	ck_assert_int_eq(fake_kernel_write(root, DAX "/state", "online"), -ENOENT);
	ck_assert_int_eq(fake_kernel_write(root, DRIVERS "/kmem/bind", "dax0.0"), 0);
	assert_reads(DAX "/state", "offline");
	ck_assert_int_eq(fake_kernel_write(root, DAX "/state", "offline"), -EINVAL);
	ck_assert_int_eq(fake_kernel_write(root, DAX "/state", "online_movable"), -EBUSY);
	ck_assert_int_eq(fake_kernel_write(root, DAX "/state", "unplugged"), 0);
	ck_assert(!tree_has(root, "sys/devices/system/memory/memory32"));
	ck_assert_int_eq(fake_kernel_write(root, DAX "/memmap_on_memory", "0"), -EBUSY);
	ck_assert_int_eq(fake_kernel_write(root, DAX "/state", "online_movable"), 0);
	assert_blocks("online", "Movable");
	assert_reads(DAX "/state", "online_movable");
	ck_assert_int_eq(
		fake_kernel_write(root, "sys/devices/system/memory/memory32/state", "offline"), 0);
	assert_reads(DAX "/state", "online_movable");
}
END_TEST

START_TEST(cxl_numbers_do_not_pair)
{
	create_claimed((struct fake_kernel_host){});
	fake_kernel_add_device(root, &cxl);
	assert_reads("sys/bus/cxl/devices/region0/target0", "decoder3.0");
	assert_reads("sys/bus/cxl/devices/endpoint3/uport/serial", "0xabc1");
	assert_reads("sys/bus/cxl/devices/mem1/serial", "0xabc2");
	assert_reads("sys/bus/cxl/devices/endpoint2/uport/serial", "0xabc2");
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("model");
	Suite *suite = suite_create("fake-kernel");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, stock_kernel_is_faster);
	tcase_add_test(tcase, autoprobe_off_leaves_it_unbound);
	tcase_add_test(tcase, bind_onlines_as_the_policy_says);
	tcase_add_test(tcase, memmap_on_the_device_costs_the_node);
	tcase_add_test(tcase, memmap_in_dram_costs_dram);
	tcase_add_test(tcase, knob_is_inert_without_the_boot_parameter);
	tcase_add_test(tcase, no_memory_for_the_memmap);
	tcase_add_test(tcase, blocks_one_by_one);
	tcase_add_test(tcase, unbind_with_memory_online_is_stuck);
	tcase_add_test(tcase, removal_with_memory_online_is_stuck);
	tcase_add_test(tcase, types_match_their_drivers);
	tcase_add_test(tcase, new_id_binds_bystanders);
	tcase_add_test(tcase, device_without_a_place);
	tcase_add_test(tcase, kmem_comes_later);
	tcase_add_test(tcase, bus_comes_with_the_first_device);
	tcase_add_test(tcase, state_of_the_whole_device);
	tcase_add_test(tcase, cxl_numbers_do_not_pair);
	suite_add_tcase(suite, tcase);

	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

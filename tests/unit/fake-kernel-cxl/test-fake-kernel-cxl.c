/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The model's cxl bus answers as the kernel's: the sequence of kernel-facts, and each refusal. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake-kernel-cxl.h"
#include "fake-kernel.h"
#include "tree.h"

#define CXL    "sys/bus/cxl/devices/"
#define DRIVER "sys/bus/cxl/drivers/cxl_region/"
#define GIB    FAKE_KERNEL_GIB

static char *root;

static void setup(void)
{
	root = tree_new();
	fake_kernel_create(root, &(struct fake_kernel_host){.auto_online = "offline"});
	fake_kernel_add_window(root, &(struct fake_kernel_window){.name = "decoder0.0",
								  .start = 16 * GIB,
								  .size = 4 * GIB,
								  .target_node = 1});
	fake_kernel_add_window(root, &(struct fake_kernel_window){.name = "decoder0.1",
								  .start = 32 * GIB,
								  .size = 4 * GIB,
								  .bridges = {0, 1},
								  .ways = 2,
								  .granularity = 1024,
								  .target_node = 2});
	fake_kernel_add_memdev(root,
			       &(struct fake_kernel_memdev){
				       .name = "mem0", .serial = 1, .ram = 2 * GIB, .endpoint = 5});
	fake_kernel_add_memdev(root, &(struct fake_kernel_memdev){.name = "mem1",
								  .serial = 2,
								  .ram = 2 * GIB,
								  .pmem = GIB,
								  .endpoint = 4,
								  .bridge = 1});
}

static void teardown(void)
{
	root = tree_remove(root);
}

static void expect(int error, const char *path, const char *value)
{
	int r = fake_kernel_write(root, path, value);

	ck_assert_msg(r == error, "%s = %s: %d, not %d", path, value, r, error);
}

static void reads(const char *path, const char *expected)
{
	char *text = tree_get(root, path);

	ck_assert_msg(text, "%s is not there", path);
	text[strcspn(text, "\n")] = '\0';
	ck_assert_msg(strcmp(text, expected) == 0, "%s reads %s, not %s", path, text, expected);
	free(text);
}

static void make_region0(void)
{
	expect(0, CXL "decoder5.0/dpa_size", "0x40000000");
	expect(0, CXL "decoder0.0/create_ram_region", "region0");
	expect(0, CXL "region0/interleave_granularity", "256");
	expect(0, CXL "region0/interleave_ways", "1");
	expect(0, CXL "region0/size", "0x40000000");
	expect(0, CXL "region0/target0", "decoder5.0");
}

START_TEST(there_and_back)
{
	char *before = fake_kernel_snapshot(root), *after;

	make_region0();
	reads(CXL "region0/resource", "0x400000000");
	reads(CXL "decoder5.0/region", "region0");
	reads(CXL "decoder0.0/create_ram_region", "region2"); /* 1 is the other window's */
	expect(-ENXIO, DRIVER "bind", "region0");
	expect(0, CXL "region0/commit", "1");
	expect(0, DRIVER "bind", "region0");
	reads("sys/bus/dax/devices/dax0.0/size", "1073741824");
	reads("sys/bus/dax/devices/dax0.0/target_node", "1");
	expect(-EBUSY, DRIVER "bind", "region0");
	expect(-EBUSY, CXL "decoder5.0/dpa_size", "0");

	expect(0, DRIVER "unbind", "region0");
	ck_assert(!tree_has(root, "sys/bus/dax/devices/dax0.0"));
	expect(-ENODEV, DRIVER "unbind", "region0");
	expect(0, CXL "region0/commit", "0");
	expect(0, CXL "decoder0.0/delete_region", "region0");
	ck_assert(!tree_has(root, CXL "region0"));
	expect(0, CXL "decoder5.0/dpa_size", "0");
	/* The window keeps the number that it set aside; all else is as before. */
	expect(-EBUSY, CXL "decoder0.0/create_ram_region", "region0");
	after = fake_kernel_snapshot(root);
	*strstr(after, "create_ram_region = region2") = '\0';
	*strstr(before, "create_ram_region = region0") = '\0';
	ck_assert_str_eq(after, before);
	free(before);
	free(after);
}
END_TEST

START_TEST(capacity)
{
	expect(-EINVAL, CXL "decoder5.0/mode", "none");
	expect(-ENXIO, CXL "decoder5.0/mode", "pmem"); /* it has none */
	expect(0, CXL "decoder4.0/mode", "pmem");
	expect(-EINVAL, CXL "decoder5.0/dpa_size", "0x1000");
	expect(-ENOSPC, CXL "decoder5.0/dpa_size", "0x90000000");
	expect(-EBUSY, CXL "decoder5.1/dpa_size", "0x10000000"); /* out of order */
	expect(0, CXL "decoder5.0/dpa_size", "0x40000000");
	expect(-ENOSPC, CXL "decoder5.1/dpa_size", "0x50000000");
	expect(0, CXL "decoder5.1/dpa_size", "0x40000000");
	expect(-EBUSY, CXL "decoder5.0/dpa_size", "0");
	expect(0, CXL "decoder5.1/dpa_size", "0");
	expect(0, CXL "decoder5.0/dpa_size", "0");
}
END_TEST

START_TEST(creation)
{
	expect(-EINVAL, CXL "decoder0.0/create_ram_region", "nonsense");
	expect(-EBUSY, CXL "decoder0.0/create_ram_region", "region7");
	expect(0, CXL "decoder0.0/create_ram_region", "region0");
	expect(-ENXIO, CXL "region0/size", "0x40000000"); /* the interleaving comes first */
	expect(-EINVAL, CXL "region0/interleave_granularity", "300");
	expect(0, CXL "region0/interleave_granularity", "256");
	expect(-EINVAL, CXL "region0/interleave_ways", "5");
	expect(0, CXL "region0/interleave_ways", "1");
	expect(-EINVAL, CXL "region0/size", "0x1000000");
	expect(-ERANGE, CXL "region0/size", "0x110000000");
	expect(-ENXIO, CXL "region0/target0", "decoder5.0");
	expect(0, CXL "region0/size", "0x40000000");
	expect(-EBUSY, CXL "region0/size", "0x20000000");
	expect(-EBUSY, CXL "region0/interleave_ways", "2");
	expect(-ENXIO, CXL "region0/target0", "decoder5.0"); /* holds nothing */
	expect(-ENXIO, CXL "region0/commit", "1");
	expect(-ENODEV, CXL "region0/target0", "decoder9.0");
	expect(0, CXL "decoder5.0/dpa_size", "0x20000000");
	expect(-EINVAL, CXL "region0/target0", "decoder5.0"); /* of another size */
	expect(0, CXL "decoder4.0/dpa_size", "0x40000000");
	expect(-ENXIO, CXL "region0/target0", "decoder4.0"); /* behind another bridge */
	expect(-ENODEV, CXL "decoder0.1/delete_region", "region0");
	expect(0, CXL "decoder0.0/delete_region", "region0");
}
END_TEST

START_TEST(across_bridges)
{
	expect(0, CXL "decoder5.0/dpa_size", "0x40000000");
	expect(0, CXL "decoder4.0/dpa_size", "0x40000000");
	expect(0, CXL "decoder0.1/create_ram_region", "region1");
	expect(-EINVAL, CXL "region1/interleave_ways", "1");
	expect(-EINVAL, CXL "region1/interleave_granularity", "256");
	expect(0, CXL "region1/interleave_ways", "2");
	expect(0, CXL "region1/interleave_granularity", "1024");
	expect(0, CXL "region1/size", "0x80000000");
	expect(0, CXL "region1/target0", "decoder5.0");
	expect(-EBUSY, CXL "region1/target1", "decoder5.0");
	expect(0, CXL "region1/target1", "decoder4.0");
	expect(0, CXL "region1/commit", "1");
	expect(0, DRIVER "bind", "region1");
	reads("sys/bus/dax/devices/dax1.0/size", "2147483648");
}
END_TEST

/* What is left keeps its addresses until somebody deletes it. */
START_TEST(pulled)
{
	make_region0();
	expect(0, CXL "region0/commit", "1");
	expect(0, DRIVER "bind", "region0");
	fake_kernel_remove_memdev(root, "mem0");
	ck_assert(!tree_has(root, "sys/bus/dax/devices/dax0.0"));
	ck_assert(!tree_has(root, CXL "mem0"));
	ck_assert(!tree_has(root, CXL "decoder5.0"));
	reads(CXL "region0/commit", "0");
	reads(CXL "region0/target0", "");
	reads(CXL "region0/size", "0x40000000");
}
END_TEST

/* The later of two decoders of a device first. */
START_TEST(decommit_out_of_order)
{
	make_region0();
	expect(0, CXL "region0/commit", "1");
	expect(0, DRIVER "bind", "region0");
	expect(0, CXL "decoder5.1/dpa_size", "0x40000000");
	expect(0, CXL "decoder0.0/create_ram_region", "region2");
	expect(0, CXL "region2/interleave_granularity", "256");
	expect(0, CXL "region2/interleave_ways", "1");
	expect(0, CXL "region2/size", "0x40000000");
	expect(0, CXL "region2/target0", "decoder5.1");
	expect(0, CXL "region2/commit", "1");
	expect(-EBUSY, CXL "region0/commit", "0");
	reads(CXL "region0/commit", "1");
	ck_assert(!tree_has(root, CXL "region0/driver")); /* it is off all the same */
	expect(0, CXL "region2/commit", "0");
	expect(0, CXL "region0/commit", "0");
}
END_TEST

START_TEST(decommit_locked)
{
	make_region0();
	expect(0, CXL "region0/commit", "1");
	expect(0, DRIVER "bind", "region0");
	tree_put(root, CXL "decoder5.0/locked", "1\n");
	expect(-EPERM, CXL "region0/commit", "0");
	reads(CXL "region0/commit", "1");
	ck_assert(tree_has(root, CXL "region0/driver"));
}
END_TEST

static const struct {
	const char *path, *value;
} ends[] = {
	{CXL "region0/commit", "0"},
	{CXL "region0/target0", ""},
	{DRIVER "unbind", "region0"},
	{CXL "decoder0.0/delete_region", "region0"},
};

/* The process that does it is lost, and the tree tells any other. */
START_TEST(under_memory_in_use)
{
	pid_t pid;
	int status;

	make_region0();
	expect(0, CXL "region0/commit", "1");
	expect(0, DRIVER "bind", "region0");
	expect(0, "sys/devices/system/memory/memory135/state", "online_movable");
	pid = fork();
	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){});
		fake_kernel_write(root, ends[_i].path, ends[_i].value);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	ck_assert(tree_has(root, TREE_VIOLATION));
	tree_delete(root, TREE_VIOLATION);
}
END_TEST

START_TEST(behind_a_device)
{
	fake_kernel_add_device(root, &(struct fake_kernel_device){
					     .name = "dax3.0",
					     .kind = FAKE_KERNEL_CXL,
					     .ranges = {{64 * GIB, GIB}},
					     .target_node = 1,
					     .region = "region3",
					     .serials = {7},
				     });
	reads(CXL "region3/commit", "1");
	reads(CXL "region3/target0", "decoder3.0");
	reads(CXL "decoder3.0/region", "region3");
	reads(CXL "decoder3.0/dpa_size", "0x0000000040000000");
	fake_kernel_remove_device(root, "dax3.0");
	ck_assert(!tree_has(root, CXL "region3"));
	reads(CXL "decoder3.0/dpa_size", "0x0000000000000000");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fake-kernel-cxl");
	TCase *tcase = tcase_create("cxl");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, there_and_back);
	tcase_add_test(tcase, capacity);
	tcase_add_test(tcase, creation);
	tcase_add_test(tcase, across_bridges);
	tcase_add_test(tcase, pulled);
	tcase_add_test(tcase, decommit_out_of_order);
	tcase_add_test(tcase, decommit_locked);
	tcase_add_loop_test(tcase, under_memory_in_use, 0, sizeof(ends) / sizeof(ends[0]));
	tcase_add_test(tcase, behind_a_device);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memdevs, windows and regions of a host whose numbers do not pair. */
#include <check.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "facts-dump.h"
#include "failing-ops.h"
#include "fake-kernel-cxl.h"
#include "observe/cxl-host.h"
#include "tree.h"

#define CXL  "sys/bus/cxl/devices/"
#define ROOT "sys/devices/platform/ACPI0017:00/root0"
#define GIB  FAKE_KERNEL_GIB

static char *root;
static struct failing_ops ops;
static struct sysfs sysfs;
static struct strv problems;
static struct look look;

static void setup(void)
{
	root = tree_new();
	fake_kernel_create(root, &(struct fake_kernel_host){.auto_online = "offline"});
	fake_kernel_add_window(root, &(struct fake_kernel_window){.name = "decoder0.0",
								  .start = 16 * GIB,
								  .size = 4 * GIB,
								  .qos_class = 3,
								  .target_node = 1});
	fake_kernel_add_window(root, &(struct fake_kernel_window){.name = "decoder0.10",
								  .start = 64 * GIB,
								  .size = 8 * GIB,
								  .bridges = {1, 0},
								  .ways = 2,
								  .granularity = 1024,
								  .qos_class = -1,
								  .old = true,
								  .locked = true,
								  .target_node = 3});
	fake_kernel_add_window(root, &(struct fake_kernel_window){.name = "decoder0.2",
								  .start = 32 * GIB,
								  .size = GIB,
								  .pmem_only = true});
	fake_kernel_add_memdev(root, &(struct fake_kernel_memdev){.name = "mem0",
								  .serial = 0xa0,
								  .ram = 2 * GIB,
								  .numa_node = 0,
								  .qos_class = 3,
								  .endpoint = 5});
	fake_kernel_add_memdev(root, &(struct fake_kernel_memdev){.name = "mem1",
								  .serial = 0xa1,
								  .ram = GIB,
								  .pmem = 4 * GIB,
								  .numa_node = 1,
								  .qos_class = -1,
								  .endpoint = 4,
								  .bridge = 1,
								  .decoders = 11,
								  .locked = true});
	fake_kernel_add_memdev(root, &(struct fake_kernel_memdev){.name = "mem10",
								  .serial = 0xa2,
								  .ram = GIB,
								  .endpoint = 6,
								  .asleep = true});
	ops = (struct failing_ops){};
	ck_assert_int_eq(sysfs_open(&sysfs, root, &failing_ops, &ops), 0);
	look = (struct look){.sysfs = &sysfs, .problems = &problems};
}

static void teardown(void)
{
	sysfs_close(&sysfs);
	strv_done(&problems);
	root = tree_remove(root);
}

static void put(const char *path, const char *value)
{
	ck_assert_int_eq(fake_kernel_write(root, path, value), 0);
}

static void make_region(void)
{
	put(CXL "decoder5.0/dpa_size", "0x40000000");
	put(CXL "decoder0.0/create_ram_region", "region0");
	put(CXL "region0/interleave_granularity", "256");
	put(CXL "region0/interleave_ways", "1");
	put(CXL "region0/size", "0x40000000");
	put(CXL "region0/target0", "decoder5.0");
	put(CXL "region0/commit", "1");
	put("sys/bus/cxl/drivers/cxl_region/bind", "region0");
}

static struct cxl_facts look_once(void)
{
	struct cxl_facts cxl = {};

	strv_done(&problems);
	ck_assert_int_eq(cxl_host_look(&look, &cxl), 0);
	return cxl;
}

START_TEST(memdevs)
{
	_cleanup_(cxl_facts_done) struct cxl_facts cxl = look_once();
	const struct cxl_memdev *m = cxl.memdevs;

	ck_assert_uint_eq(cxl.n_memdevs, 3);
	ck_assert_str_eq(m[0].name, "mem0");
	ck_assert_str_eq(m[0].endpoint, "endpoint5");
	ck_assert_str_eq(m[0].bridge, "sys/devices/pci0000:0c");
	ck_assert_uint_eq(m[0].serial, 0xa0);
	ck_assert_uint_eq(m[0].ram_size, 2 * GIB);
	ck_assert_int_eq(m[0].ram_qos_class, 3);
	ck_assert_uint_eq(m[0].n_decoders, 2);
	ck_assert_str_eq(m[0].decoders[0].name, "decoder5.0");
	ck_assert(!m[0].decoders[0].locked);
	ck_assert(m[1].decoders[0].locked);
	ck_assert_str_eq(m[1].name, "mem1");
	ck_assert_str_eq(m[1].endpoint, "endpoint4");
	ck_assert_str_eq(m[1].bridge, "sys/devices/pci0000:1c");
	ck_assert_uint_eq(m[1].pmem_size, 4 * GIB);
	ck_assert_int_eq(m[1].numa_node, 1);
	ck_assert_int_eq(m[1].ram_qos_class, -1);
	ck_assert_uint_eq(m[1].n_decoders, 11);
	ck_assert_str_eq(m[1].decoders[2].name, "decoder4.2"); /* not .10, which sorts before */
	ck_assert_str_eq(m[1].decoders[10].name, "decoder4.10");
	ck_assert_str_eq(m[2].name, "mem10");
	ck_assert_ptr_null(m[2].endpoint);
	ck_assert_ptr_null(m[2].bridge);
	for (size_t i = 0; i < 3; i++)
		ck_assert(!m[i].incomplete);
	ck_assert_uint_eq(problems.n, 0);
}
END_TEST

START_TEST(windows)
{
	_cleanup_(cxl_facts_done) struct cxl_facts cxl = look_once();
	const struct cxl_window *w = cxl.windows;

	ck_assert_uint_eq(cxl.n_windows, 3);
	ck_assert_str_eq(w[0].name, "decoder0.0");
	ck_assert(w[0].cap_ram && w[0].can_create && !w[0].locked && !w[0].incomplete);
	ck_assert_uint_eq(w[0].start, 16 * GIB);
	ck_assert_uint_eq(w[0].size, 4 * GIB);
	ck_assert_uint_eq(w[0].ways, 1);
	ck_assert_uint_eq(w[0].granularity, 256);
	ck_assert_int_eq(w[0].qos_class, 3);
	ck_assert_uint_eq(w[0].bridges.n, 1);
	ck_assert_str_eq(w[0].bridges.items[0], "sys/devices/pci0000:0c");
	ck_assert_str_eq(w[1].name, "decoder0.2");
	ck_assert(!w[1].cap_ram && !w[1].can_create);
	ck_assert_str_eq(w[2].name, "decoder0.10");
	ck_assert(w[2].cap_ram && !w[2].can_create && w[2].locked);
	ck_assert_int_eq(w[2].qos_class, -1);
	ck_assert_uint_eq(w[2].bridges.n, 2);
	ck_assert_str_eq(w[2].bridges.items[0], "sys/devices/pci0000:1c");
	ck_assert_str_eq(w[2].bridges.items[1], "sys/devices/pci0000:0c");
}
END_TEST

START_TEST(a_region)
{
	_cleanup_(cxl_facts_done) struct cxl_facts cxl = {};
	const struct cxl_region *r;

	make_region();
	cxl = look_once();
	ck_assert_uint_eq(cxl.n_regions, 1);
	r = &cxl.regions[0];
	ck_assert_str_eq(r->name, "region0");
	ck_assert_str_eq(r->window, "decoder0.0");
	ck_assert_int_eq(r->mode, DECODER_MODE_RAM);
	ck_assert(r->has_start && r->committed && r->bound);
	ck_assert_uint_eq(r->start, 16 * GIB);
	ck_assert_uint_eq(r->size, GIB);
	ck_assert_uint_eq(r->ways, 1);
	ck_assert_uint_eq(r->targets.n, 1);
	ck_assert_str_eq(r->targets.items[0], "decoder5.0");
	ck_assert_str_eq(cxl.memdevs[0].decoders[0].region, "region0");
	ck_assert_uint_eq(cxl.memdevs[0].decoders[0].dpa_size, GIB);
	ck_assert_ptr_null(cxl.memdevs[0].decoders[1].region);
	ck_assert_ptr_eq(cxl_memdev_of_decoder(&cxl, "decoder5.0"), &cxl.memdevs[0]);
	ck_assert_uint_eq(problems.n, 0);
}
END_TEST

/* One that is being put together has no address, and a place without a target. */
START_TEST(an_unfinished_region)
{
	_cleanup_(cxl_facts_done) struct cxl_facts cxl = {};

	put(CXL "decoder0.0/create_ram_region", "region0");
	put(CXL "region0/interleave_ways", "2");
	cxl = look_once();
	ck_assert_uint_eq(cxl.n_regions, 1);
	ck_assert(!cxl.regions[0].has_start && !cxl.regions[0].committed && !cxl.regions[0].bound);
	ck_assert_uint_eq(cxl.regions[0].size, 0);
	ck_assert_uint_eq(cxl.regions[0].targets.n, 2);
	ck_assert_str_eq(cxl.regions[0].targets.items[1], "");
	ck_assert(!cxl.windows[0].incomplete);
}
END_TEST

/* A region without mode is of a kernel before 6.3. */
START_TEST(no_mode)
{
	_cleanup_(cxl_facts_done) struct cxl_facts cxl = {};

	make_region();
	tree_delete(root, ROOT "/decoder0.0/region0/mode");
	cxl = look_once();
	ck_assert_int_eq(cxl.regions[0].mode, DECODER_MODE_NONE);
	ck_assert_uint_eq(problems.n, 0);
}
END_TEST

START_TEST(no_bus)
{
	_cleanup_(cxl_facts_done) struct cxl_facts cxl = {};

	tree_delete(root, "sys/bus/cxl");
	cxl = look_once();
	ck_assert_uint_eq(cxl.n_memdevs + cxl.n_windows + cxl.n_regions, 0);
	ck_assert_uint_eq(problems.n, 0);
}
END_TEST

/* A restricted device hangs below the root, and says itself to which bridge. */
START_TEST(restricted_device)
{
	_cleanup_(cxl_facts_done) struct cxl_facts cxl = {};

	tree_link(root, ROOT "/endpoint7/uport",
		  "../../../../pci0000:0c/0000:0c:00.0/0000:17:00.0/mem10");
	tree_link(root, ROOT "/endpoint7/parent_dport", "../../../../pci0000:1c");
	tree_link(root, CXL "endpoint7", "../../../../" ROOT "/endpoint7");
	cxl = look_once();
	ck_assert_str_eq(cxl.memdevs[2].endpoint, "endpoint7");
	ck_assert_str_eq(cxl.memdevs[2].bridge, "sys/devices/pci0000:1c");
	ck_assert(!cxl.memdevs[2].incomplete);
}
END_TEST

#define MEM0	"sys/devices/pci0000:0c/0000:0c:00.0/0000:0d:00.0/mem0"
#define EP5	ROOT "/port1/endpoint5"
#define WINDOW0 ROOT "/decoder0.0"

static const struct {
	const char *path;
	bool memdev, window; /* mem0, decoder0.0 */
	bool word;	     /* anything is understood, or it is no file */
} needed[] = {
	{MEM0 "/serial", true, false, false},
	{MEM0 "/ram/size", true, false, false},
	{MEM0 "/pmem/size", true, false, false},
	{EP5 "/decoder5.1/mode", true, false, false},
	{EP5 "/decoder5.1/dpa_size", true, false, false},
	{EP5 "/decoder5.1/region", true, false, true},
	{ROOT "/port1/uport", true, false, true},
	{WINDOW0 "/start", false, true, false},
	{WINDOW0 "/size", false, true, false},
	{WINDOW0 "/cap_ram", false, true, false},
	{WINDOW0 "/locked", false, true, false},
	{WINDOW0 "/interleave_ways", false, true, false},
	{WINDOW0 "/interleave_granularity", false, true, false},
	{WINDOW0 "/target_list", false, true, true},
	{ROOT "/dport12", false, true, true},
	{WINDOW0 "/region0/size", false, true, false},
	{WINDOW0 "/region0/resource", false, true, false},
	{WINDOW0 "/region0/commit", false, true, false},
};

static void assert_incomplete(const struct cxl_facts *cxl, size_t i)
{
	const struct cxl_memdev *memdev = cxl_find_memdev(cxl, "mem0");
	const struct cxl_window *window = cxl_find_window(cxl, "decoder0.0");

	ck_assert_msg(memdev->incomplete == needed[i].memdev, "mem0 without %s", needed[i].path);
	ck_assert_msg(window->incomplete == needed[i].window, "decoder0.0 without %s",
		      needed[i].path);
	ck_assert(!cxl_find_memdev(cxl, "mem10")->incomplete);
}

START_TEST(missing)
{
	_cleanup_(cxl_facts_done) struct cxl_facts cxl = {};

	make_region();
	tree_delete(root, needed[_i].path);
	cxl = look_once();
	assert_incomplete(&cxl, (size_t)_i);
}
END_TEST

START_TEST(nonsense)
{
	_cleanup_(cxl_facts_done) struct cxl_facts cxl = {};

	if (needed[_i].word)
		return;
	make_region();
	tree_put(root, needed[_i].path, "nonsense\n");
	cxl = look_once();
	assert_incomplete(&cxl, (size_t)_i);
	ck_assert_uint_eq(problems.n, 1);
	ck_assert_ptr_nonnull(strstr(problems.items[0], strrchr(needed[_i].path, '/')));
}
END_TEST

/* What the numbers of target_list lead to is what is looked at. */
START_TEST(no_such_bridge)
{
	_cleanup_(cxl_facts_done) struct cxl_facts cxl = {};

	tree_put(root, WINDOW0 "/target_list", "12,99\n");
	cxl = look_once();
	ck_assert(cxl.windows[0].incomplete);
}
END_TEST

/* Every call with every error: only out of memory ends it, and nothing that could not be read
 * passes for whole. */
START_TEST(any_call_may_fail)
{
	static const int errors[] = {-EIO, -EACCES, -ENOENT, -ENODEV, -ENOMEM, -EINTR};
	int error = errors[_i];

	make_region();
	for (unsigned n = 1; n < 500; n++) {
		_cleanup_(cxl_facts_done) struct cxl_facts cxl = {};
		int r;

		ops.calls = 0;
		ops.fail_at = n;
		ops.error = error;
		strv_done(&problems);
		r = cxl_host_look(&look, &cxl);
		if (ops.calls < n) {
			ck_assert_int_eq(r, 0);
			ck_assert_uint_gt(n, 60);
			ck_assert_uint_eq(problems.n, 0);
			return;
		}
		ck_assert_int_eq(r, error == -ENOMEM ? -ENOMEM : 0);
		if (r == 0)
			ck_assert_uint_eq(problems.n, error == -ENOENT || error == -ENODEV ? 0 : 1);
	}
	ck_abort_msg("one look took more than 500 calls");
}
END_TEST

static char *dump(const char *top)
{
	_cleanup_(cxl_facts_done) struct cxl_facts cxl = {};
	struct sysfs own;
	struct look at = {.sysfs = &own, .problems = &problems};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	ck_assert_int_eq(sysfs_open(&own, top, NULL, NULL), 0);
	ck_assert_int_eq(cxl_host_look(&at, &cxl), 0);
	cxl_facts_dump(out, &cxl);
	fclose(out);
	sysfs_close(&own);
	return text;
}

/* What is captured of a host tells the same. */
START_TEST(captured)
{
	_cleanup_free_ char *here = NULL, *command = NULL, *to = NULL, *there = NULL;

	make_region();
	here = dump(root);
	ck_assert_ptr_nonnull(strstr(here, "memdev mem10"));
	ck_assert_ptr_nonnull(strstr(here, "window decoder0.10"));
	ck_assert_ptr_nonnull(strstr(here, "target decoder5.0"));
	ck_assert_int_gt(asprintf(&to, "%s/captured", root), 0);
	ck_assert_int_gt(asprintf(&command,
				  "sh " PROJECT_SOURCE_DIR "/contrib/capture-host --root=%s %s",
				  root, to),
			 0);
	ck_assert_int_eq(system(command), 0);
	there = dump(to);
	ck_assert_str_eq(there, here);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("observe-cxl");
	TCase *tcase = tcase_create("cxl");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, memdevs);
	tcase_add_test(tcase, windows);
	tcase_add_test(tcase, a_region);
	tcase_add_test(tcase, an_unfinished_region);
	tcase_add_test(tcase, no_mode);
	tcase_add_test(tcase, no_bus);
	tcase_add_test(tcase, restricted_device);
	tcase_add_loop_test(tcase, missing, 0, ARRAY_SIZE(needed));
	tcase_add_loop_test(tcase, nonsense, 0, ARRAY_SIZE(needed));
	tcase_add_test(tcase, no_such_bridge);
	tcase_add_test(tcase, captured);
	tcase_add_loop_test(tcase, any_call_may_fail, 0, 6);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In which window, and why in none. */
#include "cxl-scene.h"

START_TEST(no_window)
{
	scene_memdev(0, 4 * GIB, 'A');
	scene_plan(0);
	scene_assert("mem0", DEVICE_FAILED,
		     "no window will do: firmware describes no window for CXL memory", 0);
}
END_TEST

/* Every reason of its own, and all of them together. */
START_TEST(each_refusal)
{
	struct cxl_window *w;

	scene_memdev(0, 4 * GIB, 'A');
	scene_window(0, 0, 64 * GIB, "A")->incomplete = true;
	scene_window(1, 0, 64 * GIB, "A")->cap_ram = false;
	scene_window(2, 0, 64 * GIB, "A")->can_create = false;
	scene_window(3, 0, 64 * GIB, "A")->locked = true;
	scene_window(4, 0, 64 * GIB, "B");
	scene_window(5, 0, 64 * GIB, "AB");
	scene_window(6, 0, 2 * GIB, "A");
	scene_plan(0);
	scene_assert(
		"mem0", DEVICE_FAILED,
		"no window will do: decoder0.0 could not be read; decoder0.1 takes no volatile "
		"memory; the kernel makes no volatile regions in decoder0.2 (Linux 6.3 does); "
		"decoder0.3 is locked by firmware; decoder0.4 does not lead to the host bridge of "
		"mem0; decoder0.5 interleaves over 2 host bridges, and 1 is no power-of-2 multiple "
		"of that; decoder0.6 has 2 GiB of its 2 GiB free in one piece, and 4 GiB are "
		"needed",
		0);
	w = scene_window(7, 0, 64 * GIB, "A");
	ck_assert_str_eq(w->name, "decoder0.7");
	scene_plan(0);
	scene_assert_proposed("mem0", "decoder0.7", 4 * GIB);
}
END_TEST

/* Both are behind one of the two bridges. */
START_TEST(two_bridges)
{
	scene.config.interleave_ways = 2;
	scene_memdev(0, 4 * GIB, 'A');
	scene_memdev(1, 4 * GIB, 'A');
	scene_window(0, 0, 64 * GIB, "AB");
	scene_plan(0);
	scene_assert("mem0", DEVICE_FAILED,
		     "no window will do: decoder0.0 interleaves over 2 host bridges, not all of "
		     "which lead to mem1",
		     0);
}
END_TEST

START_TEST(three_ways)
{
	scene.config.interleave_ways = 3;
	for (unsigned n = 0; n < 3; n++)
		scene_memdev(n, 4 * GIB, 'A');
	scene_window(0, 0, 64 * GIB, "A");
	scene_plan(0);
	scene_assert("mem0", DEVICE_FAILED,
		     "no window will do: decoder0.0 interleaves over 1 host bridge, and 3 is no "
		     "power-of-2 multiple of that",
		     0);
}
END_TEST

/* Both ports of a bridge in one window: the window's granularity is the region's. */
START_TEST(granularity)
{
	scene.config.interleave_ways = 2;
	scene.config.interleave_granularity = 4096;
	scene_memdev(0, 4 * GIB, 'A');
	scene_memdev(1, 4 * GIB, 'A');
	scene_window(0, 0, 64 * GIB, "AA")->granularity = 1024;
	scene_plan(0);
	scene_assert("mem0", DEVICE_FAILED,
		     "no window will do: decoder0.0 interleaves at 1024 bytes, and not at 4096", 0);
	scene.config.interleave_granularity = 0;
	scene_plan(0);
	scene_assert_proposed("mem0", "decoder0.0", 8 * GIB);
	ck_assert_uint_eq(scene_entry("mem0")->region.granularity, 1024);
	scene_window(1, 64 * GIB, 32 * GIB, "A");
	scene.config.interleave_granularity = 512;
	scene_plan(0);
	scene_assert_proposed("mem0", "decoder0.1", 8 * GIB);
	ck_assert_uint_eq(scene_entry("mem0")->region.granularity, 512);
}
END_TEST

/* Room is counted in one piece, where the kernel can begin. */
START_TEST(pieces)
{
	scene_memdev(0, 4 * GIB, 'A');
	scene_window(0, 128 * MIB, 10 * GIB, "A");
	scene_region(0, "decoder0.0", 4 * GIB, GIB);
	scene_plan(0);
	scene_assert_proposed("mem0", "decoder0.0", 4 * GIB); /* behind region0 */
	scene_region(1, "decoder0.0", 8 * GIB, GIB);
	scene_plan(0);
	scene_assert("mem0", DEVICE_FAILED,
		     "no window will do: decoder0.0 has 3.8 GiB of its 10 GiB free in one piece, "
		     "and 4 GiB are needed",
		     0);
}
END_TEST

/* A region without an address, or of another window, takes nothing. */
/* As nothing but a captured host that somebody made has them: to be over, and not to go on for
 * ever. */
START_TEST(sizes_without_end)
{
	scene_memdev(0, 4 * GIB, 'A');
	scene_window(0, 16 * GIB, UINT64_MAX, "A");
	scene_plan(0);
	scene_assert_proposed("mem0", "decoder0.0", 4 * GIB);
	scene_region(0, "decoder0.0", 15 * GIB, UINT64_MAX);
	scene_plan(0);
	ck_assert_int_eq(scene_entry("mem0")->state, DEVICE_FAILED);
}
END_TEST

START_TEST(nobody_elses_room)
{
	scene_memdev(0, 4 * GIB, 'A');
	scene_window(0, 0, 4 * GIB, "A");
	scene_region(0, "decoder0.0", 0, 0)->has_start = false;
	scene_region(1, "decoder0.1", 0, 4 * GIB);
	scene_plan(0);
	scene_assert_proposed("mem0", "decoder0.0", 4 * GIB);
}
END_TEST

START_TEST(smallest_that_fits)
{
	scene_memdev(0, 4 * GIB, 'A');
	scene_window(0, 0, 32 * GIB, "A");
	scene_window(1, 32 * GIB, 8 * GIB, "A");
	scene_window(2, 64 * GIB, 8 * GIB, "A");
	scene_plan(0);
	scene_assert_proposed("mem0", "decoder0.1", 4 * GIB); /* and of two alike the first */
}
END_TEST

START_TEST(qos_class_first)
{
	scene_memdev(0, 4 * GIB, 'A')->ram_qos_class = 3;
	scene_window(0, 0, 8 * GIB, "A")->qos_class = 1;
	scene_window(1, 32 * GIB, 32 * GIB, "A")->qos_class = 3;
	scene_plan(0);
	scene_assert("mem0", DEVICE_PENDING, "in no region; becomes one of 4 GiB in decoder0.1", 4);
	scene_region(0, "decoder0.1", 34 * GIB, 30 * GIB);
	scene_plan(0);
	scene_assert(
		"mem0", DEVICE_PENDING,
		"in no region; becomes one of 4 GiB in decoder0.0; the window's QoS class is 1 "
		"and the device's 3, of which no window will do",
		4);
}
END_TEST

/* An unknown class is like none. */
START_TEST(qos_class_unknown)
{
	scene_memdev(0, 4 * GIB, 'A');
	scene_window(0, 0, 32 * GIB, "A");
	scene_window(1, 32 * GIB, 8 * GIB, "A")->qos_class = 1;
	scene_plan(0);
	scene_assert("mem0", DEVICE_PENDING, "in no region; becomes one of 4 GiB in decoder0.1", 4);
}
END_TEST

/* What one gets the next does not: the one that was seen first. */
START_TEST(room_for_one)
{
	scene_memdev(0, 4 * GIB, 'A');
	scene_memdev(1, 4 * GIB, 'A');
	scene_window(0, 0, 6 * GIB, "A");
	history_get(&scene.history, "mem0")->first_seen_usec = 2;
	history_get(&scene.history, "mem1")->first_seen_usec = 1;
	scene_plan(5);
	scene_assert_proposed("mem1", "decoder0.0", 4 * GIB);
	scene_assert(
		"mem0", DEVICE_FAILED,
		"no window will do: decoder0.0 has 2 GiB of its 6 GiB free in one piece, and 4 "
		"GiB are needed",
		0);
}
END_TEST

/* Of a card that was pulled without a word. */
START_TEST(leftovers)
{
	struct cxl_region *region;

	scene_memdev(0, 4 * GIB, 'A');
	scene_window(0, 0, 4 * GIB, "A");
	region = scene_region(0, "decoder0.0", 0, 4 * GIB);
	region->committed = region->bound = false;
	ck_assert_int_eq(strv_add(&region->targets, ""), 0);
	scene_plan(0);
	scene_assert("mem0", DEVICE_FAILED,
		     "no window will do: decoder0.0 has 0 B of its 4 GiB free in one piece, and 4 "
		     "GiB are needed (region0, which has no targets, holds 4 GiB: if nobody is at "
		     "work on it, write its name to "
		     "/sys/bus/cxl/devices/decoder0.0/delete_region)",
		     0);
	ck_assert_int_eq(strv_add(&region->targets, "decoder7.0"), 0);
	scene_plan(0);
	scene_assert("mem0", DEVICE_FAILED,
		     "no window will do: decoder0.0 has 0 B of its 4 GiB free in one piece, and 4 "
		     "GiB are needed",
		     0);
}
END_TEST

/* Memory in use is not given another card's capacity. */
START_TEST(memory_left_behind)
{
	struct memory_block block = {.number = 8, .state = BLOCK_ONLINE};
	struct cxl_region *region;
	struct dax_device *left;

	scene.facts.host.block_size = 128 * MIB;
	scene_memdev(0, 4 * GIB, 'A');
	scene_window(0, 0, 4 * GIB, "A");
	left = scene_device("dax0.0", "region0");
	left->gone = true;
	left->blocks = &block;
	left->n_blocks = 1;
	scene_plan(0);
	scene_assert("mem0", DEVICE_FAILED,
		     "no window will do: decoder0.0 would give it addresses where memory of "
		     "dax0.0 is still there, and only a boot frees them",
		     0);

	region = scene_region(0, "decoder0.0", 0, 4 * GIB);
	region->committed = region->bound = false;
	scene_plan(0);
	scene_assert("mem0", DEVICE_FAILED,
		     "no window will do: decoder0.0 has 0 B of its 4 GiB free in one piece, and 4 "
		     "GiB are needed (region0, which has no targets, holds 4 GiB: memory of "
		     "dax0.0 is still there, and only a boot frees it)",
		     0);
	left->blocks = NULL;
	left->n_blocks = 0;
}
END_TEST

TCase *window_tests(void)
{
	TCase *tcase = tcase_create("window");

	tcase_add_checked_fixture(tcase, scene_setup, scene_teardown);
	tcase_add_test(tcase, no_window);
	tcase_add_test(tcase, each_refusal);
	tcase_add_test(tcase, two_bridges);
	tcase_add_test(tcase, three_ways);
	tcase_add_test(tcase, granularity);
	tcase_add_test(tcase, pieces);
	tcase_add_test(tcase, sizes_without_end);
	tcase_add_test(tcase, nobody_elses_room);
	tcase_add_test(tcase, smallest_that_fits);
	tcase_add_test(tcase, qos_class_first);
	tcase_add_test(tcase, qos_class_unknown);
	tcase_add_test(tcase, room_for_one);
	tcase_add_test(tcase, leftovers);
	tcase_add_test(tcase, memory_left_behind);
	return tcase;
}

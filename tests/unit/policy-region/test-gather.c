/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who goes into one region together, and who waits. */
#include "cxl-scene.h"
#include "failing-alloc.h"

static void seen(const char *memdev, uint64_t usec)
{
	history_get(&scene.history, memdev)->first_seen_usec = usec;
}

static uint64_t next(uint64_t now_usec)
{
	return regions_next_usec(&scene.facts, &scene.config, &scene.history, now_usec);
}

static void setup(void)
{
	scene_setup();
	scene.config.interleave_ways = 2;
	scene_window(0, 16 * GIB, 64 * GIB, "A");
	scene_memdev(0, 4 * GIB, 'A');
}

static void assert_targets(const char *entry, const char *a, const char *b)
{
	const struct region_plan *region = &scene_entry(entry)->region;

	ck_assert_uint_eq(region->n_targets, 2);
	ck_assert_uint_eq(region->ways, 2);
	ck_assert_str_eq(region->targets[0].memdev, a);
	ck_assert_str_eq(region->targets[1].memdev, b);
}

START_TEST(two_together)
{
	scene_memdev(1, 4 * GIB, 'A');
	scene_plan(0);
	ck_assert_uint_eq(scene.plan->n_regions, 1);
	scene_assert(
		"mem0", DEVICE_PENDING,
		"in no region; becomes one of 8 GiB in decoder0.0, interleaved over mem0, mem1", 5);
	assert_targets("mem0", "mem0", "mem1");
	ck_assert_uint_eq(scene_entry("mem0")->size, 8 * GIB);
	ck_assert_uint_eq(next(0), UINT64_MAX);
}
END_TEST

START_TEST(waits_then_too_few)
{
	seen("mem0", 10 * SEC);
	scene_plan(11 * SEC);
	scene_assert("mem0", DEVICE_PENDING,
		     "waiting for 1 more of 2 memory devices like it behind its host bridge, to "
		     "come within 5 s",
		     0);
	ck_assert_uint_eq(next(11 * SEC), 15 * SEC);
	scene_plan(15 * SEC - 1);
	ck_assert_int_eq(scene_entry("mem0")->state, DEVICE_PENDING);
	scene_plan(15 * SEC);
	scene_assert(
		"mem0", DEVICE_FAILED,
		"only 1 of 2 memory devices like it behind its host bridge came within 5 s; it "
		"is not put into a smaller region on its own, apply it when all are there",
		0);
	ck_assert_uint_eq(next(15 * SEC), UINT64_MAX);
}
END_TEST

/* Too late for the first is in time for the next, and the first stays alone. */
START_TEST(the_next_comes)
{
	scene.config.interleave_gather_usec = 1500000;
	scene_memdev(1, 4 * GIB, 'A');
	scene_memdev(2, 4 * GIB, 'A');
	seen("mem0", 10 * SEC);
	seen("mem1", 12 * SEC);
	seen("mem2", 13 * SEC);
	scene_plan(13 * SEC);
	ck_assert_uint_eq(scene.plan->n_regions, 2);
	scene_assert("mem0", DEVICE_FAILED,
		     "only 1 of 2 memory devices like it behind its host bridge came within 1500 "
		     "ms; it is not put into a smaller region on its own, apply it when all are "
		     "there",
		     0);
	assert_targets("mem1", "mem1", "mem2");
}
END_TEST

/* The second card came late. */
START_TEST(gathered_anew)
{
	scene_memdev(1, 4 * GIB, 'A');
	scene_memdev(2, 8 * GIB, 'A');
	seen("mem0", 10 * SEC);
	seen("mem1", 16 * SEC);
	seen("mem2", 16 * SEC);
	scene_plan(30 * SEC);
	ck_assert_int_eq(scene_entry("mem0")->state, DEVICE_FAILED);
	ck_assert_int_eq(scene_entry("mem1")->state, DEVICE_FAILED);
	regions_regather(&scene.facts, "mem1", 30 * SEC, &scene.history);
	scene_plan(30 * SEC);
	assert_targets("mem0", "mem0", "mem1");
	/* Of another kind, it is none of its business. */
	ck_assert_int_eq(scene_entry("mem2")->state, DEVICE_FAILED);
	regions_regather(&scene.facts, NULL, 30 * SEC, &scene.history);
	scene_plan(30 * SEC);
	ck_assert_int_eq(scene_entry("mem2")->state, DEVICE_PENDING);
	/* Nothing is made of one that is not known. */
	regions_regather(&scene.facts, "mem9", 30 * SEC, &scene.history);
	ck_assert_ptr_null(history_find(&scene.history, "mem9"));
}
END_TEST

static void release(const char *memdev, uint64_t usec)
{
	history_get(&scene.history, memdev)->released = true;
	history_get(&scene.history, memdev)->released_usec = usec;
}

/* Who wants one of a set that was ejected wants the set; not those that may be on their way out. */
START_TEST(given_up_together)
{
	for (unsigned n = 1; n < 4; n++)
		scene_memdev(n, 4 * GIB, 'A');
	release("mem0", 10 * SEC);
	release("mem1", 20 * SEC);
	release("mem2", 20 * SEC);
	release("mem3", 10 * SEC);
	regions_regather(&scene.facts, "mem2", 30 * SEC, &scene.history);
	scene_plan(30 * SEC);
	assert_targets("mem1", "mem1", "mem2");
	ck_assert_int_eq(scene_entry("mem0")->state, DEVICE_RELEASED);
	ck_assert_int_eq(scene_entry("mem3")->state, DEVICE_RELEASED);
	regions_regather(&scene.facts, NULL, 40 * SEC, &scene.history);
	scene_plan(40 * SEC);
	ck_assert_int_eq(scene_entry("mem0")->state, DEVICE_RELEASED);
}
END_TEST

START_TEST(out_of_memory_it_looks_again_later)
{
	uint64_t usec;

	seen("mem0", SEC);
	failing_alloc_arm(1);
	usec = next(SEC);
	ck_assert(failing_alloc_disarm());
	ck_assert_uint_eq(usec, 2 * SEC);
}
END_TEST

/* By when they were seen, then by serial: names do not matter. */
START_TEST(order)
{
	struct cxl_memdev *mem0 = &scene.facts.cxl.memdevs[0];

	mem0->serial = 0xff;
	scene_memdev(1, 4 * GIB, 'A');
	scene_plan(0);
	ck_assert_ptr_null(plan_find(scene.plan, "mem0"));
	assert_targets("mem1", "mem1", "mem0");

	seen("mem0", SEC);
	seen("mem1", 2 * SEC);
	scene_plan(2 * SEC);
	assert_targets("mem0", "mem0", "mem1");
}
END_TEST

START_TEST(four_of_them)
{
	for (unsigned n = 1; n < 5; n++)
		scene_memdev(n, 4 * GIB, 'A');
	scene_plan(10 * SEC); /* all seen at 0 */
	ck_assert_uint_eq(scene.plan->n_regions, 3);
	assert_targets("mem0", "mem0", "mem1");
	assert_targets("mem2", "mem2", "mem3");
	ck_assert_int_eq(scene_entry("mem4")->state, DEVICE_FAILED);
}
END_TEST

/* Those that are unlike do not go together. */
START_TEST(unlike)
{
	scene_memdev(1, 8 * GIB, 'A');
	scene_memdev(2, 4 * GIB, 'B');
	scene_memdev(3, 4 * GIB, 'A')->decoders[0].dpa_size = GIB;
	history_get(&scene.history, "mem4")->released = true;
	scene_memdev(4, 4 * GIB, 'A');
	scene_plan(0);
	ck_assert_uint_eq(scene.plan->n_regions, 5);
	for (size_t i = 0; i < 5; i++)
		ck_assert_uint_eq(scene.plan->regions[i].n_steps, 0);
	ck_assert_int_eq(scene_entry("mem0")->state, DEVICE_PENDING);
	ck_assert_uint_eq(next(0), 5 * SEC);
	scene_memdev(5, 4 * GIB, 'A');
	scene_plan(0);
	assert_targets("mem0", "mem0", "mem5");
}
END_TEST

START_TEST(none_waits_without_interleaving)
{
	scene.config.interleave_ways = 0;
	scene_memdev(1, 4 * GIB, 'A');
	seen("mem0", SEC);
	scene_plan(SEC);
	ck_assert_uint_eq(scene.plan->n_regions, 2);
	scene_assert_proposed("mem0", "decoder0.0", 4 * GIB);
	scene_assert_proposed("mem1", "decoder0.0", 4 * GIB);
	ck_assert_uint_eq(next(SEC), UINT64_MAX);
}
END_TEST

START_TEST(off_waits_for_nobody)
{
	scene.config.create_regions = false;
	seen("mem0", SEC);
	ck_assert_uint_eq(next(SEC), UINT64_MAX);
}
END_TEST

START_TEST(time_without_end)
{
	scene.config.interleave_gather_usec = UINT64_MAX;
	seen("mem0", SEC);
	scene_plan(1000 * SEC);
	ck_assert_int_eq(scene_entry("mem0")->state, DEVICE_PENDING);
	ck_assert_uint_eq(next(SEC), UINT64_MAX);
}
END_TEST

START_TEST(sixteen)
{
	scene.config.interleave_ways = 16;
	for (unsigned n = 1; n < 17; n++)
		scene_memdev(n, GIB, 'A');
	scene_plan(0);
	ck_assert_uint_eq(scene_entry("mem1")->region.n_targets, 16);
	ck_assert_uint_eq(scene_entry("mem1")->n_steps, 19);
	ck_assert_uint_eq(scene_entry("mem1")->size, 16 * GIB);
}
END_TEST

TCase *gather_tests(void)
{
	TCase *tcase = tcase_create("gather");

	tcase_add_checked_fixture(tcase, setup, scene_teardown);
	tcase_add_test(tcase, two_together);
	tcase_add_test(tcase, waits_then_too_few);
	tcase_add_test(tcase, the_next_comes);
	tcase_add_test(tcase, gathered_anew);
	tcase_add_test(tcase, given_up_together);
	tcase_add_test(tcase, out_of_memory_it_looks_again_later);
	tcase_add_test(tcase, order);
	tcase_add_test(tcase, four_of_them);
	tcase_add_test(tcase, unlike);
	tcase_add_test(tcase, none_waits_without_interleaving);
	tcase_add_test(tcase, off_waits_for_nobody);
	tcase_add_test(tcase, time_without_end);
	tcase_add_test(tcase, sixteen);
	return tcase;
}

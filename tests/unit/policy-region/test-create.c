/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One memdev, and all that is said of it. */
#include "cxl-scene.h"
#include "failing-alloc.h"

#include <errno.h>

static void add_serial(struct u64_list *list, uint64_t serial)
{
	list->items = reallocarray(list->items, list->n + 1, sizeof(*list->items));
	list->items[list->n++] = serial;
}

static struct cxl_memdev *setup_one(void)
{
	scene_window(0, 16 * GIB, 8 * GIB, "A");
	return scene_memdev(0, 4 * GIB, 'A');
}

static void assert_step(const struct device_plan *entry, size_t i, enum step_kind kind,
			const char *value)
{
	ck_assert_str_eq(step_kind_to_string(entry->steps[i].kind), step_kind_to_string(kind));
	if (value)
		ck_assert_str_eq(entry->steps[i].value, value);
	else
		ck_assert_ptr_null(entry->steps[i].value);
}

START_TEST(steps)
{
	const struct device_plan *entry;

	setup_one();
	scene_plan(0);
	scene_assert("mem0", DEVICE_PENDING, "in no region; becomes one of 4 GiB in decoder0.0", 4);
	entry = scene_entry("mem0");
	ck_assert(entry->managed);
	ck_assert_uint_eq(entry->size, 4 * GIB);
	ck_assert_ptr_null(entry->region.name);
	ck_assert_str_eq(entry->region.window, "decoder0.0");
	ck_assert_uint_eq(entry->region.ways, 1);
	ck_assert_uint_eq(entry->region.granularity, 256);
	ck_assert_uint_eq(entry->region.n_targets, 1);
	ck_assert_str_eq(entry->region.targets[0].memdev, "mem0");
	ck_assert_str_eq(entry->region.targets[0].decoder, "decoder2.0");
	ck_assert_uint_eq(entry->region.targets[0].serial, 0xa0);
	ck_assert_uint_eq(entry->region.targets[0].size, 4 * GIB);
	assert_step(entry, 0, STEP_SET_DPA, "decoder2.0");
	assert_step(entry, 1, STEP_CREATE_REGION, "decoder0.0");
	assert_step(entry, 2, STEP_COMMIT_REGION, NULL);
	assert_step(entry, 3, STEP_ENABLE_REGION, NULL);
}
END_TEST

START_TEST(what_is_lost)
{
	scene_window(0, 16 * GIB, 8 * GIB, "A");
	scene_memdev(0, 4 * GIB + 128 * MIB, 'A');
	scene_plan(0);
	scene_assert("mem0", DEVICE_PENDING,
		     "in no region; becomes one of 4 GiB in decoder0.0; 128 MiB of each device are "
		     "lost, as decoders map in units of 256 MiB",
		     4);
	ck_assert_uint_eq(scene_entry("mem0")->region.targets[0].size, 4 * GIB);
}
END_TEST

START_TEST(in_a_region)
{
	setup_one();
	scene_target(scene_region(0, "decoder0.0", 16 * GIB, GIB), 0, 0, GIB);
	scene_plan(0);
	ck_assert_uint_eq(scene.plan->n_regions, 0); /* a part of it is enough */
}
END_TEST

START_TEST(nothing_there)
{
	scene_plan(0);
	ck_assert_uint_eq(scene.plan->n_regions, 0);
}
END_TEST

START_TEST(off)
{
	setup_one();
	scene.config.create_regions = false;
	scene_plan(0);
	scene_assert("mem0", DEVICE_UNMANAGED,
		     "it is in no region, and [regions] says create-regions = no", 0);
	ck_assert(!scene_entry("mem0")->managed);
}
END_TEST

START_TEST(never_before_only)
{
	setup_one();
	add_serial(&scene.config.regions_only, 0xa0);
	scene_plan(0);
	scene_assert_proposed("mem0", "decoder0.0", 4 * GIB);
	add_serial(&scene.config.regions_never, 0xa0);
	scene_plan(0);
	scene_assert("mem0", DEVICE_UNMANAGED, "[regions] never has its serial, 0xa0", 0);
}
END_TEST

START_TEST(not_only)
{
	setup_one();
	add_serial(&scene.config.regions_only, 0xb7);
	scene_plan(0);
	scene_assert("mem0", DEVICE_UNMANAGED, "[regions] only does not have its serial, 0xa0", 0);
}
END_TEST

START_TEST(persistent_only)
{
	struct cxl_memdev *memdev = setup_one();

	memdev->ram_size = 0;
	memdev->pmem_size = 16 * GIB;
	scene_plan(0);
	scene_assert("mem0", DEVICE_UNMANAGED,
		     "it has no volatile capacity, only 16 GiB of persistent", 0);
	memdev->ram_size = 128 * MIB;
	scene_plan(0);
	scene_assert("mem0", DEVICE_UNMANAGED,
		     "its 128 MiB of volatile capacity are less than the 256 MiB that a decoder "
		     "maps at least",
		     0);
}
END_TEST

START_TEST(incomplete)
{
	struct cxl_memdev *memdev = setup_one();

	memdev->incomplete = true;
	memdev->ram_size = 0;
	scene_plan(0);
	scene_assert("mem0", DEVICE_UNMANAGED, "not all of it could be read, so it is left alone",
		     0);
}
END_TEST

START_TEST(not_enabled)
{
	struct cxl_memdev *memdev = setup_one();

	free(memdev->endpoint);
	memdev->endpoint = NULL;
	scene_plan(0);
	scene_assert("mem0", DEVICE_UNMANAGED,
		     "the kernel has not enabled it (yet): it has no endpoint port; the kernel's "
		     "log may say why",
		     0);
}
END_TEST

START_TEST(no_decoder)
{
	struct cxl_memdev *memdev = setup_one();
	size_t n = memdev->n_decoders;

	memdev->n_decoders = 0;
	scene_plan(0);
	scene_assert("mem0", DEVICE_UNMANAGED,
		     "its endpoint has no decoder that the kernel can use", 0);
	memdev->n_decoders = n;
}
END_TEST

/* Whoever set it aside is not done, or has other plans: also with room behind it. */
START_TEST(in_use)
{
	setup_one()->decoders[1].dpa_size = GIB;
	scene_plan(0);
	scene_assert("mem0", DEVICE_UNMANAGED,
		     "decoder2.1 of it holds 1 GiB for somebody else already; it is left alone", 0);
}
END_TEST

START_TEST(released)
{
	setup_one();
	history_get(&scene.history, "mem0")->released = true;
	scene_plan(0);
	scene_assert("mem0", DEVICE_RELEASED,
		     "given up by request; it stays so until it is applied or plugged anew", 0);
	history_get(&scene.history, "mem0")->released = false;
	scene_plan(0);
	scene_assert_proposed("mem0", "decoder0.0", 4 * GIB);
}
END_TEST

START_TEST(held_after_a_failure)
{
	struct device_history *past;

	setup_one();
	past = history_get(&scene.history, "mem0");
	past->failures = 1;
	past->message = strdup("region0 cannot be committed");
	past->retry_at_usec = 9 * SEC;
	scene_plan(SEC);
	scene_assert("mem0", DEVICE_FAILED,
		     "region0 cannot be committed; retrying in 8 s (in no region; becomes one of 4 "
		     "GiB in decoder0.0)",
		     0);
	scene_plan(9 * SEC);
	scene_assert_proposed("mem0", "decoder0.0", 4 * GIB);
}
END_TEST

/* For a command that only plans. */
START_TEST(without_history)
{
	setup_one();
	scene.plan = calloc(1, sizeof(*scene.plan));
	ck_assert_int_eq(regions_plan(&scene.facts, &scene.config, NULL, 0, scene.plan), 0);
	scene_assert_proposed("mem0", "decoder0.0", 4 * GIB);
}
END_TEST

/* The same facts give the same words, and an equal plan. */
START_TEST(repeatable)
{
	struct plan *first;

	setup_one();
	scene_memdev(1, 8 * GIB, 'A');
	scene_plan(0);
	first = scene.plan;
	scene.plan = NULL;
	scene_plan(0);
	ck_assert_uint_eq(first->n_regions, 2);
	for (size_t i = 0; i < 2; i++)
		ck_assert(device_plan_equal(&first->regions[i], &scene.plan->regions[i]));
	plan_free(first);
}
END_TEST

START_TEST(out_of_memory)
{
	bool came;
	int r;

	setup_one();
	scene_memdev(1, 8 * GIB, 'A');
	scene_memdev(2, 4 * GIB + 128 * MIB, 'A')->incomplete = true;
	scene_target(scene_region(0, "decoder0.0", 16 * GIB, GIB), 1, 0, GIB);
	scene_memdev(3, 4 * GIB, 'B');
	for (unsigned n = 1;; n++) {
		struct plan *plan = calloc(1, sizeof(*plan));

		failing_alloc_arm(n);
		r = regions_plan(&scene.facts, &scene.config, &scene.history, 0, plan);
		came = failing_alloc_disarm();
		plan_free(plan);
		if (!came)
			break;
		ck_assert_int_eq(r, -ENOMEM);
	}
	ck_assert_int_eq(r, 0);
}
END_TEST

TCase *create_tests(void)
{
	TCase *tcase = tcase_create("create");

	tcase_add_checked_fixture(tcase, scene_setup, scene_teardown);
	tcase_add_test(tcase, steps);
	tcase_add_test(tcase, what_is_lost);
	tcase_add_test(tcase, in_a_region);
	tcase_add_test(tcase, nothing_there);
	tcase_add_test(tcase, off);
	tcase_add_test(tcase, never_before_only);
	tcase_add_test(tcase, not_only);
	tcase_add_test(tcase, persistent_only);
	tcase_add_test(tcase, incomplete);
	tcase_add_test(tcase, not_enabled);
	tcase_add_test(tcase, no_decoder);
	tcase_add_test(tcase, in_use);
	tcase_add_test(tcase, released);
	tcase_add_test(tcase, held_after_a_failure);
	tcase_add_test(tcase, without_history);
	tcase_add_test(tcase, repeatable);
	tcase_add_test(tcase, out_of_memory);
	return tcase;
}

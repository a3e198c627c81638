/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Giving up the region behind a device, and what keeps it from being made again. */
#include "cxl-scene.h"
#include "failing-alloc.h"

#include <errno.h>

static struct cxl_region *region;
static struct dax_device *device;

static void setup(void)
{
	scene_setup();
	scene_window(0, 16 * GIB, 64 * GIB, "A");
	scene_memdev(0, 4 * GIB, 'A');
	scene_memdev(1, 4 * GIB, 'A');
	region = scene_region(3, "decoder0.0", 16 * GIB, 8 * GIB);
	scene_target(region, 1, 0, 4 * GIB);
	scene_target(region, 0, 0, 4 * GIB);
	device = scene_device("dax3.0", "region3");
}

static void assert_obstacle(const char *expected)
{
	struct device_plan plan = {};
	char *obstacle = NULL;

	ck_assert_int_eq(region_teardown_steps(&scene.facts, device, &plan, &obstacle), 0);
	ck_assert_ptr_nonnull(obstacle);
	ck_assert_str_eq(obstacle, expected);
	ck_assert_uint_eq(plan.n_steps, 0);
	ck_assert_ptr_null(plan.region.window);
	ck_assert_ptr_null(plan.region.name);
	ck_assert_uint_eq(plan.region.n_targets, 0);
	free(obstacle);
	device_plan_done(&plan);
}

START_TEST(steps)
{
	static const struct {
		enum step_kind kind;
		const char *value;
	} expected[] = {
		{STEP_DISABLE_REGION, "region3"}, {STEP_DECOMMIT_REGION, "region3"},
		{STEP_DELETE_REGION, "region3"},  {STEP_FREE_DPA, "decoder3.0"},
		{STEP_FREE_DPA, "decoder2.0"},
	};
	struct device_plan plan = {};
	char *obstacle = (char *)"";

	ck_assert_int_eq(region_teardown_steps(&scene.facts, device, &plan, &obstacle), 0);
	ck_assert_ptr_null(obstacle);
	ck_assert_uint_eq(plan.n_steps, 5);
	for (size_t i = 0; i < 5; i++) {
		ck_assert_int_eq(plan.steps[i].kind, expected[i].kind);
		ck_assert_str_eq(plan.steps[i].value, expected[i].value);
	}
	ck_assert_str_eq(plan.region.name, "region3");
	ck_assert_str_eq(plan.region.window, "decoder0.0");
	ck_assert_uint_eq(plan.region.ways, 2);
	ck_assert_uint_eq(plan.region.granularity, 256);
	ck_assert_str_eq(plan.region.targets[0].memdev, "mem1");
	ck_assert_uint_eq(plan.region.targets[0].serial, 0xa1);
	ck_assert_uint_eq(plan.region.targets[1].size, 4 * GIB);
	device_plan_done(&plan);
}
END_TEST

START_TEST(no_region)
{
	free(device->region);
	device->region = NULL;
	assert_obstacle("dax3.0 is made from no CXL region that could be taken apart: release it "
			"without eject");
	device->region = strdup("region7");
	assert_obstacle("region7 could not be read");
}
END_TEST

START_TEST(of_the_window)
{
	struct cxl_window *window = &scene.facts.cxl.windows[0];

	window->can_create = false;
	assert_obstacle(
		"decoder0.0 offers no create_ram_region (Linux 6.3 has it), so nobody could "
		"make region3 again");
	window->locked = true;
	assert_obstacle("region3 was made by firmware; its decoders are locked");
	window->incomplete = true;
	assert_obstacle(
		"decoder0.0, the window of region3, could not be read, so nobody could make "
		"the region again");
}
END_TEST

START_TEST(of_the_kind)
{
	region->mode = DECODER_MODE_PMEM;
	assert_obstacle("region3 is not of volatile memory (its mode is pmem)");
}
END_TEST

/* A region that does not say of which kind it is: its targets do. */
START_TEST(of_no_kind)
{
	struct device_plan plan = {};
	char *obstacle = NULL;

	region->mode = DECODER_MODE_NONE;
	ck_assert_int_eq(region_teardown_steps(&scene.facts, device, &plan, &obstacle), 0);
	ck_assert_ptr_null(obstacle);
	ck_assert_uint_eq(plan.n_steps, 5);
	device_plan_done(&plan);
	scene.facts.cxl.memdevs[1].decoders[0].mode = DECODER_MODE_MIXED;
	assert_obstacle("region3 is not of volatile memory (its mode is mixed)");
}
END_TEST

START_TEST(another_device)
{
	scene_device("dax3.1", "region3");
	device = &scene.facts.devices[0];
	assert_obstacle("dax3.1 is made from region3 as well");
}
END_TEST

/* As long as any block of it is there, its addresses are in use; wherever its name has gone. */
START_TEST(memory_left_behind)
{
	struct memory_block blocks[] = {{.number = 24 * 8 - 1, .state = BLOCK_OFFLINE},
					{.number = 24 * 8, .state = BLOCK_ONLINE}};
	struct device_plan plan = {};
	char *obstacle = NULL;
	struct dax_device *left;

	scene.facts.host.block_size = 128 * MIB;
	left = scene_device("dax4.0", "region0");
	device = &scene.facts.devices[0];
	left->gone = true;
	left->blocks = blocks;
	left->n_blocks = 2;
	assert_obstacle("memory of dax4.0 is still there at the addresses of region3, and stays "
			"until the next boot");
	blocks[0].state = BLOCK_ABSENT; /* the other is the first behind the region */
	ck_assert_int_eq(region_teardown_steps(&scene.facts, device, &plan, &obstacle), 0);
	ck_assert_ptr_null(obstacle);
	device_plan_done(&plan);
	left->blocks = NULL;
	left->n_blocks = 0;
}
END_TEST

START_TEST(locked)
{
	scene.facts.cxl.memdevs[0].decoders[0].locked = true;
	assert_obstacle("decoder2.0 of mem0 is locked: firmware has seen to it that region3 stays "
			"as it is");
}
END_TEST

START_TEST(of_the_targets)
{
	struct cxl_memdev *mem0 = &scene.facts.cxl.memdevs[0];

	mem0->decoders[1].dpa_size = GIB;
	assert_obstacle("decoder2.0 of mem0 cannot give up its capacity while decoder2.1, which "
			"comes after it, holds some");
	mem0->incomplete = true;
	assert_obstacle("what is behind position 1 of region3 could not be read, so nobody could "
			"make the region again");
	region->ways = 4;
	assert_obstacle("which memory devices region3 is made of could not be read");
}
END_TEST

/* Steps that stand there already stay. */
START_TEST(appends)
{
	struct device_plan plan = {};
	char *obstacle = NULL;

	ck_assert_int_eq(device_plan_add_step(&plan, STEP_UNBIND_DRIVER, "kmem"), 0);
	ck_assert_int_eq(region_teardown_steps(&scene.facts, device, &plan, &obstacle), 0);
	ck_assert_uint_eq(plan.n_steps, 6);
	ck_assert_int_eq(plan.steps[0].kind, STEP_UNBIND_DRIVER);
	device_plan_done(&plan);
}
END_TEST

START_TEST(out_of_memory)
{
	bool came;
	int r;

	for (unsigned n = 1;; n++) {
		struct device_plan plan = {};
		char *obstacle = NULL;

		failing_alloc_arm(n);
		r = region_teardown_steps(&scene.facts, device, &plan, &obstacle);
		came = failing_alloc_disarm();
		device_plan_done(&plan);
		if (!came)
			break;
		ck_assert_int_eq(r, -ENOMEM);
	}
	ck_assert_int_eq(r, 0);
}
END_TEST

TCase *teardown_tests(void)
{
	TCase *tcase = tcase_create("teardown");

	tcase_add_checked_fixture(tcase, setup, scene_teardown);
	tcase_add_test(tcase, steps);
	tcase_add_test(tcase, no_region);
	tcase_add_test(tcase, of_the_window);
	tcase_add_test(tcase, of_the_kind);
	tcase_add_test(tcase, of_no_kind);
	tcase_add_test(tcase, another_device);
	tcase_add_test(tcase, memory_left_behind);
	tcase_add_test(tcase, locked);
	tcase_add_test(tcase, of_the_targets);
	tcase_add_test(tcase, appends);
	tcase_add_test(tcase, out_of_memory);
	return tcase;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "failing-alloc.h"
#include "test-model.h"

void full_plan_init(struct device_plan *plan)
{
	*plan = (struct device_plan){
		.device = strdup("dax0.0"),
		.state = DEVICE_PENDING,
		.managed = true,
		.rule = strdup("cxl"),
		.reason = strdup("it is \"new\" \xe2\x80\x94 and unbound"),
		.memmap =
			{
				.wanted = true,
				.effective = true,
				.reason = strdup("64 GiB or more, near"),
				.bytes = GIB,
			},
		.zone = TARGET_ZONE_KERNEL,
		.target_node = 2,
		.size = 64 * GIB,
		.block_size = 128 * MIB,
		.ranges = calloc(2, sizeof(*plan->ranges)),
		.n_ranges = 2,
		.purpose = PLAN_RELEASE,
		.deadline_usec = 30000000,
		.region = {.name = strdup("region0"),
			   .window = strdup("decoder0.0"),
			   .ways = 1,
			   .granularity = 256},
	};
	plan->ranges[0] = (struct phys_range){.start = 4 * GIB, .end = 36 * GIB - 1};
	plan->ranges[1] = (struct phys_range){.start = 40 * GIB, .end = UINT64_MAX};
	ck_assert_int_eq(device_plan_add_target(
				 plan, &(struct region_target){.memdev = LITERAL("mem1"),
							       .serial = UINT64_MAX,
							       .decoder = LITERAL("decoder2.0"),
							       .size = 64 * GIB}),
			 0);
	ck_assert_int_eq(device_plan_add_step(plan, STEP_SET_MEMMAP, "1"), 0);
	ck_assert_int_eq(device_plan_add_step(plan, STEP_BIND_KMEM, NULL), 0);
	ck_assert_int_eq(device_plan_add_step(plan, STEP_VERIFY, "kernel"), 0);
}

START_TEST(steps_are_copied_in_order)
{
	_cleanup_(device_plan_done) struct device_plan plan = {};
	char value[] = "kmem";

	ck_assert_int_eq(device_plan_add_step(&plan, STEP_LOAD_MODULE, value), 0);
	value[0] = 'X';
	ck_assert_int_eq(device_plan_add_step(&plan, STEP_BIND_KMEM, NULL), 0);
	ck_assert_uint_eq(plan.n_steps, 2);
	ck_assert_int_eq(plan.steps[0].kind, STEP_LOAD_MODULE);
	ck_assert_str_eq(plan.steps[0].value, "kmem");
	ck_assert_int_eq(plan.steps[1].kind, STEP_BIND_KMEM);
	ck_assert_ptr_null(plan.steps[1].value);
}
END_TEST

START_TEST(step_without_memory)
{
	bool reached = true;

	for (unsigned n = 1; reached; n++) {
		_cleanup_(device_plan_done) struct device_plan plan = {};
		int r;

		ck_assert_int_eq(device_plan_add_step(&plan, STEP_BIND_KMEM, NULL), 0);
		failing_alloc_arm(n);
		r = device_plan_add_step(&plan, STEP_VERIFY, "Movable");
		reached = failing_alloc_disarm();
		ck_assert_int_eq(r, reached ? -ENOMEM : 0);
		ck_assert_uint_eq(plan.n_steps, reached ? 1 : 2);
	}
}
END_TEST

static void set(char **field, const char *s)
{
	free(*field);
	*field = s ? strdup(s) : NULL;
}

/* Each changes one thing; the comparison must see every one of them. */
static void change(struct device_plan *plan, int what)
{
	switch (what) {
	case 0:
		set(&plan->device, "dax0.1");
		return;
	case 1:
		plan->state = DEVICE_FAILED;
		return;
	case 2:
		plan->managed = false;
		return;
	case 3:
		set(&plan->rule, NULL);
		return;
	case 4:
		set(&plan->reason, "another");
		return;
	case 5:
		plan->memmap.wanted = false;
		return;
	case 6:
		plan->memmap.effective = false;
		return;
	case 7:
		set(&plan->memmap.reason, "far");
		return;
	case 8:
		plan->memmap.bytes++;
		return;
	case 9:
		plan->zone = TARGET_ZONE_MOVABLE;
		return;
	case 10:
		plan->target_node = -1;
		return;
	case 11:
		plan->size++;
		return;
	case 12:
		plan->block_size *= 2;
		return;
	case 13:
		plan->ranges[1].start++;
		return;
	case 14:
		plan->ranges[0].end--;
		return;
	case 15:
		plan->n_ranges--;
		return;
	case 16:
		plan->steps[1].kind = STEP_BIND_DEVDAX;
		return;
	case 17:
		set(&plan->steps[0].value, "0");
		return;
	case 18:
		set(&plan->steps[2].value, NULL);
		return;
	case 19:
		ck_assert_int_eq(device_plan_add_step(plan, STEP_VERIFY, NULL), 0);
		return;
	case 20:
		plan->purpose = PLAN_CONFIGURE;
		return;
	case 21:
		plan->deadline_usec = 0;
		return;
	case 22:
		set(&plan->region.name, NULL);
		return;
	case 23:
		set(&plan->region.window, "decoder0.1");
		return;
	case 24:
		plan->region.ways = 2;
		return;
	case 25:
		plan->region.granularity = 512;
		return;
	case 26:
		plan->region.targets[0].serial--;
		return;
	case 27:
		plan->region.targets[0].size--;
		return;
	case 28:
		set(&plan->region.targets[0].memdev, "mem0");
		return;
	case 29:
		set(&plan->region.targets[0].decoder, "decoder3.0");
		return;
	case 30:
		ck_assert_int_eq(
			device_plan_add_target(
				plan, &(struct region_target){.memdev = LITERAL("mem2"),
							      .decoder = LITERAL("decoder4.0")}),
			0);
		return;
	}
	ck_abort_msg("no change %d", what);
}
#define N_CHANGES 31

START_TEST(every_difference_is_seen)
{
	_cleanup_(device_plan_done) struct device_plan a = {}, b = {};

	full_plan_init(&a);
	full_plan_init(&b);
	ck_assert(device_plan_equal(&a, &b));
	change(&b, _i);
	ck_assert(!device_plan_equal(&a, &b));
	ck_assert(!device_plan_equal(&b, &a));
}
END_TEST

START_TEST(absent_is_empty)
{
	_cleanup_(device_plan_done) struct device_plan a = {}, b = {};

	full_plan_init(&a);
	full_plan_init(&b);
	set(&a.rule, NULL);
	set(&b.rule, "");
	ck_assert(device_plan_equal(&a, &b));
}
END_TEST

START_TEST(finds_by_device)
{
	_cleanup_(plan_freep) struct plan *plan = calloc(1, sizeof(*plan));

	ck_assert_ptr_nonnull(plan);
	plan->devices = calloc(2, sizeof(*plan->devices));
	ck_assert_ptr_nonnull(plan->devices);
	plan->n_devices = 2;
	full_plan_init(&plan->devices[0]);
	full_plan_init(&plan->devices[1]);
	set(&plan->devices[1].device, "dax0.10");
	ck_assert_ptr_eq(plan_find(plan, "dax0.10"), &plan->devices[1]);
	ck_assert_ptr_null(plan_find(plan, "dax0.1"));
	ck_assert_ptr_null(plan_free(NULL));
}
END_TEST

TCase *plan_tests(void)
{
	TCase *tests = tcase_create("plan");

	tcase_add_test(tests, steps_are_copied_in_order);
	tcase_add_test(tests, step_without_memory);
	tcase_add_loop_test(tests, every_difference_is_seen, 0, N_CHANGES);
	tcase_add_test(tests, absent_is_empty);
	tcase_add_test(tests, finds_by_device);
	return tests;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that is online otherwise than its rule says. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "kernel.h"
#include "policy/correction.h"
#include "suites.h"

#define BIND(knob)                                                                                 \
	"unbind-driver kmem, set-memmap " knob ", hold-auto-online online_movable, bind-kmem, "    \
	"restore-auto-online, online-blocks online_movable, verify Movable"
#define IN_PLACE "offline-blocks, online-blocks online_movable, verify Movable"

static struct bench bench;
static struct dax_device *device;
static struct rule *rule;
static struct device_history *history;

/* 16 GiB in 128 blocks, hot-added, and brought online in zone Normal by the kernel. */
static void setup(void)
{
	bench_init(&bench);
	device = bench_add_device(&bench, DAX_KIND_CXL, 16 * GIB);
	rule = bench_add_rule(&bench, "far");
	device->knob = MEMMAP_KNOB_OFF;
	bench_set_distance(device, 20, DISTANCE_LIBNUMA);
	bench_bind_kmem(device, BLOCK_ONLINE, ZONE_NORMAL);
	bench.nodes[1].kernel = 16 * GIB;
	history = bench_history(&bench, device);
	history->hot_added = true;
}

static void teardown(void)
{
	bench_done(&bench);
}

static void set_state(const char *state)
{
	free(device->state);
	device->state = strdup(state);
}

static const struct {
	enum convert_mode convert;
	bool hot_added, force;
	const char *leave; /* NULL: none */
	const char *alone;
} leaves[] = {
	{CONVERT_NEVER, true, false, NULL, "convert = never spares memory that is online"},
	{CONVERT_NEVER, true, true, "as an operator forces it", NULL},
	{CONVERT_HOT_ADDED, false, false, NULL, "that were there before daxtierd; apply it with"},
	{CONVERT_HOT_ADDED, false, true, "as an operator forces it", NULL},
	{CONVERT_HOT_ADDED, true, false, "as convert = hot-added says", NULL},
	{CONVERT_ALWAYS, false, false, "as convert = always says", NULL},
};

START_TEST(by_whose_leave)
{
	const struct device_plan *plan;

	bench.config.convert = leaves[_i].convert;
	history->hot_added = leaves[_i].hot_added;
	history->request = leaves[_i].force ? REQUEST_FORCE : REQUEST_NONE;
	plan = bench_plan(&bench, device);
	ck_assert_str_eq(bench_steps(plan), leaves[_i].leave ? IN_PLACE : "");
	ck_assert_int_eq(plan->state, leaves[_i].leave ? DEVICE_PENDING : DEVICE_MISMATCH);
	assert_says(plan->reason, "128 of 128 blocks are online in zone Normal, but rule \"far\" "
				  "says zone = movable; ");
	assert_says(plan->reason, leaves[_i].leave ?: leaves[_i].alone);
}
END_TEST

/* To apply is not to force. */
START_TEST(applied_it_is_still_spared)
{
	history->hot_added = false;
	history->request = REQUEST_APPLY;
	assert_plan(&bench, device, DEVICE_MISMATCH, "");
}
END_TEST

START_TEST(the_other_way_round)
{
	rule->zone = TARGET_ZONE_KERNEL;
	bench_bind_kmem(device, BLOCK_ONLINE, ZONE_MOVABLE);
	assert_plan(&bench, device, DEVICE_PENDING,
		    "offline-blocks, online-blocks online_kernel, verify kernel");
}
END_TEST

START_TEST(some_in_the_wrong_zone_some_offline)
{
	bench_bind_kmem(device, BLOCK_ONLINE, ZONE_MOVABLE);
	device->blocks[100].zone = ZONE_NORMAL;
	device->blocks[101].state = BLOCK_OFFLINE;
	assert_plan(&bench, device, DEVICE_PENDING, IN_PLACE);
	/* What is there is put right; what is not cannot be verified. */
	device->blocks[102].state = BLOCK_ABSENT;
	assert_plan(&bench, device, DEVICE_PENDING, "offline-blocks, online-blocks online_movable");
}
END_TEST

START_TEST(going_offline_by_itself_it_is_waited_for)
{
	device->blocks[3].state = BLOCK_GOING_OFFLINE;
	assert_plan(&bench, device, DEVICE_PENDING, "");
}
END_TEST

START_TEST(the_memmap_takes_another_bind)
{
	const struct device_plan *plan;

	rule->memmap = MEMMAP_CHOICE_YES;
	assert_plan(&bench, device, DEVICE_PENDING, "offline-blocks, " BIND("1"));
	ck_assert(bench_plan(&bench, device)->memmap.effective);
	bench_bind_kmem(device, BLOCK_ONLINE, ZONE_MOVABLE);
	plan = bench_plan(&bench, device);
	ck_assert_str_eq(bench_steps(plan), "offline-blocks, " BIND("1"));
	assert_says(plan->reason, "online with its memmap in DRAM, but by rule \"far\" it belongs "
				  "on the device; taken offline and bound anew");

	/* Where kmem can, all at once. */
	set_state("online_movable");
	assert_plan(&bench, device, DEVICE_PENDING, "unplug, " BIND("1"));
}
END_TEST

/* Or else one answer of the distance after the other would bind it anew. */
START_TEST(the_memmap_moves_once)
{
	rule->memmap = MEMMAP_CHOICE_YES;
	history->rebinds = 1;
	assert_plan(&bench, device, DEVICE_PENDING, IN_PLACE);
	bench_bind_kmem(device, BLOCK_ONLINE, ZONE_MOVABLE);
	assert_plan(&bench, device, DEVICE_MISMATCH, "");
	assert_says(bench_plan(&bench, device)->reason, "bound anew once already");
	history->request = REQUEST_FORCE;
	assert_plan(&bench, device, DEVICE_PENDING, "offline-blocks, " BIND("1"));
}
END_TEST

/* What was right once is not taken offline because a figure has moved. */
START_TEST(what_was_placed_is_left_there)
{
	bench_add_rule(&bench, "any");
	bench.config.convert = CONVERT_ALWAYS;
	bench_bind_kmem(device, BLOCK_ONLINE, ZONE_MOVABLE);
	assert_plan(&bench, device, DEVICE_ONLINE, "");
	correction_look(bench_plan(&bench, device), history);

	rule->memmap = MEMMAP_CHOICE_YES; /* as auto may come to say */
	assert_plan(&bench, device, DEVICE_MISMATCH, "");
	assert_says(bench_plan(&bench, device)->reason,
		    "belongs on the device; left alone, because it was as this configuration "
		    "wanted it, and only a figure");
	/* To apply it changes no mind about that. */
	history->request = REQUEST_APPLY;
	assert_plan(&bench, device, DEVICE_MISMATCH, "");
	history->request = REQUEST_FORCE;
	assert_plan(&bench, device, DEVICE_PENDING, "offline-blocks, " BIND("1"));

	/* A zone that somebody else has changed is changed back, and takes no other bind along. */
	history->request = REQUEST_NONE;
	bench_bind_kmem(device, BLOCK_ONLINE, ZONE_NORMAL);
	assert_plan(&bench, device, DEVICE_PENDING, IN_PLACE);

	/* Another rule, by a distance that it matches: neither its zone nor its mode. */
	bench.rules[0].match_distance_set = true;
	bench.rules[0].match_distance = (struct u64_span){99, 100};
	bench.rules[1].zone = TARGET_ZONE_KERNEL;
	bench_bind_kmem(device, BLOCK_ONLINE, ZONE_MOVABLE);
	assert_plan(&bench, device, DEVICE_MISMATCH, "");
	bench.rules[1].mode = RULE_MODE_DEVDAX;
	assert_plan(&bench, device, DEVICE_MISMATCH, "");

	history->placed_by = 0; /* read anew, the configuration means it */
	assert_plan(&bench, device, DEVICE_PENDING,
		    "offline-blocks, unbind-driver kmem, bind-devdax");
}
END_TEST

START_TEST(the_memmap_of_a_part_stays)
{
	rule->memmap = MEMMAP_CHOICE_YES;
	bench_bind_kmem(device, BLOCK_ONLINE, ZONE_MOVABLE);
	bench_set_blocks(device, 1, BLOCK_ABSENT, ZONE_NONE);
	assert_plan(&bench, device, DEVICE_PARTIAL, "");
}
END_TEST

START_TEST(to_devdax)
{
	rule->mode = RULE_MODE_DEVDAX;
	assert_plan(&bench, device, DEVICE_PENDING,
		    "offline-blocks, unbind-driver kmem, bind-devdax");
	assert_says(bench_plan(&bench, device)->reason,
		    "128 of 128 blocks are online as system RAM, but rule \"far\" says mode = "
		    "devdax; taken offline, and from kmem, as convert = hot-added says");
	set_state("online");
	bench.facts.host.device_dax_loaded = false;
	assert_plan(&bench, device, DEVICE_PENDING,
		    "load-module device_dax, unplug, unbind-driver kmem, bind-devdax");
	history->hot_added = false;
	assert_plan(&bench, device, DEVICE_MISMATCH, "");
}
END_TEST

/* Offlining disturbs: what has kept it from succeeding is seldom gone by itself. */
static const struct {
	int error;
	bool again;
} tries[] = {
	{-EBUSY, false}, {-ETIMEDOUT, false}, {-ENOMEM, false},	  {-EINVAL, false},
	{-EAGAIN, true}, {-ENODEV, true},     {-ECANCELED, true},
};

START_TEST(it_is_tried_once)
{
	const struct device_plan *plan;

	history->failures = 1;
	history->step = _i % 2 ? STEP_UNPLUG : STEP_OFFLINE_BLOCKS;
	history->error = tries[_i].error;
	history->message = strdup("memory35 would not go");
	plan = bench_plan(&bench, device);
	if (tries[_i].again) {
		ck_assert_str_eq(bench_steps(plan), IN_PLACE);
		return;
	}
	ck_assert_int_eq(plan->state, DEVICE_MISMATCH);
	ck_assert_uint_eq(plan->n_steps, 0);
	assert_says(plan->reason, "taking it offline has failed (memory35 would not go), and is "
				  "not tried again until it is applied or the configuration is");

	history->request = REQUEST_FORCE;
	assert_plan(&bench, device, DEVICE_PENDING, IN_PLACE);
	history->request = REQUEST_NONE;
	history->failures = 0; /* a reload forgives */
	assert_plan(&bench, device, DEVICE_PENDING, IN_PLACE);
	/* A bind that failed is another matter, and of the retries. */
	history->failures = 1;
	history->step = STEP_BIND_KMEM;
	assert_plan(&bench, device, DEVICE_PENDING, IN_PLACE);
}
END_TEST

/* 64 GiB of the kernel's own, and 16 that leave them: ratio 1 to 1 does it for 16 more. */
START_TEST(within_the_guard)
{
	bench.config.movable_max_ratio = 1;
	bench.nodes[0].movable = 48 * GIB;
	assert_plan(&bench, device, DEVICE_PENDING, IN_PLACE);
	bench.nodes[0].movable += 1;
	assert_plan(&bench, device, DEVICE_MISMATCH, "");
	assert_says(bench_plan(&bench, device)->reason,
		    "left alone: held back, because 16 GiB more would make");
	assert_says(bench_plan(&bench, device)->reason, "beside the 64 GiB of the kernel's own");
	rule->zone = TARGET_ZONE_KERNEL;
	assert_plan(&bench, device, DEVICE_ONLINE, "");
}
END_TEST

/* The first one takes from the kernel's zones what the second one would count on. */
START_TEST(two_share_the_guard)
{
	struct dax_device *other = bench_add_device(&bench, DAX_KIND_CXL, 16 * GIB);

	other->knob = MEMMAP_KNOB_OFF;
	bench_set_distance(other, 20, DISTANCE_LIBNUMA);
	bench_bind_kmem(other, BLOCK_ONLINE, ZONE_NORMAL);
	bench_history(&bench, other)->hot_added = true;
	bench_history(&bench, device)->hot_added = true;
	bench.nodes[1].kernel = 32 * GIB;
	bench.config.movable_max_ratio = 1;
	bench.nodes[0].movable = 32 * GIB;
	assert_plan(&bench, device, DEVICE_PENDING, IN_PLACE);
	assert_plan(&bench, other, DEVICE_PENDING, IN_PLACE);
	bench.nodes[0].movable += 1;
	assert_plan(&bench, device, DEVICE_PENDING, IN_PLACE);
	assert_plan(&bench, other, DEVICE_MISMATCH, "");
}
END_TEST

START_TEST(a_block_in_two_zones_stays)
{
	device->blocks[7].zone = ZONE_NONE;
	assert_plan(&bench, device, DEVICE_MISMATCH, "");
	assert_says(bench_plan(&bench, device)->reason, "is in more than one zone");
}
END_TEST

/* 7.3: unplugged through its attribute. */

START_TEST(unplugged_it_comes_back_through_its_state)
{
	bench_bind_kmem(device, BLOCK_ABSENT, ZONE_NONE);
	assert_plan(&bench, device, DEVICE_PARTIAL, "");
	set_state("unplugged");
	assert_plan(&bench, device, DEVICE_PENDING, "online-blocks online_movable, verify Movable");
	assert_says(bench_plan(&bench, device)->reason, "unplugged: none of its 128 blocks");
	/* What it remembers says nothing where the blocks are gone otherwise. */
	set_state("online_movable");
	assert_plan(&bench, device, DEVICE_PARTIAL, "");
}
END_TEST

START_TEST(unplugged_the_memmap_can_move)
{
	bench_bind_kmem(device, BLOCK_ABSENT, ZONE_NONE);
	set_state("unplugged");
	rule->memmap = MEMMAP_CHOICE_YES;
	assert_plan(&bench, device, DEVICE_PENDING, BIND("1"));
}
END_TEST

START_TEST(unplugged_the_guard_holds)
{
	bench_bind_kmem(device, BLOCK_ABSENT, ZONE_NONE);
	bench.nodes[1].kernel = 0;
	set_state("unplugged");
	bench.nodes[0].movable = 241 * GIB;
	assert_plan(&bench, device, DEVICE_HELD_BACK, "");
}
END_TEST

/* Whatever it takes, it ends as the rule says, and stays so. */
START_TEST(it_comes_to_rest)
{
	struct kernel kernel;

	rule->memmap = _i % 2 ? MEMMAP_CHOICE_YES : MEMMAP_CHOICE_NO;
	if (_i >= 2)
		set_state("online");
	kernel_init(&kernel, &bench);
	kernel.real[0] = 20;
	kernel_run(&kernel, bench_plan(&bench, device));
	assert_plan(&bench, device, DEVICE_ONLINE, "");
	ck_assert_uint_eq(bench.nodes[1].movable, 16 * GIB);
	ck_assert_uint_eq(bench.nodes[1].kernel, 0);
	ck_assert_int_eq(device->knob, _i % 2 ? MEMMAP_KNOB_ON : MEMMAP_KNOB_OFF);
}
END_TEST

TCase *convert_tests(void)
{
	TCase *tests = tcase_create("convert");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, by_whose_leave, 0, sizeof(leaves) / sizeof(leaves[0]));
	tcase_add_test(tests, applied_it_is_still_spared);
	tcase_add_test(tests, the_other_way_round);
	tcase_add_test(tests, some_in_the_wrong_zone_some_offline);
	tcase_add_test(tests, going_offline_by_itself_it_is_waited_for);
	tcase_add_test(tests, the_memmap_takes_another_bind);
	tcase_add_test(tests, the_memmap_moves_once);
	tcase_add_test(tests, what_was_placed_is_left_there);
	tcase_add_test(tests, the_memmap_of_a_part_stays);
	tcase_add_test(tests, to_devdax);
	tcase_add_loop_test(tests, it_is_tried_once, 0, sizeof(tries) / sizeof(tries[0]));
	tcase_add_test(tests, within_the_guard);
	tcase_add_test(tests, two_share_the_guard);
	tcase_add_test(tests, a_block_in_two_zones_stays);
	tcase_add_test(tests, unplugged_it_comes_back_through_its_state);
	tcase_add_test(tests, unplugged_the_memmap_can_move);
	tcase_add_test(tests, unplugged_the_guard_holds);
	tcase_add_loop_test(tests, it_comes_to_rest, 0, 4);
	return tests;
}

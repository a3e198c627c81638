/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <string.h>

#include "bench.h"
#include "policy/correction.h"
#include "suites.h"

/* What somebody else changes is put right, so many times and no more; what nobody can, is said. */

#define MINUTE UINT64_C(60000000)

/* A device that was online by its rule, and that somebody has unbound since. */
static struct dax_device *arrange_unbound(struct bench *bench)
{
	struct dax_device *device;

	bench_init(bench);
	device = bench_add_device(bench, DAX_KIND_CXL, 4 * GIB);
	device->knob = MEMMAP_KNOB_OFF;
	bench_add_rule(bench, "all");
	bench->now_usec = 100 * MINUTE;
	bench_history(bench, device)->settled = true;
	return device;
}

/* A plan for it is carried out, and what it was for is reached; then it is undone again. */
static void correct(struct bench *bench, struct dax_device *device, uint64_t at_usec)
{
	struct device_history *history = bench_history(bench, device);

	bench->now_usec = at_usec;
	correction_note(bench_plan(bench, device), history, at_usec);
	bench_bind_kmem(device, BLOCK_ONLINE, ZONE_MOVABLE);
	assert_plan(bench, device, DEVICE_ONLINE, "");
	correction_look(bench_plan(bench, device), history);
	bench_bind_kmem(device, BLOCK_OFFLINE, ZONE_NONE);
}

static void correct_thrice(struct bench *bench, struct dax_device *device)
{
	for (unsigned i = 0; i < CORRECTIONS_MAX; i++) {
		ck_assert(bench_plan(bench, device)->n_steps > 0);
		correct(bench, device, (100 + i) * MINUTE);
	}
}

START_TEST(corrects_so_often)
{
	struct bench bench;
	struct dax_device *device = arrange_unbound(&bench);

	correct_thrice(&bench, device);
	assert_plan(&bench, device, DEVICE_MISMATCH, "");
	assert_says(bench_plan(&bench, device)->reason, "3 times within 10 min");
	assert_says(bench_plan(&bench, device)->reason, "daxctl, a udev rule or a person");
	ck_assert(history_is_contested(&bench.history));
	bench_done(&bench);
}
END_TEST

/* A device that was online by its rule, with the last so many of its blocks offline. */
static struct dax_device *arrange_offline(struct bench *bench, size_t n)
{
	struct dax_device *device = arrange_unbound(bench);

	bench_bind_kmem(device, BLOCK_OFFLINE, ZONE_NONE);
	bench_set_blocks(device, device->n_blocks - n, BLOCK_ONLINE, ZONE_MOVABLE);
	return device;
}

/* Who takes memory offline block by block may be about to take away what is under it. */
START_TEST(waits_while_somebody_is_at_it)
{
	struct bench before, bench, after;
	struct dax_device *device;
	uint64_t now;

	arrange_offline(&before, 0);
	device = arrange_offline(&bench, 1);
	arrange_offline(&after, 2);
	now = bench.now_usec;
	ck_assert(bench_plan(&bench, device)->n_steps > 0);

	correction_see(&before.facts, &bench.facts, &bench.history, now);
	assert_plan(&bench, device, DEVICE_MISMATCH, "");
	assert_says(bench_plan(&bench, device)->reason, "nothing has changed for 2 s");
	ck_assert_uint_eq(correction_next_usec(&bench.history, now), now + CORRECTION_QUIET_USEC);

	/* It goes on. */
	now += CORRECTION_QUIET_USEC - 1;
	correction_see(&bench.facts, &after.facts, &bench.history, now);
	bench.now_usec = now + CORRECTION_QUIET_USEC - 1;
	assert_plan(&bench, device, DEVICE_MISMATCH, "");

	/* It does not. */
	correction_see(&bench.facts, &bench.facts, &bench.history, bench.now_usec);
	bench.now_usec++;
	ck_assert(bench_plan(&bench, device)->n_steps > 0);
	ck_assert_uint_eq(correction_next_usec(&bench.history, bench.now_usec), UINT64_MAX);
	bench_done(&before);
	bench_done(&bench);
	bench_done(&after);
}
END_TEST

/* Another driver, or none, is a change as well; what an operator asks for does not wait. */
START_TEST(waits_after_an_unbind)
{
	struct bench before, bench;
	struct dax_device *device;

	arrange_offline(&before, 0);
	device = arrange_unbound(&bench);
	correction_see(&before.facts, &bench.facts, &bench.history, bench.now_usec);
	assert_plan(&bench, device, DEVICE_MISMATCH, "");
	bench_history(&bench, device)->request = REQUEST_APPLY;
	ck_assert(bench_plan(&bench, device)->n_steps > 0);
	bench_done(&before);
	bench_done(&bench);
}
END_TEST

/* As the reason says: not until somebody acts, however long that takes. */
START_TEST(does_not_begin_again_by_itself)
{
	struct bench bench;
	struct dax_device *device = arrange_unbound(&bench);

	correct_thrice(&bench, device);
	bench.now_usec = 10000 * MINUTE;
	assert_plan(&bench, device, DEVICE_MISMATCH, "");
	/* Nor when the other one lets go for a while. */
	bench_bind_kmem(device, BLOCK_ONLINE, ZONE_MOVABLE);
	assert_plan(&bench, device, DEVICE_ONLINE, "");
	correction_look(bench_plan(&bench, device), bench_history(&bench, device));
	bench_bind_kmem(device, BLOCK_OFFLINE, ZONE_NONE);
	assert_plan(&bench, device, DEVICE_MISMATCH, "");
	bench_done(&bench);
}
END_TEST

/* Undone before it was seen to hold, each time: no haste, and the same end. */
START_TEST(counts_what_was_lost)
{
	struct bench bench;
	struct dax_device *device = arrange_offline(&bench, 1);
	struct device_history *history = bench_history(&bench, device);

	for (unsigned i = 0; i < CORRECTIONS_MAX; i++) {
		const struct device_plan *plan = bench_plan(&bench, device);

		ck_assert(bench_has_step(plan, STEP_ONLINE_BLOCKS));
		correction_note(plan, history, bench.now_usec);
		correction_lost(history, bench.now_usec);
		assert_plan(&bench, device, DEVICE_MISMATCH, "");
		bench.now_usec += CORRECTION_QUIET_USEC;
	}
	assert_plan(&bench, device, DEVICE_MISMATCH, "");
	assert_says(bench_plan(&bench, device)->reason, "3 times within 10 min");
	bench_done(&bench);
}
END_TEST

START_TEST(forgets_what_is_long_ago)
{
	struct bench bench;
	struct dax_device *device = arrange_unbound(&bench);

	correct(&bench, device, 100 * MINUTE);
	correct(&bench, device, 101 * MINUTE);
	correct(&bench, device, 110 * MINUTE);
	ck_assert(!history_is_contested(&bench.history));
	ck_assert(bench_has_step(bench_plan(&bench, device), STEP_ONLINE_BLOCKS));
	bench_done(&bench);
}
END_TEST

/* The last one that is made takes as many plans as it takes, and their retries. */
START_TEST(counts_changes_and_not_plans)
{
	struct bench bench;
	struct dax_device *device = arrange_unbound(&bench);
	struct device_history *history = bench_history(&bench, device);

	for (unsigned i = 0; i < 2 * CORRECTIONS_MAX; i++) {
		const struct device_plan *plan = bench_plan(&bench, device);

		ck_assert(plan->n_steps > 0);
		correction_note(plan, history, bench.now_usec);
		history->failures = 1;
		history->retry_at_usec = bench.now_usec + MINUTE;
		plan = bench_plan(&bench, device);
		ck_assert_uint_eq(plan->n_steps, 0);
		correction_look(plan, history);
		bench.now_usec += MINUTE;
	}
	ck_assert(!history->contested);
	bench_done(&bench);
}
END_TEST

/* It is not left half-way when the last one takes a bind first, and then brings it online. */
START_TEST(the_last_one_is_ended)
{
	struct bench bench;
	struct dax_device *device = arrange_unbound(&bench);
	struct device_history *history = bench_history(&bench, device);

	correct(&bench, device, 100 * MINUTE);
	correct(&bench, device, 101 * MINUTE);
	bench.now_usec = 102 * MINUTE;
	correction_note(bench_plan(&bench, device), history, bench.now_usec);
	ck_assert(history->contested);
	bench_set_blocks(device, 16, BLOCK_ONLINE, ZONE_MOVABLE);
	correction_look(bench_plan(&bench, device), history);
	ck_assert(bench_has_step(bench_plan(&bench, device), STEP_ONLINE_BLOCKS));
	bench_done(&bench);
}
END_TEST

/* A device that only ever comes back in part is as much fought over. */
START_TEST(counts_what_ends_in_part)
{
	struct bench bench;
	struct dax_device *device = arrange_unbound(&bench);
	struct device_history *history = bench_history(&bench, device);

	bench_bind_kmem(device, BLOCK_OFFLINE, ZONE_NONE);
	for (unsigned i = 0; i < CORRECTIONS_MAX; i++) {
		correction_note(bench_plan(&bench, device), history, bench.now_usec);
		bench_set_blocks(device, 32, BLOCK_ONLINE, ZONE_MOVABLE);
		bench_set_blocks(device, 1, BLOCK_ABSENT, ZONE_NONE);
		assert_plan(&bench, device, DEVICE_PARTIAL, "");
		correction_look(bench_plan(&bench, device), history);
		bench_set_blocks(device, 32, BLOCK_OFFLINE, ZONE_NONE);
	}
	assert_plan(&bench, device, DEVICE_MISMATCH, "");
	bench_done(&bench);
}
END_TEST

/* What was never as the policy says, or is asked for, is no correction. */
START_TEST(counts_only_corrections)
{
	struct bench bench;
	struct dax_device *device = arrange_unbound(&bench);
	struct device_history *history = bench_history(&bench, device);

	correct_thrice(&bench, device);
	history->settled = false;
	ck_assert(bench_has_step(bench_plan(&bench, device), STEP_ONLINE_BLOCKS));
	history->settled = true;
	history->request = REQUEST_APPLY;
	ck_assert(bench_has_step(bench_plan(&bench, device), STEP_ONLINE_BLOCKS));
	bench_done(&bench);
}
END_TEST

START_TEST(names_who_competes)
{
	struct bench bench;
	struct dax_device *device = arrange_unbound(&bench);
	char *names[] = {(char *)"process 7 (daxctl)", (char *)"udev rule /x", NULL};

	bench.facts.host.competitors = (struct strv){.items = names, .n = 2};
	correct_thrice(&bench, device);
	assert_says(bench_plan(&bench, device)->reason,
		    "what may compete: process 7 (daxctl), udev rule /x (");
	bench.facts.host.competitors = (struct strv){};
	bench_done(&bench);
}
END_TEST

START_TEST(stuck_when_unbound_or_gone_with_memory_online)
{
	struct bench bench;
	struct dax_device *device;

	bench_init(&bench);
	device = bench_add_device(&bench, DAX_KIND_CXL, 4 * GIB);
	bench_add_rule(&bench, "all");
	device->knob = MEMMAP_KNOB_OFF;
	bench_bind_kmem(device, BLOCK_ONLINE, ZONE_MOVABLE);
	assert_plan(&bench, device, DEVICE_ONLINE, "");
	bench_set_driver(device, NULL);
	assert_plan(&bench, device, DEVICE_STUCK, "");
	assert_says(bench_plan(&bench, device)->reason,
		    "unbound from kmem with its memory online: 32 of 32 blocks");
	device->gone = true;
	assert_plan(&bench, device, DEVICE_STUCK, "");
	assert_says(bench_plan(&bench, device)->reason, "it was removed, and left 32 of its 32");
	/* What goes offline later stays as well. */
	bench_set_blocks(device, 32, BLOCK_OFFLINE, ZONE_NONE);
	assert_says(bench_plan(&bench, device)->reason, "32 memory blocks in the kernel, 0 of");
	device->gone = false;
	assert_plan(&bench, device, DEVICE_STUCK, "");
	bench_done(&bench);
}
END_TEST

/* The second device has the earlier rule, so it is the one that the guard has room for. */
START_TEST(earlier_rules_have_the_first_share)
{
	struct bench bench;
	struct dax_device *first, *second;
	struct rule *rule;

	bench_init(&bench);
	first = bench_add_device(&bench, DAX_KIND_CXL, 64 * GIB);
	second = bench_add_device(&bench, DAX_KIND_HMEM, 64 * GIB);
	rule = bench_add_rule(&bench, "hmem");
	rule->match_kinds = 1U << DAX_KIND_HMEM;
	bench_add_rule(&bench, "rest");
	bench.config.movable_max_ratio = 1;
	assert_plan(&bench, first, DEVICE_HELD_BACK, "");
	ck_assert(bench_has_step(bench_plan(&bench, second), STEP_BIND_KMEM));
	ck_assert_uint_eq(bench_plan(&bench, second)->rank, 0);
	ck_assert_uint_eq(bench_plan(&bench, first)->rank, 1);
	bench_done(&bench);
}
END_TEST

TCase *correction_tests(void)
{
	TCase *tests = tcase_create("correction");

	tcase_add_test(tests, corrects_so_often);
	tcase_add_test(tests, waits_while_somebody_is_at_it);
	tcase_add_test(tests, waits_after_an_unbind);
	tcase_add_test(tests, does_not_begin_again_by_itself);
	tcase_add_test(tests, counts_what_was_lost);
	tcase_add_test(tests, forgets_what_is_long_ago);
	tcase_add_test(tests, counts_changes_and_not_plans);
	tcase_add_test(tests, the_last_one_is_ended);
	tcase_add_test(tests, counts_what_ends_in_part);
	tcase_add_test(tests, counts_only_corrections);
	tcase_add_test(tests, names_who_competes);
	tcase_add_test(tests, stuck_when_unbound_or_gone_with_memory_online);
	tcase_add_test(tests, earlier_rules_have_the_first_share);
	return tests;
}

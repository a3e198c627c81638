/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <string.h>

#include "dice.h"
#include "kernel.h"
#include "suites.h"

/* Plan after plan, each from what the one before has made of the host. */

/* A look at the real distance, a bind anew, and what is left: more than these, and it goes round.
 */
#define PLANS_PER_DEVICE 3

static const struct device_plan *plan_of(struct bench *bench, size_t device)
{
	return bench_plan(bench, &bench->devices[device]);
}

START_TEST(forecast_was_right)
{
	struct kernel kernel;
	struct bench bench;

	bench_init(&bench);
	bench_add_device(&bench, DAX_KIND_CXL, 64 * GIB);
	bench_add_rule(&bench, "far");
	kernel_init(&kernel, &bench);
	kernel.real[0] = 20;

	kernel_run(&kernel, plan_of(&bench, 0));
	ck_assert_str_eq(bench_steps(plan_of(&bench, 0)),
			 "online-blocks online_movable, verify Movable");
	kernel_run(&kernel, plan_of(&bench, 0));
	ck_assert_int_eq(plan_of(&bench, 0)->state, DEVICE_ONLINE);
	ck_assert(plan_of(&bench, 0)->memmap.effective);
	ck_assert_uint_eq(bench_history(&bench, &bench.devices[0])->rebinds, 0);
	bench_done(&bench);
}
END_TEST

START_TEST(forecast_was_wrong)
{
	struct kernel kernel;
	struct bench bench;

	bench_init(&bench);
	bench_add_device(&bench, DAX_KIND_CXL, 64 * GIB);
	bench_add_rule(&bench, "far");
	kernel_init(&kernel, &bench);
	kernel.real[0] = 60;

	ck_assert(plan_of(&bench, 0)->memmap.wanted);
	kernel_run(&kernel, plan_of(&bench, 0));
	ck_assert_uint_eq(dax_device_count_blocks(&bench.devices[0]).online, 0);
	ck_assert(bench_has_step(plan_of(&bench, 0), STEP_UNBIND_DRIVER));
	kernel_run(&kernel, plan_of(&bench, 0));
	ck_assert_int_eq(plan_of(&bench, 0)->state, DEVICE_ONLINE);
	ck_assert(!plan_of(&bench, 0)->memmap.effective);
	assert_says(plan_of(&bench, 0)->memmap.reason,
		    "distance 60 (libnuma) is beyond max-distance 40");
	bench_done(&bench);
}
END_TEST

/* Each way to the same place: whichever worker is first, the budget is shared out alike. */
START_TEST(budget_is_shared_in_order_of_the_facts)
{
	static const size_t orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
					   {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
	struct kernel kernel;
	struct bench bench;

	bench_init(&bench);
	bench.config.movable_max_ratio = 0;
	bench.config.memmap_min_size = TIB;
	for (unsigned i = 0; i < 3; i++)
		bench_add_device(&bench, DAX_KIND_CXL, 120 * GIB);
	bench_add_rule(&bench, "far");
	kernel_init(&kernel, &bench);
	kernel.real[0] = kernel.real[1] = kernel.real[2] = 20;

	for (size_t i = 0; i < 3; i++)
		kernel_run(&kernel, plan_of(&bench, orders[_i][i]));
	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(plan_of(&bench, i)->state, DEVICE_ONLINE);
		ck_assert_int_eq(plan_of(&bench, i)->memmap.effective, i > 0);
	}
	bench_done(&bench);
}
END_TEST

/* Runs one plan at a time, in any order, until none has a step. Returns how many it took at most.
 */
static unsigned run_until_quiet(struct dice *dice, struct kernel *kernel, unsigned round)
{
	struct bench *bench = kernel->bench;
	unsigned runs[BENCH_DEVICES] = {}, most = 0;

	for (;;) {
		size_t ready[BENCH_DEVICES], n = 0, chosen;

		for (size_t i = 0; i < bench->facts.n_devices; i++)
			if (plan_of(bench, i)->n_steps > 0)
				ready[n++] = i;
		if (n == 0)
			return most;
		chosen = ready[dice_below(dice, (unsigned)n)];
		runs[chosen]++;
		most = runs[chosen] > most ? runs[chosen] : most;
		ck_assert_msg(most <= PLANS_PER_DEVICE, "round %u: %s goes round: %s", round,
			      bench->devices[chosen].name, plan_of(bench, chosen)->reason);
		kernel_run(kernel, plan_of(bench, chosen));
	}
}

/* Where a device that nobody had touched before may end, and with what. */
static void check_end(struct bench *bench, size_t i, unsigned round)
{
	const struct device_plan *plan = plan_of(bench, i);
	const struct rule *rule = policy_match(&bench->config, &bench->devices[i]);
	struct block_counts blocks = dax_device_count_blocks(&bench->devices[i]);

	ck_assert_msg(plan->state != DEVICE_MISMATCH && plan->state != DEVICE_PARTIAL,
		      "round %u: %s ends as %s: %s (%s)", round, plan->device,
		      device_state_to_string(plan->state), plan->reason, plan->memmap.reason);
	if (plan->state == DEVICE_ONLINE) {
		ck_assert_uint_eq(blocks.online, blocks.total);
		ck_assert_uint_eq(rule->zone == TARGET_ZONE_MOVABLE ? blocks.movable
								    : blocks.kernel,
				  blocks.total);
	} else if (plan->managed) {
		ck_assert_uint_eq(blocks.online, 0);
	}
}

START_TEST(any_host_comes_to_rest)
{
	struct dice dice = {.state = 0x5eed0002};
	unsigned online = 0, longest = 0;

	for (unsigned round = 0; round < 1000; round++) {
		bool fresh[BENCH_DEVICES] = {};
		enum online_policy before;
		struct kernel kernel;
		struct bench bench;
		unsigned runs;

		bench_init(&bench);
		dice_arrange(&dice, &bench);
		history_done(&bench.history);
		kernel_init(&kernel, &bench);
		before = bench.facts.host.auto_online;
		for (size_t i = 0; i < bench.facts.n_devices; i++) {
			fresh[i] = !bench.devices[i].driver;
			kernel.real[i] = dice_distance(&dice);
			if (bench.devices[i].distance.source == DISTANCE_LIBNUMA)
				kernel.real[i] = bench.devices[i].distance.value;
		}

		runs = run_until_quiet(&dice, &kernel, round);
		longest = runs > longest ? runs : longest;
		ck_assert_int_eq(bench.facts.host.auto_online, before);
		for (size_t i = 0; i < bench.facts.n_devices; i++) {
			/* A device handed over by forecast is the kernel's, come what may. */
			if (fresh[i] && !bench_history(&bench, &bench.devices[i])->handed_over)
				check_end(&bench, i, round);
			online += plan_of(&bench, i)->state == DEVICE_ONLINE;
		}
		bench_done(&bench);
	}

	/* Or else the dice arranged nothing worth the name of a test. */
	ck_assert_uint_gt(online, 250);
	ck_assert_uint_ge(longest, 2);
}
END_TEST

TCase *convergence_tests(void)
{
	TCase *tests = tcase_create("convergence");

	tcase_set_timeout(tests, 100);
	tcase_add_test(tests, forecast_was_right);
	tcase_add_test(tests, forecast_was_wrong);
	tcase_add_loop_test(tests, budget_is_shared_in_order_of_the_facts, 0, 6);
	tcase_add_test(tests, any_host_comes_to_rest);
	return tests;
}

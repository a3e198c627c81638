/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "dice.h"
#include "shortage.h"
#include "suites.h"

/* Every allocation fails once, on hosts of all kinds; LeakSanitizer sees what is not released. */

#define ROUNDS 150

/* Returns how many allocations a whole plan took. */
static unsigned fail_each(const struct bench *bench)
{
	for (unsigned n = 0;; n++) {
		struct plan *plan = NULL;
		bool reached;
		int r;

		shortage_begin(n);
		r = policy_plan(&bench->facts, &bench->config, &bench->history, bench->now_usec,
				&plan);
		reached = shortage_end();
		if (!reached) {
			ck_assert_int_eq(r, 0);
			plan_free(plan);
			return n;
		}
		ck_assert_int_eq(r, -ENOMEM);
		ck_assert_ptr_null(plan);
	}
}

START_TEST(no_memory_is_an_error_and_no_plan)
{
	struct dice dice = {.state = 0x5eed0003};
	unsigned allocations = 0;

	for (unsigned round = 0; round < ROUNDS; round++) {
		struct bench bench;

		bench_init(&bench);
		dice_arrange(&dice, &bench);
		allocations += fail_each(&bench);
		bench_done(&bench);
	}
	ck_assert_uint_gt(allocations / ROUNDS, 10);
}
END_TEST

TCase *shortage_tests(void)
{
	TCase *tests = tcase_create("shortage");

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, no_memory_is_an_error_and_no_plan);
	return tests;
}

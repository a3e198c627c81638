/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every scenario with a failure at every write and at every read, and with the undo failing too. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/errno-util.h"
#include "bench.h"
#include "scenario.h"
#include "tree.h"

static const int errors[] = {-EBUSY, -EINVAL, -ENOMEM, -EIO, -EACCES, -ENODEV};

/* How a host looks before the plan, and after it went well. A module that was loaded stays, so
 * there is a second look of before. */
struct looks {
	char *before, *loaded, *after;
	unsigned writes, reads;
};

static void fresh(const struct scenario *scenario)
{
	bench_teardown();
	bench_setup();
	scenario->prepare();
	fake_kernel_clear_log(bench.root);
}

static struct looks take_looks(const struct scenario *scenario)
{
	_cleanup_free_ char *autoprobe = NULL;
	struct looks looks = {};
	struct device_plan plan;

	fresh(scenario);
	autoprobe = tree_get(bench.root, AUTOPROBE);
	bench_write(AUTOPROBE, "0");
	fake_kernel_load_kmem(bench.root);
	bench_write(AUTOPROBE, autoprobe);
	looks.loaded = fake_kernel_snapshot(bench.root);
	fresh(scenario);
	looks.before = fake_kernel_snapshot(bench.root);
	scenario->plan(&plan);
	ck_assert_int_eq(bench_apply(&plan), 0);
	looks.writes = bench_writes();
	looks.reads = fake_kernel_count(bench.root, FAKE_KERNEL_READ);
	looks.after = fake_kernel_snapshot(bench.root);
	device_plan_done(&plan);
	return looks;
}

static void looks_done(struct looks *looks)
{
	free(looks->before);
	free(looks->loaded);
	free(looks->after);
}

/* The first line in which they differ, for a message. */
static void assert_looks(const char *what, const char *now, const char *expected)
{
	size_t i = 0, start = 0;

	for (; now[i] && now[i] == expected[i]; i++)
		if (now[i] == '\n')
			start = i + 1;
	ck_assert_msg(now[i] == expected[i], "%s:\n  now      %.*s\n  expected %.*s", what,
		      (int)strcspn(now + start, "\n"), now + start,
		      (int)strcspn(expected + start, "\n"), expected + start);
}

static bool looks_as_before(const struct looks *looks, const char *now)
{
	return strcmp(now, looks->before) == 0 || strcmp(now, looks->loaded) == 0;
}

/* A message is for a person: it says which errno, and what about. */
static void check_message(const char *what)
{
	const struct apply_failure *failure = &bench.failure;

	ck_assert_msg(failure->message != NULL, "%s: no message", what);
	ck_assert_msg(strstr(failure->message, scenarios[0].device->name) != NULL ||
			      strstr(failure->message, "dax") != NULL ||
			      strstr(failure->message, "/sys/") != NULL ||
			      strstr(failure->message, "memory") != NULL,
		      "%s: \"%s\" does not say what it is about", what, failure->message);
	ck_assert_int_lt((int)failure->step, STEP_MAX);
}

/*
 * After one failure everything is as before, or it is said that it is not: then memory is online,
 * which nobody takes away, and the device is still with the driver that it belongs to.
 */
static void check_undo(const struct scenario *scenario, const struct looks *looks, const char *what)
{
	_cleanup_free_ char *now = fake_kernel_snapshot(bench.root);
	const char *name = scenario->device->name;

	check_message(what);
	bench_assert_no_records();
	bench_assert_reads(AUTO_ONLINE, scenario->auto_online);
	if (bench.failure.undone) {
		if (!looks_as_before(looks, now))
			assert_looks(what, now, looks->before);
		return;
	}
	ck_assert_msg(bench_any_block_online(scenario->device), "%s: not undone, without a reason",
		      what);
	bench_assert_driver(name, "kmem");
	ck_assert_ptr_nonnull(strstr(bench.events, "undo-failed"));
}

/* Whatever was left, the next plan gets there. */
static void check_next_plan(const struct scenario *scenario, const struct looks *looks,
			    const char *what)
{
	_cleanup_free_ char *now = NULL;
	struct device_plan plan;
	int r;

	fake_kernel_clear_faults(bench.root);
	scenario->finish(&plan);
	r = bench_apply(&plan);
	ck_assert_msg(r == 0, "%s, then: %s", what, bench.failure.message);
	device_plan_done(&plan);
	scenario->check();
	now = fake_kernel_snapshot(bench.root);
	assert_looks(what, now, looks->after);
}

static void fail_once(const struct scenario *scenario, const struct looks *looks,
		      enum fake_kernel_op op, unsigned nth, int error)
{
	_cleanup_free_ char *what = NULL, *now = NULL;
	struct device_plan plan;
	int r;

	ck_assert_int_gt(asprintf(&what, "%s: %s %u fails with %s", scenario->name,
				  op == FAKE_KERNEL_WRITE ? "write" : "read", nth,
				  errno_name(error)),
			 0);
	fresh(scenario);
	scenario->plan(&plan);
	bench_fault(op, nth, 1, NULL, error);
	r = bench_apply(&plan);
	device_plan_done(&plan);
	if (r < 0) {
		check_undo(scenario, looks, what);
		check_next_plan(scenario, looks, what);
		return;
	}
	/* There was another way. */
	now = fake_kernel_snapshot(bench.root);
	fake_kernel_clear_faults(bench.root);
	bench_assert_reads(AUTO_ONLINE, scenario->auto_online);
	ck_assert_int_eq(apply_restore(&bench.applier), 0);
	/* ENODEV of bind leads through new_id, and from there block by block, which the device's
	 * state takes no notice of. */
	if (error == -ENODEV && tree_has(bench.root, DEVICES "/dax0.0/state"))
		tree_put(bench.root, DEVICES "/dax0.0/state", "online_movable\n");
	free(now);
	now = fake_kernel_snapshot(bench.root);
	assert_looks(what, now, looks->after);
}

START_TEST(every_write_fails)
{
	const struct scenario *scenario = &scenarios[_i];
	struct looks looks = take_looks(scenario);

	ck_assert_uint_gt(looks.writes, 0);
	for (unsigned n = 1; n <= looks.writes; n++)
		for (size_t e = 0; e < ARRAY_SIZE(errors); e++)
			fail_once(scenario, &looks, FAKE_KERNEL_WRITE, n, errors[e]);
	looks_done(&looks);
}
END_TEST

START_TEST(every_read_fails)
{
	const struct scenario *scenario = &scenarios[_i];
	struct looks looks = take_looks(scenario);

	ck_assert_uint_gt(looks.reads, 0);
	for (unsigned n = 1; n <= looks.reads; n++)
		fail_once(scenario, &looks, FAKE_KERNEL_READ, n, -EIO);
	looks_done(&looks);
}
END_TEST

/*
 * From some write on nothing works any more, the undo included: it must not claim that all is as
 * before, and what is of the whole host is still recorded, so that it can be put back later.
 */
START_TEST(every_write_fails_from_one_on)
{
	const struct scenario *scenario = &scenarios[_i];
	struct looks looks = take_looks(scenario);

	for (unsigned n = 1; n <= looks.writes; n++) {
		_cleanup_free_ char *now = NULL;
		struct device_plan plan;
		int r;

		fresh(scenario);
		scenario->plan(&plan);
		bench_fault(FAKE_KERNEL_WRITE, n, UINT_MAX, NULL, -EIO);
		r = bench_apply(&plan);
		device_plan_done(&plan);
		now = fake_kernel_snapshot(bench.root);
		if (r < 0) {
			check_message(scenario->name);
			ck_assert_msg(bench.failure.undone == looks_as_before(&looks, now),
				      "%s, from write %u on: undone is %s", scenario->name, n,
				      bench.failure.undone ? "true" : "false");
			ck_assert(bench.failure.undone ==
				  (strstr(bench.events, "undo-failed") == NULL));
		}
		fake_kernel_clear_faults(bench.root);
		ck_assert_int_eq(apply_restore(&bench.applier), 0);
		bench_assert_reads(AUTO_ONLINE, scenario->auto_online);
		bench_assert_no_records();
		check_next_plan(scenario, &looks, scenario->name);
	}
	looks_done(&looks);
}
END_TEST

/* The effect is there, and yet an error is answered: undone all the same. */
START_TEST(every_write_fails_after_its_effect)
{
	const struct scenario *scenario = &scenarios[_i];
	struct looks looks = take_looks(scenario);

	for (unsigned n = 1; n <= looks.writes; n++) {
		_cleanup_free_ char *what = NULL;
		struct device_plan plan;
		int r;

		ck_assert_int_gt(
			asprintf(&what, "%s: write %u fails after its effect", scenario->name, n),
			0);
		fresh(scenario);
		scenario->plan(&plan);
		fake_kernel_add_fault(bench.root, &(struct fake_kernel_fault){
							  .op = FAKE_KERNEL_WRITE,
							  .action = FAKE_KERNEL_FAIL_AFTER,
							  .nth = n,
							  .error = -EIO,
						  });
		r = bench_apply(&plan);
		device_plan_done(&plan);
		if (r < 0)
			check_undo(scenario, &looks, what);
		fake_kernel_clear_faults(bench.root);
		ck_assert_int_eq(apply_restore(&bench.applier), 0);
		check_next_plan(scenario, &looks, what);
	}
	looks_done(&looks);
}
END_TEST

TCase *fault_tests(void)
{
	TCase *tcase = tcase_create("fault");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, bench_setup, bench_teardown);
	tcase_add_loop_test(tcase, every_write_fails, 0, (int)n_scenarios);
	tcase_add_loop_test(tcase, every_read_fails, 0, (int)n_scenarios);
	tcase_add_loop_test(tcase, every_write_fails_from_one_on, 0, (int)n_scenarios);
	tcase_add_loop_test(tcase, every_write_fails_after_its_effect, 0, (int)n_scenarios);
	return tcase;
}

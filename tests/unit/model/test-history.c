/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/history.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "failing-alloc.h"
#include "test-model.h"

START_TEST(finds_what_it_made)
{
	_cleanup_(history_done) struct history history = {};
	struct device_history *device;

	ck_assert_ptr_null(history_find(&history, "dax0.0"));
	device = history_get(&history, "dax0.0");
	ck_assert_ptr_nonnull(device);
	ck_assert_str_eq(device->name, "dax0.0");
	ck_assert(!device->hot_added);
	ck_assert_int_eq(device->error, 0);
	ck_assert_ptr_null(device->message);

	device->failures = 3;
	ck_assert_ptr_eq(history_get(&history, "dax0.0"), device);
	ck_assert_uint_eq(history.n_devices, 1);
	ck_assert_uint_eq(history_find(&history, "dax0.0")->failures, 3);
}
END_TEST

START_TEST(forgets_one_and_keeps_the_rest)
{
	_cleanup_(history_done) struct history history = {};

	for (int i = 0; i < 3; i++) {
		struct device_history *device;
		char name[24];

		snprintf(name, sizeof(name), "dax%d.0", i);
		device = history_get(&history, name);
		ck_assert_ptr_nonnull(device);
		device->message = strdup(name);
	}
	history_forget(&history, "dax1.0");
	history_forget(&history, "dax7.0");
	ck_assert_uint_eq(history.n_devices, 2);
	ck_assert_ptr_null(history_find(&history, "dax1.0"));
	ck_assert_str_eq(history_find(&history, "dax0.0")->message, "dax0.0");
	ck_assert_str_eq(history_find(&history, "dax2.0")->message, "dax2.0");

	/* A device that comes back starts anew. */
	ck_assert_ptr_null(history_get(&history, "dax1.0")->message);
}
END_TEST

START_TEST(without_memory_nothing_changes)
{
	bool reached = true;

	for (unsigned n = 1; reached; n++) {
		_cleanup_(history_done) struct history history = {};
		const struct device_history *device;

		ck_assert_ptr_nonnull(history_get(&history, "dax0.0"));
		failing_alloc_arm(n);
		device = history_get(&history, "dax1.0");
		reached = failing_alloc_disarm();
		ck_assert(reached == !device);
		ck_assert_uint_eq(history.n_devices, reached ? 1 : 2);
	}
}
END_TEST

TCase *history_tests(void)
{
	TCase *tests = tcase_create("history");

	tcase_add_test(tests, finds_what_it_made);
	tcase_add_test(tests, forgets_one_and_keeps_the_rest);
	tcase_add_test(tests, without_memory_nothing_changes);
	return tests;
}

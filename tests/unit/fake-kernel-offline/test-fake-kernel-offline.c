/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What keeps memory from going offline, in the kernel that other tests build upon. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake-kernel-offline.h"
#include "fake-kernel.h"
#include "tree.h"

#define MEMORY "sys/devices/system/memory"
#define DAX    "sys/bus/dax/devices/dax0.0"
#define BLOCK  (128 * FAKE_KERNEL_MIB)

static char *root;

static void setup(void)
{
	root = tree_new();
	fake_kernel_create(root, &(struct fake_kernel_host){.has_state = true,
							    .auto_online = "online_movable"});
	fake_kernel_add_device(root, &(struct fake_kernel_device){
					     .name = "dax0.0",
					     .ranges = {{64 * BLOCK, 4 * BLOCK}},
					     .target_node = 1,
				     });
}

static void teardown(void)
{
	root = tree_remove(root);
}

static void assert_state(unsigned block, const char *expected)
{
	char path[96], *text;

	snprintf(path, sizeof(path), MEMORY "/memory%u/state", block);
	text = tree_get(root, path);
	ck_assert_str_eq(text ? text : "absent", expected);
	free(text);
}

START_TEST(a_pinned_block_stays_online)
{
	fake_kernel_pin_block(root, 65, 2);
	ck_assert_int_eq(fake_kernel_write(root, MEMORY "/memory65/state", "offline"), -EBUSY);
	assert_state(65, "online\n");
	ck_assert_int_eq(fake_kernel_write(root, MEMORY "/memory65/state", "offline"), -EBUSY);
	ck_assert_int_eq(fake_kernel_write(root, MEMORY "/memory65/state", "offline"), 0);
	assert_state(65, "offline\n");

	fake_kernel_pin_block(root, 66, UINT_MAX);
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(fake_kernel_write(root, MEMORY "/memory66/state", "offline"),
				 -EBUSY);
	fake_kernel_pin_block(root, 66, 0);
	ck_assert_int_eq(fake_kernel_write(root, MEMORY "/memory66/state", "offline"), 0);
	/* Going online is another matter. */
	fake_kernel_pin_block(root, 66, UINT_MAX);
	ck_assert_int_eq(fake_kernel_write(root, MEMORY "/memory66/state", "online_kernel"), 0);
}
END_TEST

START_TEST(unplugging_is_all_or_nothing)
{
	char *before = fake_kernel_snapshot(root), *after;

	fake_kernel_pin_block(root, 66, 1);
	ck_assert_int_eq(fake_kernel_write(root, DAX "/state", "unplugged"), -EBUSY);
	after = fake_kernel_snapshot(root);
	ck_assert_str_eq(after, before);
	ck_assert_int_eq(fake_kernel_write(root, DAX "/state", "unplugged"), 0);
	assert_state(66, "absent");
	free(before);
	free(after);
}
END_TEST

START_TEST(unless_the_way_back_is_broken)
{
	fake_kernel_break_rollback(root);
	fake_kernel_pin_block(root, 66, 1);
	ck_assert_int_eq(fake_kernel_write(root, DAX "/state", "unplugged"), -EBUSY);
	assert_state(64, "offline\n");
	assert_state(65, "offline\n");
	assert_state(66, "online\n");
	assert_state(67, "online\n");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fake-kernel-offline");
	TCase *tests = tcase_create("offline");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, a_pinned_block_stays_online);
	tcase_add_test(tests, unplugging_is_all_or_nothing);
	tcase_add_test(tests, unless_the_way_back_is_broken);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test-sysfs.h"

#include <stdlib.h>

#include "tree.h"

char *tree;
struct sysfs host;

void setup_tree(void)
{
	tree = tree_new();
	ck_assert_int_eq(sysfs_open(&host, tree, NULL, NULL), 0);
}

void teardown_tree(void)
{
	sysfs_close(&host);
	tree = tree_remove(tree);
}

int main(void)
{
	Suite *suite = suite_create("sysfs");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, root_tests());
	suite_add_tcase(suite, attribute_tests());
	suite_add_tcase(suite, block_tests());
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

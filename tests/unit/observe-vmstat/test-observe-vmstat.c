/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "observe/vmstat.h"
#include "tree.h"

static char *root;
static struct sysfs sysfs;

static void setup(void)
{
	root = tree_new();
	ck_assert_int_eq(sysfs_open(&sysfs, root, NULL, NULL), 0);
}

static void teardown(void)
{
	sysfs_close(&sysfs);
	root = tree_remove(root);
}

START_TEST(counters_of_this_kernel)
{
	struct vmstat vmstat;

	tree_put(root, "proc/vmstat",
		 "nr_free_pages 81\n"
		 "pgpromote_success 18446744073709551615\n"
		 "pgpromote_candidate 7\n"
		 "pgpromote_candidate_nrl 8\n"
		 "pgdemote_kswapd 1\n"
		 "pgdemote_direct 0\n"
		 "pgdemote_khugepaged 3\n"
		 "pgdemote_proactive 4\n");
	ck_assert_int_eq(vmstat_read(&sysfs, &vmstat), 0);
	for (int i = 0; i < VMSTAT_MAX; i++)
		ck_assert(vmstat.known[i]);
	ck_assert_uint_eq(vmstat.pages[VMSTAT_PROMOTED], UINT64_MAX);
	ck_assert_uint_eq(vmstat.pages[VMSTAT_PROMOTION_CANDIDATE], 7);
	ck_assert_uint_eq(vmstat.pages[VMSTAT_DEMOTED_KSWAPD], 1);
	ck_assert_uint_eq(vmstat.pages[VMSTAT_DEMOTED_DIRECT], 0);
	ck_assert_uint_eq(vmstat.pages[VMSTAT_DEMOTED_KHUGEPAGED], 3);
	ck_assert_uint_eq(vmstat.pages[VMSTAT_DEMOTED_PROACTIVE], 4);
}
END_TEST

/* Without CONFIG_NUMA_BALANCING nothing is promoted; 6.1 has no pgdemote_khugepaged. */
START_TEST(what_a_kernel_does_not_count_is_unknown)
{
	struct vmstat vmstat;

	tree_put(root, "proc/vmstat", "pgdemote_kswapd 5\npgdemote_direct x\n\nnr_mlock\n");
	ck_assert_int_eq(vmstat_read(&sysfs, &vmstat), 0);
	for (int i = 0; i < VMSTAT_MAX; i++)
		ck_assert_int_eq(vmstat.known[i], i == VMSTAT_DEMOTED_KSWAPD);
}
END_TEST

START_TEST(no_file)
{
	struct vmstat vmstat = {.pages = {42}};

	ck_assert_int_eq(vmstat_read(&sysfs, &vmstat), -ENOENT);
	ck_assert_uint_eq(vmstat.pages[0], 42);
}
END_TEST

START_TEST(each_counter_has_its_name)
{
	for (int i = 0; i < VMSTAT_MAX; i++) {
		ck_assert_int_eq(strncmp(vmstat_counter_name((enum vmstat_counter)i), "pg", 2), 0);
		for (int k = 0; k < i; k++)
			ck_assert_str_ne(vmstat_counter_name((enum vmstat_counter)i),
					 vmstat_counter_name((enum vmstat_counter)k));
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("vmstat");
	TCase *tcase = tcase_create("vmstat");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, counters_of_this_kernel);
	tcase_add_test(tcase, what_a_kernel_does_not_count_is_unknown);
	tcase_add_test(tcase, no_file);
	tcase_add_test(tcase, each_counter_has_its_name);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

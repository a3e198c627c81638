/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What takes a pass over all processes: who has a device open, who else looks after memory. */
#include <string.h>

#include "base/cleanup.h"
#include "host-tree.h"
#include "observe/observe.h"
#include "suites.h"

static char *root;

static void setup(void)
{
	root = host_tree_new();
}

static void teardown(void)
{
	root = tree_remove(root);
}

START_TEST(holders_while_bound_to_device_dax)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;
	const struct dax_device *d;

	host_tree_add_pmem(root);
	host_tree_add_hmem(root);
	tree_put(root, "proc/77/comm", "postgres\n");
	tree_put(root, "proc/77/maps", "");
	tree_link(root, "proc/77/fd/3", "/dev/dax2.0");
	tree_link(root, "proc/77/fd/4", "/dev/dax1.0");
	facts = host_tree_observe(root);
	d = facts_find_device(facts, "dax2.0");
	ck_assert_uint_eq(d->n_holders, 1);
	ck_assert_int_eq(d->holders[0].pid, 77);
	ck_assert_str_eq(d->holders[0].comm, "postgres");
	ck_assert_uint_eq(facts_find_device(facts, "dax1.0")->n_holders,
			  0); /* unbound: nothing can hold it */
}
END_TEST

static bool wants_one(const struct dax_device *device, void *userdata)
{
	unsigned *asked = userdata;

	(*asked)++;
	ck_assert_int_ne(device->distance.source, DISTANCE_UNKNOWN); /* all else is known */
	return strcmp(device->name, "dax2.0") == 0;
}

/* Only devices of device_dax are asked about, and only those that are wanted are looked for. */
START_TEST(holders_that_are_wanted)
{
	_cleanup_(observer_freep) struct observer *observer = NULL;
	_cleanup_(facts_freep) struct facts *facts = NULL;
	unsigned asked = 0;
	const struct observe_options options = {.wants_holders = wants_one, .userdata = &asked};
	struct sysfs sysfs;

	host_tree_add_pmem(root);
	host_tree_add_hmem(root);
	host_tree_bind(root, HMEM_DAX, "device_dax");
	host_tree_add_cxl(root);
	tree_put(root, "proc/77/comm", "postgres\n");
	tree_put(root, "proc/77/maps", "");
	tree_link(root, "proc/77/fd/3", "/dev/dax2.0");
	tree_link(root, "proc/77/fd/4", "/dev/dax1.0");
	ck_assert_int_eq(sysfs_open(&sysfs, root, NULL, NULL), 0);
	ck_assert_int_eq(observer_new(&sysfs, &options, &observer), 0);
	ck_assert_int_eq(observe(observer, &facts), 0);
	sysfs_close(&sysfs);
	ck_assert_uint_eq(asked, 2);
	ck_assert_uint_eq(facts_find_device(facts, "dax1.0")->n_holders, 0);
	ck_assert_uint_eq(facts_find_device(facts, "dax2.0")->n_holders, 1);
	facts = facts_free(facts);

	facts = host_tree_observe(root); /* without a choice: both */
	ck_assert_uint_eq(facts_find_device(facts, "dax1.0")->n_holders, 1);
	ck_assert_uint_eq(facts_find_device(facts, "dax2.0")->n_holders, 1);
}
END_TEST

static bool wants_when_told(void *userdata)
{
	return *(bool *)userdata;
}

/* Asked at each look: it takes a pass over all processes. */
START_TEST(competitors_that_are_wanted)
{
	_cleanup_(observer_freep) struct observer *observer = NULL;
	bool wanted = false;
	const struct observe_options options = {.wants_competitors = wants_when_told,
						.userdata = &wanted};
	struct sysfs sysfs;

	host_tree_add_cxl(root);
	tree_put(root, "proc/78/comm", "daxctl\n");
	ck_assert_int_eq(sysfs_open(&sysfs, root, NULL, NULL), 0);
	ck_assert_int_eq(observer_new(&sysfs, &options, &observer), 0);
	for (int i = 0; i < 2; i++) {
		_cleanup_(facts_freep) struct facts *facts = NULL;

		ck_assert_int_eq(observe(observer, &facts), 0);
		ck_assert_int_eq(strv_contains(&facts->host.competitors, "process 78 (daxctl)"),
				 wanted);
		wanted = true;
	}
	sysfs_close(&sysfs);
}
END_TEST

TCase *holder_tests(void)
{
	TCase *tcase = tcase_create("holder");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, holders_while_bound_to_device_dax);
	tcase_add_test(tcase, holders_that_are_wanted);
	tcase_add_test(tcase, competitors_that_are_wanted);
	return tcase;
}

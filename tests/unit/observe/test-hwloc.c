/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "host-tree.h"
#include "observe/hwloc.h"
#include "suites.h"

#define PLENTY_MSEC 60000

static char *root;

static void setup(void)
{
	root = host_tree_new();
}

static void teardown(void)
{
	root = tree_remove(root);
}

START_TEST(captured_root)
{
	_cleanup_(node_matrix_done) struct node_matrix m = {};

	ck_assert_int_eq(node_matrix_probe(hwloc_fill, root, PLENTY_MSEC, &m), 0);
	ck_assert_uint_eq(m.n, 2);
	ck_assert_uint_eq(node_matrix_get(&m, 0, 0), 10);
	ck_assert_uint_eq(node_matrix_get(&m, 0, 1), 21);
	ck_assert_uint_eq(node_matrix_get(&m, 1, 0), 21);
	ck_assert_ptr_null(getenv("HWLOC_FSROOT"));
	ck_assert_ptr_null(getenv("HWLOC_COMPONENTS"));
}
END_TEST

/* Numbers with a gap, and rows that are not symmetric. */
START_TEST(sparse_nodes)
{
	_cleanup_(node_matrix_done) struct node_matrix m = {};

	host_tree_add_node(root, 7, "10 21 31", "21 10 41");
	tree_put(root, "sys/devices/system/node/node7/distance", "32 42 10\n");
	ck_assert_int_eq(node_matrix_probe(hwloc_fill, root, PLENTY_MSEC, &m), 0);
	ck_assert_uint_eq(m.n, 3);
	ck_assert_uint_eq(node_matrix_get(&m, 0, 7), 31);
	ck_assert_uint_eq(node_matrix_get(&m, 1, 7), 41);
	ck_assert_uint_eq(node_matrix_get(&m, 7, 0), 32);
}
END_TEST

START_TEST(one_node_has_no_distances)
{
	struct node_matrix m = {.n = 77};

	tree_put(root, "sys/devices/system/node/online", "0\n");
	tree_put(root, "sys/devices/system/node/node0/distance", "10\n");
	ck_assert_int_eq(node_matrix_probe(hwloc_fill, root, PLENTY_MSEC, &m), -ENODATA);
	ck_assert_uint_eq(m.n, 77);
}
END_TEST

/* Somebody's environment is no fact of this host. */
START_TEST(environment_is_ignored)
{
	_cleanup_(node_matrix_done) struct node_matrix m = {};

	setenv("HWLOC_SYNTHETIC", "node:4 pu:1", 1);
	setenv("HWLOC_XMLFILE", "/nonexistent.xml", 1);
	setenv("HWLOC_COMPONENTS", "synthetic,stop", 1);
	setenv("HWLOC_FSROOT", "/nonexistent", 1);
	setenv("HWLOC_USE_NUMA_DISTANCES", "0", 1);
	ck_assert_int_eq(node_matrix_probe(hwloc_fill, root, PLENTY_MSEC, &m), 0);
	ck_assert_uint_eq(m.n, 2);
	ck_assert_uint_eq(node_matrix_get(&m, 0, 1), 21);
	ck_assert_str_eq(getenv("HWLOC_FSROOT"), "/nonexistent");
}
END_TEST

/* Answers -EEXIST when hwloc has opened a plugin. */
static int fill_without_plugins(const void *userdata, struct node_matrix *ret)
{
	int r = hwloc_fill(userdata, ret);

	return getenv("A_PLUGIN_WAS_HERE") ? -EEXIST : r;
}

/* A plugin is opened before it is known whether it is used: none may be found. */
START_TEST(plugins_are_not_opened)
{
	_cleanup_(node_matrix_done) struct node_matrix m = {};
	_cleanup_free_ char *folder = NULL, *command = NULL;

	tree_dir(root, "plugins-of-a-test");
	ck_assert_int_gt(asprintf(&folder, "%s/plugins-of-a-test", root), 0);
	ck_assert_int_gt(asprintf(&command, "cp '%s' '%s/hwloc_test.so'", FAKE_PLUGIN, folder), 0);
	ck_assert_int_eq(system(command), 0);
	setenv("HWLOC_PLUGINS_PATH", folder, 1);
	ck_assert_int_eq(node_matrix_probe(fill_without_plugins, root, PLENTY_MSEC, &m), 0);
	ck_assert_uint_eq(m.n, 2);
}
END_TEST

TCase *hwloc_tests(void)
{
	TCase *tcase = tcase_create("hwloc");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, captured_root);
	tcase_add_test(tcase, sparse_nodes);
	tcase_add_test(tcase, one_node_has_no_distances);
	tcase_add_test(tcase, environment_is_ignored);
	tcase_add_test(tcase, plugins_are_not_opened);
	return tcase;
}

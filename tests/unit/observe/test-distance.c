/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "failing-ops.h"
#include "host-tree.h"
#include "observe/distance-table.h"
#include "observe/numa.h"
#include "observe/observe.h"
#include "suites.h"

#define PLENTY_MSEC 60000

static char *root;

static void setup(void)
{
	root = host_tree_new();
}

static void teardown(void)
{
	unsetenv("FAKE_LIBNUMA");
	root = tree_remove(root);
}

/* The processes of this host may only use nodes 0 and 1: hwloc then lists no other. */
static void restrict_cpuset(void)
{
	tree_put(root, "proc/mounts", "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n");
	tree_put(root, "proc/self/cpuset", "/\n");
	tree_put(root, "sys/fs/cgroup/cgroup.controllers", "cpuset cpu\n");
	tree_put(root, "sys/fs/cgroup/cpuset.cpus.effective", "0-1\n");
	tree_put(root, "sys/fs/cgroup/cpuset.mems.effective", "0-1\n");
}

START_TEST(hwloc_where_it_lists_the_node)
{
	host_tree_add_cxl(root);
	host_tree_add_tables(root);
	host_tree_add_node(root, 2, "10 21 30", "21 10 40");
	assert_distance_in_peace(root, 40, DISTANCE_HWLOC, 1);
}
END_TEST

START_TEST(kernel_where_hwloc_does_not)
{
	host_tree_add_cxl(root);
	host_tree_add_tables(root);
	host_tree_add_node(root, 2, "10 21 30", "21 10 40");
	restrict_cpuset();
	assert_distance_in_peace(root, 40, DISTANCE_KERNEL, 1);
}
END_TEST

/* A cpuset gets a new node a moment late; what hwloc says without it is not kept. */
START_TEST(hwloc_catches_up)
{
	_cleanup_(observer_freep) struct observer *observer = NULL;
	_cleanup_(facts_freep) struct facts *early = NULL, *late = NULL;
	_cleanup_(sysfs_close) struct sysfs sysfs = {.root_fd = -EBADF};

	host_tree_add_cxl(root);
	host_tree_add_tables(root);
	host_tree_add_node(root, 2, "10 21 30", "21 10 40");
	restrict_cpuset();
	ck_assert_int_eq(sysfs_open(&sysfs, root, NULL, NULL), 0);
	ck_assert_int_eq(observer_new(&sysfs, NULL, &observer), 0);
	ck_assert_int_eq(observe(observer, &early), 0);
	ck_assert_int_eq(early->devices[0].distance.source, DISTANCE_KERNEL);
	tree_put(root, "sys/fs/cgroup/cpuset.mems.effective", "0-2\n");
	ck_assert_int_eq(observe(observer, &late), 0);
	ck_assert_int_eq(late->devices[0].distance.source, DISTANCE_HWLOC);
}
END_TEST

/* A row of another length than there are nodes was written while nodes came: it tells nothing. */
START_TEST(row_of_another_length)
{
	host_tree_add_cxl(root);
	host_tree_add_node(root, 2, "10 21 30", "21 10 40");
	restrict_cpuset();
	tree_put(root, "sys/devices/system/node/node1/distance", "21 10\n");
	assert_distance_in_peace(root, 20, DISTANCE_DEFAULT, 1);
	tree_put(root, "sys/devices/system/node/node1/distance", "21 10 40 50\n");
	assert_distance_in_peace(root, 20, DISTANCE_DEFAULT, 1);
	tree_put(root, "sys/devices/system/node/node1/distance", "21 10 far\n");
	assert_distance_in_peace(root, 20, DISTANCE_DEFAULT, 1);
}
END_TEST

/* A node with CPUs is local to itself, also where no table says so. */
START_TEST(default_of_a_local_node)
{
	host_tree_add_hmem(root);
	tree_delete(root, "sys/devices/system/node/node1");
	tree_delete(root, "sys/devices/system/node/node0/distance");
	tree_put(root, "sys/devices/system/node/online", "1\n");
	tree_put(root, "sys/devices/system/node/has_cpu", "1\n");
	assert_distance_in_peace(root, 10, DISTANCE_DEFAULT, 1);
}
END_TEST

/* The links lead to a node without CPUs: the nearest one to that node is the initiator. */
START_TEST(attached_to_a_node_without_cpus)
{
	host_tree_add_cxl(root);
	host_tree_add_node(root, 2, "10 21 31", "21 10 25");
	tree_put(root, CXL_PCI "/mem1/numa_node", "2\n");
	tree_put(root, CXL_DAX "/target_node", "2\n");
	assert_distance_in_peace(root, 25, DISTANCE_HWLOC, 1);
}
END_TEST

START_TEST(initiator_by_distance)
{
	host_tree_add_cxl(root);
	host_tree_add_node(root, 2, "10 21 31", "21 10 31");
	tree_put(root, CXL_PCI "/mem1/numa_node", "-1\n");
	assert_distance_in_peace(root, 31, DISTANCE_HWLOC, 0); /* the lower of equals */
	host_tree_add_node(root, 2, "10 21 31", "21 10 30");
	assert_distance_in_peace(root, 30, DISTANCE_HWLOC, 1);
}
END_TEST

START_TEST(initiator_unknown)
{
	host_tree_add_cxl(root);
	tree_put(root, CXL_PCI "/mem1/numa_node", "-1\n");
	assert_distance_in_peace(root, 20, DISTANCE_DEFAULT, -1);
	/* with one node that has CPUs there is no choice */
	tree_put(root, "sys/devices/system/node/has_cpu", "1\n");
	assert_distance_in_peace(root, 20, DISTANCE_DEFAULT, 1);
}
END_TEST

/* The libraries are asked again when a node came, and not while nothing changed. */
START_TEST(sources_are_asked_when_nodes_change)
{
	_cleanup_(observer_freep) struct observer *observer = NULL;
	struct facts *facts = NULL;
	uint64_t first, second;
	struct sysfs sysfs;

	host_tree_add_cxl(root);
	ck_assert_int_eq(sysfs_open(&sysfs, root, NULL, NULL), 0);
	ck_assert_int_eq(observer_new(&sysfs, NULL, &observer), 0);
	ck_assert_int_eq(observe(observer, &facts), 0);
	first = sysfs.n_reads;
	facts = facts_free(facts);
	/* a change that only a new question would notice */
	tree_put(root, "sys/devices/system/node/node0/distance", "10 99\n");
	ck_assert_int_eq(observe(observer, &facts), 0);
	second = sysfs.n_reads - first;
	ck_assert_uint_eq(first - second, 2); /* the rows of nodes 0 and 1 */
	facts = facts_free(facts);

	host_tree_add_node(root, 2, "10 21 31", "21 10 41");
	ck_assert_int_eq(observe(observer, &facts), 0);
	ck_assert_uint_eq(facts->devices[0].distance.value, 41);
	ck_assert_int_eq(facts->devices[0].distance.source, DISTANCE_HWLOC);
	facts = facts_free(facts);

	/* The node leaves with its memory: nothing of it is remembered. */
	tree_put(root, "sys/devices/system/node/online", "0-1\n");
	tree_put(root, "sys/devices/system/node/node0/distance", "10 21\n");
	tree_put(root, "sys/devices/system/node/node1/distance", "21 10\n");
	ck_assert_int_eq(observe(observer, &facts), 0);
	ck_assert_int_eq(facts->devices[0].distance.source, DISTANCE_DEFAULT);
	facts_free(facts);
	sysfs_close(&sysfs);
}
END_TEST

static void fill_pair(struct node_matrix *m, unsigned there, unsigned back)
{
	ck_assert_int_eq(node_matrix_init(m, 2), 0);
	m->ids[1] = 2;
	m->values[1] = there;
	m->values[2] = back;
}

/* libnuma's word counts where the kernel's row says the same. */
START_TEST(libnuma_is_checked)
{
	_cleanup_(distance_table_done) struct distance_table table = {};
	struct node_distance d;

	fill_pair(&table.kernel, 31, 32);
	fill_pair(&table.libnuma, 31, 10);
	d = distance_table_get(&table, 0, 2);
	ck_assert_uint_eq(d.value, 31);
	ck_assert_int_eq(d.source, DISTANCE_LIBNUMA);
	d = distance_table_get(&table, 2, 0);
	ck_assert_uint_eq(d.value, 32);
	ck_assert_int_eq(d.source, DISTANCE_KERNEL);

	table.libnuma.values[1] = 0;
	d = distance_table_get(&table, 0, 2);
	ck_assert_uint_eq(d.value, 31);
	ck_assert_int_eq(d.source, DISTANCE_KERNEL);

	table.kernel.values[1] = 0;
	table.libnuma.values[1] = 31;
	ck_assert_int_eq(distance_table_get(&table, 0, 2).source, DISTANCE_UNKNOWN);

	fill_pair(&table.hwloc, 33, 0);
	d = distance_table_get(&table, 0, 2);
	ck_assert_uint_eq(d.value, 33);
	ck_assert_int_eq(d.source, DISTANCE_HWLOC);
	ck_assert_int_eq(distance_table_get(&table, 2, 0).source, DISTANCE_KERNEL);
}
END_TEST

static void ask_libnuma(const char *behaviour, int expected, struct node_matrix *ret)
{
	_cleanup_(node_matrix_done) struct node_matrix nodes = {};

	ck_assert_int_eq(node_matrix_init(&nodes, 3), 0);
	nodes.ids[1] = 1;
	nodes.ids[2] = 3;
	setenv("FAKE_LIBNUMA", behaviour, 1);
	ck_assert_int_eq(node_matrix_probe(numa_fill, &nodes, PLENTY_MSEC, ret), expected);
}

/*
 * tests/unit/observe/fake-libnuma.c stands in for libnuma. Like that, it counts the nodes when it
 * is loaded, so this also shows that it is loaded anew for every question, and that it is never
 * asked about a node that it does not know, which would read beyond its table.
 */
START_TEST(libnuma_is_asked)
{
	_cleanup_(node_matrix_done) struct node_matrix m = {}, smaller = {}, none = {};

	ask_libnuma("3", 0, &m);
	ck_assert_uint_eq(m.n, 3);
	ck_assert_uint_eq(node_matrix_get(&m, 0, 0), 10);
	ck_assert_uint_eq(node_matrix_get(&m, 0, 3), 103);
	ck_assert_uint_eq(node_matrix_get(&m, 3, 1), 131);
	ask_libnuma("1", 0, &smaller);
	ck_assert_uint_eq(node_matrix_get(&smaller, 0, 1), 101);
	ck_assert_uint_eq(node_matrix_get(&smaller, 0, 3), 0);
	ask_libnuma("none", -ENOSYS, &none);
	ck_assert_uint_eq(none.n, 0);
}
END_TEST

TCase *distance_tests(void)
{
	TCase *tcase = tcase_create("distance");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, hwloc_where_it_lists_the_node);
	tcase_add_test(tcase, kernel_where_hwloc_does_not);
	tcase_add_test(tcase, hwloc_catches_up);
	tcase_add_test(tcase, row_of_another_length);
	tcase_add_test(tcase, default_of_a_local_node);
	tcase_add_test(tcase, attached_to_a_node_without_cpus);
	tcase_add_test(tcase, initiator_by_distance);
	tcase_add_test(tcase, initiator_unknown);
	tcase_add_test(tcase, sources_are_asked_when_nodes_change);
	tcase_add_test(tcase, libnuma_is_checked);
	tcase_add_test(tcase, libnuma_is_asked);
	return tcase;
}

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

/* One look at a host whose first device is the one in question. */
static struct facts *assert_distance(unsigned value, enum distance_source source, int initiator)
{
	struct facts *facts = host_tree_observe(root);
	const struct dax_device *d = &facts->devices[0];

	ck_assert_uint_ge(facts->n_devices, 1);
	ck_assert_str_eq(distance_source_to_string(d->distance.source),
			 distance_source_to_string(source));
	ck_assert_uint_eq(d->distance.value, value);
	ck_assert_int_eq(d->initiator_node, initiator);
	return facts;
}

static void assert_distance_in_peace(unsigned value, enum distance_source source, int initiator)
{
	struct facts *facts = assert_distance(value, source, initiator);

	for (size_t i = 0; i < facts->problems.n; i++)
		ck_abort_msg("%s", facts->problems.items[i]);
	facts_free(facts);
}

static const uint8_t three[] = {10, 21, 31, 21, 10, 41, 31, 41, 10};

/* CPUs in domains 0 and 1, the CXL device's addresses in domain 2. */
static void put_tables(void)
{
	struct acpi_table table;

	srat_begin(&table, 3);
	srat_local_apic(&table, 0, ACPI_TABLE_ENABLED);
	srat_x2apic(&table, 1, ACPI_TABLE_ENABLED);
	srat_memory(&table, 0, 0, GIB, ACPI_TABLE_ENABLED);
	srat_memory(&table, 1, GIB, GIB, ACPI_TABLE_ENABLED);
	srat_memory(&table, 2, CXL_BASE, GIB, ACPI_TABLE_ENABLED);
	acpi_table_seal(&table);
	host_tree_acpi(root, "SRAT", &table);
	slit_make(&table, 3, three);
	host_tree_acpi(root, "SLIT", &table);
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
	put_tables();
	host_tree_add_node(root, 2, "10 21 30", "21 10 40");
	assert_distance_in_peace(40, DISTANCE_HWLOC, 1);
}
END_TEST

START_TEST(kernel_where_hwloc_does_not)
{
	host_tree_add_cxl(root);
	put_tables();
	host_tree_add_node(root, 2, "10 21 30", "21 10 40");
	restrict_cpuset();
	assert_distance_in_peace(40, DISTANCE_KERNEL, 1);
}
END_TEST

/* A row of another length than there are nodes was written while nodes came: it tells nothing. */
START_TEST(row_of_another_length)
{
	host_tree_add_cxl(root);
	host_tree_add_node(root, 2, "10 21 30", "21 10 40");
	restrict_cpuset();
	tree_put(root, "sys/devices/system/node/node1/distance", "21 10\n");
	assert_distance_in_peace(20, DISTANCE_DEFAULT, 1);
	tree_put(root, "sys/devices/system/node/node1/distance", "21 10 40 50\n");
	assert_distance_in_peace(20, DISTANCE_DEFAULT, 1);
	tree_put(root, "sys/devices/system/node/node1/distance", "21 10 far\n");
	assert_distance_in_peace(20, DISTANCE_DEFAULT, 1);
}
END_TEST

START_TEST(slit_before_the_node_exists)
{
	host_tree_add_cxl(root);
	put_tables();
	assert_distance_in_peace(41, DISTANCE_SLIT, 1);
}
END_TEST

START_TEST(slit_finds_the_initiator)
{
	host_tree_add_cxl(root);
	tree_put(root, CXL_PCI "/mem1/numa_node", "-1\n");
	put_tables();
	assert_distance_in_peace(31, DISTANCE_SLIT, 0);
}
END_TEST

/* Nodes 0 and 1 are domains 4 and 1, in the order of the table. */
START_TEST(slit_goes_by_domains)
{
	uint8_t d[25];
	struct acpi_table table;

	host_tree_add_cxl(root);
	srat_begin(&table, 3);
	srat_memory(&table, 3, CXL_BASE - GIB, 4 * GIB, ACPI_TABLE_ENABLED);
	srat_local_apic(&table, 4, ACPI_TABLE_ENABLED);
	srat_local_apic(&table, 1, ACPI_TABLE_ENABLED);
	acpi_table_seal(&table);
	host_tree_acpi(root, "SRAT", &table);
	for (size_t i = 0; i < sizeof(d); i++)
		d[i] = i % 6 == 0 ? 10 : (uint8_t)(100 + i);
	slit_make(&table, 5, d);
	host_tree_acpi(root, "SLIT", &table);
	assert_distance_in_peace(100 + 1 * 5 + 3, DISTANCE_SLIT, 1);
	tree_put(root, CXL_PCI "/mem1/numa_node", "0\n");
	assert_distance_in_peace(100 + 4 * 5 + 3, DISTANCE_SLIT, 0);
}
END_TEST

/* The kernel extends a domain over the CXL window of which the SRAT lists a part. */
START_TEST(slit_by_the_target_node)
{
	struct acpi_table table;

	host_tree_add_cxl(root);
	put_tables();
	srat_begin(&table, 3);
	srat_local_apic(&table, 0, ACPI_TABLE_ENABLED);
	srat_local_apic(&table, 1, ACPI_TABLE_ENABLED);
	srat_memory(&table, 2, CXL_BASE + GIB, GIB, ACPI_TABLE_ENABLED);
	acpi_table_seal(&table);
	host_tree_acpi(root, "SRAT", &table);
	assert_distance_in_peace(41, DISTANCE_SLIT, 1);
}
END_TEST

/* CXL windows that the SRAT does not list get nodes of their own, at the default distance. */
START_TEST(default_of_a_window_without_domain)
{
	host_tree_add_cxl(root);
	put_tables();
	tree_put(root, CXL_DAX "/target_node", "3\n");
	tree_put(root, CXL_DAX "/mapping0/start", "0x10290000000\n");
	tree_put(root, CXL_DAX "/mapping0/end", "0x102cfffffff\n");
	assert_distance_in_peace(20, DISTANCE_DEFAULT, 1);
}
END_TEST

START_TEST(default_without_slit)
{
	host_tree_add_cxl(root);
	put_tables();
	tree_delete(root, "sys/firmware/acpi/tables/SLIT");
	assert_distance_in_peace(20, DISTANCE_DEFAULT, 1);
}
END_TEST

START_TEST(default_without_srat)
{
	host_tree_add_cxl(root);
	put_tables();
	tree_delete(root, "sys/firmware/acpi/tables/SRAT");
	assert_distance_in_peace(20, DISTANCE_DEFAULT, 1);
}
END_TEST

/* The SLIT has no row for the last domain of the SRAT. */
START_TEST(default_beyond_the_slit)
{
	static const uint8_t two[] = {10, 21, 21, 10};
	struct acpi_table table;

	host_tree_add_cxl(root);
	put_tables();
	slit_make(&table, 2, two);
	host_tree_acpi(root, "SLIT", &table);
	assert_distance_in_peace(20, DISTANCE_DEFAULT, 1);
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
	assert_distance_in_peace(10, DISTANCE_DEFAULT, 1);
}
END_TEST

/* The kernel disagrees about the node (numa=fake, or firmware that lies): addresses are certain,
 * numbers are not, so the nearest domain with CPUs decides. */
START_TEST(domain_of_another_node)
{
	struct facts *facts;

	host_tree_add_cxl(root);
	put_tables();
	tree_put(root, CXL_DAX "/target_node", "9\n");
	facts = assert_distance(31, DISTANCE_SLIT, 1);
	facts_problem(facts, "has dax0.0 in proximity domain 2, node 2, but the kernel announces "
			     "node 9");
	facts_free(facts);
}
END_TEST

/* Node 1 has CPUs and the SRAT's second domain has none: the numbers are not the kernel's. */
START_TEST(numbering_that_does_not_hold)
{
	struct acpi_table table;

	host_tree_add_cxl(root);
	put_tables();
	srat_begin(&table, 3);
	srat_local_apic(&table, 0, ACPI_TABLE_ENABLED);
	srat_memory(&table, 1, GIB, GIB, ACPI_TABLE_ENABLED);
	srat_memory(&table, 2, CXL_BASE, GIB, ACPI_TABLE_ENABLED);
	acpi_table_seal(&table);
	host_tree_acpi(root, "SRAT", &table);
	assert_distance_in_peace(31, DISTANCE_SLIT, 1);
}
END_TEST

/* Every refusal of the parsers says which table, and the default applies. */
START_TEST(broken_tables)
{
	static const struct {
		const char *name;
		size_t offset;
		uint8_t value;
		const char *problem;
	} cases[] = {
		{"SRAT", 0, 'X',
		 "ACPI table SRAT is not used, so that no distance can be taken "
		 "from firmware: at byte 0, the signature is not SRAT"},
		{"SRAT", 49, 0, "ACPI table SRAT is not used"},
		{"SLIT", 36, 200, "ACPI table SLIT is not used"},
		{"SLIT", 46, 10,
		 "ACPI table SLIT is not used, the default distances apply: at "
		 "byte 46"},
	};
	struct acpi_table table;
	struct facts *facts;

	host_tree_add_cxl(root);
	put_tables();
	srat_begin(&table, 3);
	srat_local_apic(&table, 0, ACPI_TABLE_ENABLED);
	if (strcmp(cases[_i].name, "SLIT") == 0)
		slit_make(&table, 3, three);
	table.bytes[cases[_i].offset] = cases[_i].value;
	acpi_table_seal(&table);
	host_tree_acpi(root, cases[_i].name, &table);
	facts = assert_distance(20, DISTANCE_DEFAULT, 1);
	facts_problem(facts, cases[_i].problem);
	facts_free(facts);
}
END_TEST

/* Two devices that need the same table are told about it once. */
START_TEST(one_problem_one_line)
{
	struct acpi_table table;
	struct facts *facts;

	host_tree_add_cxl(root);
	host_tree_add_pmem(root);
	srat_begin(&table, 3);
	host_tree_acpi(root, "SRAT", &table); /* never sealed */
	facts = assert_distance(20, DISTANCE_DEFAULT, 1);
	ck_assert_uint_eq(facts->n_devices, 2);
	ck_assert_uint_eq(facts->problems.n, 1);
	facts_free(facts);
}
END_TEST

/* /sys/firmware/acpi/tables is root's alone. */
START_TEST(tables_that_may_not_be_read)
{
	_cleanup_(observer_freep) struct observer *observer = NULL;
	_cleanup_(facts_freep) struct facts *facts = NULL;
	struct failing_ops ops = {.fail_path = "acpi/tables/SRAT", .error = -EACCES};
	struct sysfs sysfs;

	host_tree_add_cxl(root);
	put_tables();
	ck_assert_int_eq(sysfs_open(&sysfs, root, &failing_ops, &ops), 0);
	ck_assert_int_eq(observer_new(&sysfs, &observer), 0);
	ck_assert_int_eq(observe(observer, &facts), 0);
	ck_assert_str_eq(facts_problem(facts, "SRAT"),
			 "cannot read sys/firmware/acpi/tables/SRAT: Permission denied (EACCES); "
			 "run as root");
	ck_assert_int_eq(facts->devices[0].distance.source, DISTANCE_DEFAULT);
	facts = facts_free(facts);

	/* Privileges may come: it is tried again. */
	ops.fail_path = NULL;
	ck_assert_int_eq(observe(observer, &facts), 0);
	ck_assert_int_eq(facts->devices[0].distance.source, DISTANCE_SLIT);
	sysfs_close(&sysfs);
}
END_TEST

/* Nobody needs the tables where the nodes exist, so nobody is told that they cannot be read. */
START_TEST(tables_are_read_when_needed)
{
	_cleanup_(observer_freep) struct observer *observer = NULL;
	_cleanup_(facts_freep) struct facts *facts = NULL;
	struct failing_ops ops = {.fail_path = "acpi/tables/SRAT", .error = -EACCES};
	struct sysfs sysfs;

	host_tree_add_hmem(root);
	ck_assert_int_eq(sysfs_open(&sysfs, root, &failing_ops, &ops), 0);
	ck_assert_int_eq(observer_new(&sysfs, &observer), 0);
	ck_assert_int_eq(observe(observer, &facts), 0);
	ck_assert_uint_eq(facts->problems.n, 0);
	ck_assert_int_eq(facts->devices[0].distance.source, DISTANCE_HWLOC);
	sysfs_close(&sysfs);
}
END_TEST

/* The links lead to a node without CPUs: the nearest one to that node is the initiator. */
START_TEST(attached_to_a_node_without_cpus)
{
	host_tree_add_cxl(root);
	host_tree_add_node(root, 2, "10 21 31", "21 10 25");
	tree_put(root, CXL_PCI "/mem1/numa_node", "2\n");
	tree_put(root, CXL_DAX "/target_node", "2\n");
	assert_distance_in_peace(25, DISTANCE_HWLOC, 1);
}
END_TEST

START_TEST(initiator_by_distance)
{
	host_tree_add_cxl(root);
	host_tree_add_node(root, 2, "10 21 31", "21 10 31");
	tree_put(root, CXL_PCI "/mem1/numa_node", "-1\n");
	assert_distance_in_peace(31, DISTANCE_HWLOC, 0); /* the lower of equals */
	host_tree_add_node(root, 2, "10 21 31", "21 10 30");
	assert_distance_in_peace(30, DISTANCE_HWLOC, 1);
}
END_TEST

START_TEST(initiator_unknown)
{
	host_tree_add_cxl(root);
	tree_put(root, CXL_PCI "/mem1/numa_node", "-1\n");
	assert_distance_in_peace(20, DISTANCE_DEFAULT, -1);
	/* with one node that has CPUs there is no choice */
	tree_put(root, "sys/devices/system/node/has_cpu", "1\n");
	assert_distance_in_peace(20, DISTANCE_DEFAULT, 1);
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
	ck_assert_int_eq(observer_new(&sysfs, &observer), 0);
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
	tcase_add_test(tcase, row_of_another_length);
	tcase_add_test(tcase, slit_before_the_node_exists);
	tcase_add_test(tcase, slit_finds_the_initiator);
	tcase_add_test(tcase, slit_goes_by_domains);
	tcase_add_test(tcase, slit_by_the_target_node);
	tcase_add_test(tcase, default_of_a_window_without_domain);
	tcase_add_test(tcase, default_without_slit);
	tcase_add_test(tcase, default_without_srat);
	tcase_add_test(tcase, default_beyond_the_slit);
	tcase_add_test(tcase, default_of_a_local_node);
	tcase_add_test(tcase, domain_of_another_node);
	tcase_add_test(tcase, numbering_that_does_not_hold);
	tcase_add_loop_test(tcase, broken_tables, 0, 4);
	tcase_add_test(tcase, one_problem_one_line);
	tcase_add_test(tcase, tables_that_may_not_be_read);
	tcase_add_test(tcase, tables_are_read_when_needed);
	tcase_add_test(tcase, attached_to_a_node_without_cpus);
	tcase_add_test(tcase, initiator_by_distance);
	tcase_add_test(tcase, initiator_unknown);
	tcase_add_test(tcase, sources_are_asked_when_nodes_change);
	tcase_add_test(tcase, libnuma_is_checked);
	tcase_add_test(tcase, libnuma_is_asked);
	return tcase;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host-tree.h"

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "observe/observe.h"

static void put_node(const char *root, int id, const char *cpumap, const char *row)
{
	char path[96];

	snprintf(path, sizeof(path), "sys/devices/system/node/node%d/cpumap", id);
	tree_putf(root, path, "%s\n", cpumap);
	snprintf(path, sizeof(path), "sys/devices/system/node/node%d/distance", id);
	tree_putf(root, path, "%s\n", row);
	snprintf(path, sizeof(path), "sys/devices/system/node/node%d/meminfo", id);
	tree_putf(root, path,
		  "Node %d MemTotal:        %d kB\nNode %d MemFree:          %d kB\n"
		  "Node %d MemUsed:          4096 kB\nNode %d Inactive:         5000 kB\n"
		  "Node %d Inactive(file):   1000 kB\nNode %d SReclaimable:       24 kB\n",
		  id, 1048576 + id, id, 524288 + id, id, id, id, id);
}

static void put_nodes(const char *root)
{
	tree_put(root, "sys/devices/system/node/online", "0-1\n");
	tree_put(root, "sys/devices/system/node/possible", "0-3\n");
	tree_put(root, "sys/devices/system/node/has_cpu", "0-1\n");
	tree_put(root, "sys/devices/system/node/has_memory", "0-1\n");
	put_node(root, 0, "1", "10 21");
	put_node(root, 1, "2", "21 10");
	tree_put(root, "proc/zoneinfo",
		 "Node 0, zone      DMA\n"
		 "  pages free     2816\n"
		 "        managed  3840\n"
		 "    pagesets\n"
		 "Node 0, zone    DMA32\n"
		 "        managed  60000\n"
		 "Node 0, zone   Normal\n"
		 "        managed  200000\n"
		 "Node 1, zone   Normal\n"
		 "        managed  250000\n"
		 "Node 1, zone  Movable\n"
		 "        managed  32768\n"
		 "Node 1, zone   Device\n"
		 "        managed  77777\n");
	tree_put(root, "sys/devices/virtual/memory_tiering/memory_tier4/nodelist", "0-1\n");
}

/* What hwloc wants to see of CPUs. */
static void put_cpus(const char *root)
{
	tree_put(root, "sys/devices/system/cpu/online", "0-1\n");
	tree_put(root, "sys/devices/system/cpu/possible", "0-1\n");
	tree_put(root, "sys/devices/system/cpu/cpu0/topology/core_cpus", "1\n");
	tree_put(root, "sys/devices/system/cpu/cpu1/topology/core_cpus", "2\n");
	tree_put(root, "sys/devices/system/cpu/cpu0/topology/package_cpus", "1\n");
	tree_put(root, "sys/devices/system/cpu/cpu1/topology/package_cpus", "2\n");
}

char *host_tree_new(void)
{
	char *root = tree_new();

	tree_put(root, "proc/sys/kernel/osrelease", "6.12.57+deb13-amd64\n");
	tree_put(root, "sys/devices/system/memory/block_size_bytes", "8000000\n");
	tree_put(root, "sys/devices/system/memory/auto_online_blocks", "online\n");
	tree_put(root, "sys/module/memory_hotplug/parameters/memmap_on_memory", "Y\n");
	tree_put(root, "sys/bus/dax/drivers_autoprobe", "1\n");
	tree_dir(root, "sys/bus/dax/drivers/device_dax");
	tree_dir(root, "sys/bus/dax/drivers/kmem");
	tree_dir(root, "sys/bus/dax/devices");
	put_nodes(root);
	put_cpus(root);
	return root;
}

/* Relative links are written from some folder up to sys. */
static const char *from_sys(const char *path)
{
	return path + strlen("sys/");
}

static char *below(const char *path, const char *name)
{
	static char buf[512];

	snprintf(buf, sizeof(buf), "%s/%s", path, name);
	return buf;
}

static void put_device(const char *root, const char *path, uint64_t start, uint64_t size)
{
	const char *name = strrchr(path, '/') + 1;
	char target[512], link[64];

	snprintf(link, sizeof(link), "sys/bus/dax/devices/%s", name);
	snprintf(target, sizeof(target), "../../../%s", from_sys(path));
	tree_link(root, link, target);
	tree_putf(root, below(path, "size"), "%" PRIu64 "\n", size);
	tree_put(root, below(path, "align"), "2097152\n");
	tree_put(root, below(path, "numa_node"), "-1\n");
	tree_put(root, below(path, "dev"), "251:3\n");
	tree_putf(root, below(path, "mapping0/start"), "0x%" PRIx64 "\n", start);
	tree_putf(root, below(path, "mapping0/end"), "0x%" PRIx64 "\n", start + size - 1);
}

static void put_memdev(const char *root, int endpoint, int memdev, int node, const char *serial)
{
	char path[160], target[200];

	snprintf(path, sizeof(path), CXL_PCI "/mem%d/serial", memdev);
	tree_putf(root, path, "%s\n", serial);
	snprintf(path, sizeof(path), CXL_PCI "/mem%d/numa_node", memdev);
	tree_putf(root, path, "%d\n", node);
	snprintf(path, sizeof(path), CXL_PORT "/endpoint%d/uport", endpoint);
	snprintf(target, sizeof(target), "../../../../../../%s/mem%d", from_sys(CXL_PCI), memdev);
	tree_link(root, path, target);
	snprintf(path, sizeof(path), CXL_PORT "/endpoint%d/decoder%d.0/mode", endpoint, endpoint);
	tree_put(root, path, "ram\n");
	snprintf(path, sizeof(path), "sys/bus/cxl/devices/decoder%d.0", endpoint);
	snprintf(target, sizeof(target), "../../../%s/endpoint%d/decoder%d.0", from_sys(CXL_PORT),
		 endpoint, endpoint);
	tree_link(root, path, target);
}

void host_tree_add_cxl(const char *root)
{
	put_device(root, CXL_DAX, CXL_BASE, GIB);
	tree_put(root, CXL_DAX "/target_node", "2\n");
	tree_put(root, CXL_DAX "/memmap_on_memory", "1\n");
	tree_put(root, CXL_REGION "/target0", "decoder2.0\n");
	put_memdev(root, 2, 1, 1, "0xabc1");
	put_memdev(root, 3, 0, 0, "0xabc0");
}

void host_tree_add_hmem(const char *root)
{
	put_device(root, HMEM_DAX, HMEM_BASE, 2 * GIB);
	tree_put(root, HMEM_DAX "/target_node", "1\n");
	tree_put(root, HMEM_DAX "/memmap_on_memory", "0\n");
	tree_put(root, "sys/devices/platform/hmem.0/numa_node", "0\n");
}

void host_tree_add_pmem(const char *root)
{
	put_device(root, PMEM_DAX, PMEM_BASE, PMEM_SIZE);
	tree_put(root, PMEM_DAX "/target_node", "3\n");
	tree_put(root, PMEM_DAX "/memmap_on_memory", "0\n");
	host_tree_bind(root, PMEM_DAX, "device_dax");
}

void host_tree_add_node(const char *root, int id, const char *row0, const char *row1)
{
	put_node(root, id, "0", row0);
	tree_putf(root, "sys/devices/system/node/online", "0-1,%d\n", id);
	tree_putf(root, "sys/devices/system/node/node0/distance", "%s\n", row0);
	tree_putf(root, "sys/devices/system/node/node1/distance", "%s\n", row1);
}

void host_tree_bind(const char *root, const char *path, const char *driver)
{
	char target[256] = "";

	for (const char *p = path; (p = strchr(p, '/')); p++)
		strcat(target, "../");
	strcat(target, "bus/dax/drivers/");
	strcat(target, driver);
	tree_link(root, below(path, "driver"), target);
}

void host_tree_block(const char *root, uint64_t number, const char *state, const char *zones)
{
	char path[96];

	snprintf(path, sizeof(path), "sys/devices/system/memory/memory%" PRIu64 "/state", number);
	tree_putf(root, path, "%s\n", state);
	snprintf(path, sizeof(path), "sys/devices/system/memory/memory%" PRIu64 "/valid_zones",
		 number);
	tree_putf(root, path, "%s\n", zones);
}

void host_tree_acpi(const char *root, const char *name, const struct acpi_table *table)
{
	_cleanup_fclose_ FILE *file = NULL;
	char path[64], full[512];

	snprintf(path, sizeof(path), "sys/firmware/acpi/tables/%s", name);
	tree_put(root, path, "");
	snprintf(full, sizeof(full), "%s/%s", root, path);
	file = fopen(full, "we");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(table->bytes, 1, table->size, file), table->size);
}

const uint8_t host_slit[] = {10, 21, 31, 21, 10, 41, 31, 41, 10};

void host_tree_add_tables(const char *root)
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
	slit_make(&table, 3, host_slit);
	host_tree_acpi(root, "SLIT", &table);
}

struct facts *host_tree_observe(const char *root)
{
	_cleanup_(observer_freep) struct observer *observer = NULL;
	struct facts *facts = NULL;
	struct sysfs sysfs;

	ck_assert_int_eq(sysfs_open(&sysfs, root, NULL, NULL), 0);
	ck_assert_int_eq(observer_new(&sysfs, NULL, &observer), 0);
	ck_assert_int_eq(observe(observer, &facts), 0);
	sysfs_close(&sysfs);
	return facts;
}

const char *facts_problem(const struct facts *facts, const char *text)
{
	for (size_t i = 0; i < facts->problems.n; i++)
		if (strstr(facts->problems.items[i], text))
			return facts->problems.items[i];
	for (size_t i = 0; i < facts->problems.n; i++)
		fprintf(stderr, "problem: %s\n", facts->problems.items[i]);
	ck_abort_msg("no problem says \"%s\"", text);
}

struct facts *assert_distance(const char *root, unsigned value, enum distance_source source,
			      int initiator)
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

void assert_distance_in_peace(const char *root, unsigned value, enum distance_source source,
			      int initiator)
{
	struct facts *facts = assert_distance(root, value, source, initiator);

	for (size_t i = 0; i < facts->problems.n; i++)
		ck_abort_msg("%s", facts->problems.items[i]);
	facts_free(facts);
}

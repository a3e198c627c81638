/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host itself: what is there before the first device, and the look of all of it. */
#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "acpi-table.h"
#include "fake-kernel-model.h"

static void set_option(const char *root, const char *key, uint64_t value)
{
	char *path = fk_path(FK_STATE "/host/%s", key);

	tree_putf(root, path, "%" PRIu64 "\n", value);
	free(path);
}

void fk_bus_register(const char *root)
{
	tree_put(root, "sys/bus/dax/drivers_autoprobe", "1\n");
	tree_put(root, "sys/bus/dax/drivers_probe", "");
	tree_dir(root, "sys/bus/dax/devices");
	fk_driver_register(root, "device_dax");
	if (!fk_host_flag(root, "no_kmem"))
		fk_driver_register(root, "kmem");
}

void fake_kernel_load_kmem(const char *root)
{
	int lock = fk_lock(root);

	set_option(root, "no_kmem", 0);
	tree_dir(root, "sys/module/kmem");
	if (!tree_has(root, "sys/bus/dax"))
		fk_bus_register(root);
	else
		fk_driver_register(root, "kmem");
	fk_unlock(lock);
}

static void put_table(const char *root, const char *name, struct acpi_table *table)
{
	char *path = fk_path("sys/firmware/acpi/tables/%s", name);

	acpi_table_seal(table);
	tree_put_blob(root, path, table->bytes, table->size);
	free(path);
}

/* One domain a node, numbered alike: the kernel counts them in the order of the SRAT. */
static void put_firmware(const char *root, const struct fake_kernel_host *host, uint64_t dram)
{
	size_t n = host->n_affinities + 1;
	struct acpi_table table;
	uint8_t *distances;

	srat_begin(&table, 3);
	srat_local_apic(&table, 0, ACPI_TABLE_ENABLED);
	srat_memory(&table, 0, 0, dram, ACPI_TABLE_ENABLED);
	for (size_t i = 0; i < host->n_affinities; i++)
		srat_memory(&table, (uint32_t)i + 1, host->affinities[i].base,
			    host->affinities[i].size, ACPI_TABLE_ENABLED);
	put_table(root, "SRAT", &table);

	distances = malloc(n * n);
	if (!distances)
		abort();
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++) {
			unsigned a = i ? host->affinities[i - 1].distance : 10;
			unsigned b = j ? host->affinities[j - 1].distance : 10;

			distances[i * n + j] = (uint8_t)(i == j ? 10 : a + b - 10);
		}
	slit_make(&table, n, distances);
	put_table(root, "SLIT", &table);
	free(distances);
	for (size_t i = 0; i < host->n_affinities; i++) {
		char *key = fk_path("distance-%zu", i + 1);

		set_option(root, key, host->affinities[i].distance);
		free(key);
	}
}

/* DRAM's own blocks: online, and none of our business. */
static void put_boot_blocks(const char *root, uint64_t dram, uint64_t block_size)
{
	for (uint64_t i = 0; i < dram / block_size; i++) {
		char *path = fk_path(FK_MEMORY "/memory%" PRIu64 "/state", i), *target;

		tree_put(root, path, "online\n");
		free(path);
		path = fk_path(FK_MEMORY "/memory%" PRIu64 "/valid_zones", i);
		tree_put(root, path, "Normal\n");
		free(path);
		path = fk_path(FK_MEMORY "/memory%" PRIu64 "/node0", i);
		tree_link(root, path, "../../node/node0");
		free(path);
		path = fk_path(FK_NODES "/node0/memory%" PRIu64, i);
		target = fk_path("../../memory/memory%" PRIu64, i);
		tree_link(root, path, target);
		free(target);
		free(path);
	}
}

static void put_memory(const char *root, const struct fake_kernel_host *host)
{
	uint64_t block_size = host->block_size ? host->block_size : 128 * FAKE_KERNEL_MIB;
	uint64_t dram = host->dram ? host->dram : 4 * FAKE_KERNEL_GIB;
	const char *param = host->memmap_param ? host->memmap_param : "Y";

	set_option(root, "block_size", block_size);
	tree_putf(root, FK_MEMORY "/block_size_bytes", "%" PRIx64 "\n", block_size);
	tree_putf(root, FK_MEMORY "/auto_online_blocks", "%s\n",
		  host->auto_online ? host->auto_online : "online");
	if (param[0])
		tree_putf(root, "sys/module/memory_hotplug/parameters/memmap_on_memory", "%s\n",
			  param);
	fk_node_save(root, &(struct fk_node){.has_cpu = 1, .distance = 10, .normal = dram});
	tree_putf(root, FK_NODES "/possible", "0-%zu\n", host->n_affinities + 8);
	put_boot_blocks(root, dram, block_size);
	if (host->affinities)
		put_firmware(root, host, dram);
}

void fake_kernel_create(const char *root, const struct fake_kernel_host *host)
{
	int lock;

	tree_dir(root, FK_STATE "/devices");
	lock = fk_lock(root);
	set_option(root, "has_state", host->has_state);
	set_option(root, "no_knob", host->no_knob);
	set_option(root, "no_kmem", host->no_kmem);
	set_option(root, "match_always", host->match_always);
	set_option(root, "memdevs", 0);
	set_option(root, "minors", 0);
	tree_putf(root, "proc/sys/kernel/osrelease", "%s\n",
		  host->release ? host->release : "6.12.107+deb13-amd64");
	tree_put(root, "capture/page_size", "4096\n");
	put_memory(root, host);
	if (!host->no_dax)
		fk_bus_register(root);
	fk_unlock(lock);
}

static void process_put(const char *root, int pid, const char *name, const char *text)
{
	char *path = fk_path("proc/%d/%s", pid, name);

	tree_putf(root, path, "%s\n", text);
	free(path);
}

void fake_kernel_start_process(const char *root, int pid, const char *comm, const char *device,
			       enum fake_kernel_use use)
{
	char *path = fk_path("proc/%d/fd", pid), *text;

	tree_dir(root, path);
	free(path);
	process_put(root, pid, "comm", comm);
	text = fk_path("7f0000000000-7f0040000000 rw-s 00000000 00:06 9    /dev/%s", device);
	process_put(root, pid, "maps", text);
	free(text);
	if (use == FAKE_KERNEL_OPEN) {
		path = fk_path("proc/%d/fd/3", pid);
		text = fk_path("/dev/%s", device);
		tree_link(root, path, text);
		free(text);
		free(path);
	}
}

void fake_kernel_end_process(const char *root, int pid)
{
	char *path = fk_path("proc/%d", pid);

	tree_delete(root, path);
	free(path);
}

static void snapshot(const char *root, const char *path, FILE *out);

static void snapshot_entry(const char *root, const char *path, FILE *out)
{
	char *full = fk_path("%s/%s", root, path), target[PATH_MAX], *content;
	struct stat st;
	ssize_t n;

	if (lstat(full, &st) < 0)
		abort();
	if (S_ISDIR(st.st_mode)) {
		snapshot(root, path, out);
	} else if (S_ISLNK(st.st_mode)) {
		n = readlink(full, target, sizeof(target) - 1);
		target[n < 0 ? 0 : n] = '\0';
		fprintf(out, "%s -> %s\n", path, target);
	} else {
		content = tree_get(root, path);
		fprintf(out, "%s = %s\n", path, content ? content : "");
		free(content);
	}
	free(full);
}

static void snapshot(const char *root, const char *path, FILE *out)
{
	char *full = fk_path("%s/%s", root, path);
	struct dirent **entries;
	int n = scandir(full, &entries, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		if (strcmp(entries[i]->d_name, ".") != 0 && strcmp(entries[i]->d_name, "..") != 0) {
			char *below = fk_path("%s/%s", path, entries[i]->d_name);

			snapshot_entry(root, below, out);
			free(below);
		}
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	free(full);
}

char *fake_kernel_snapshot(const char *root)
{
	int lock = fk_lock(root);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	snapshot(root, "proc", out);
	snapshot(root, "sys", out);
	snapshot(root, FK_STATE "/ids", out);
	if (fclose(out) != 0)
		abort();
	fk_unlock(lock);
	return text;
}

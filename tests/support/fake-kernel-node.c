/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NUMA nodes, and every file that shows how much memory is where. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "fake-kernel-model.h"

#define NODES_MAX   64
#define PAGE_SIZE_K 4

static char *state_path(int id)
{
	return fk_path(FK_STATE "/nodes/%d", id);
}

int fk_node_load(const char *root, int id, struct fk_node *ret)
{
	struct fk_node node = {.id = id};
	unsigned *p = node.performance;
	char *path = state_path(id), *text = tree_get(root, path);
	int n;

	free(path);
	if (!text)
		return -ENOENT;
	n = sscanf(text, "%d %u %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %u %u %u %u",
		   &node.has_cpu, &node.distance, &node.normal, &node.movable, &node.memmap,
		   &node.blocks, &p[0], &p[1], &p[2], &p[3]);
	free(text);
	if (n != 10)
		abort();
	*ret = node;
	return 0;
}

uint64_t fk_node_free(const struct fk_node *node)
{
	uint64_t total = node->normal + node->movable, used;

	/* What a booted system uses is an eighth of its DRAM. */
	used = (node->has_cpu ? total / 8 : 0) + node->memmap;
	return used < total ? total - used : 0;
}

static int compare_node(const void *a, const void *b)
{
	return ((const struct fk_node *)a)->id - ((const struct fk_node *)b)->id;
}

/* Sorted by id. */
static size_t load_all(const char *root, struct fk_node nodes[static NODES_MAX])
{
	char *path = fk_path("%s/" FK_STATE "/nodes", root);
	DIR *dir = opendir(path);
	struct dirent *entry;
	size_t n = 0;

	free(path);
	while (dir && n < NODES_MAX && (entry = readdir(dir)))
		if (isdigit((unsigned char)entry->d_name[0]) && !strchr(entry->d_name, '.') &&
		    fk_node_load(root, atoi(entry->d_name), &nodes[n]) == 0)
			n++;
	if (dir)
		closedir(dir);
	qsort(nodes, n, sizeof(*nodes), compare_node);
	return n;
}

static unsigned distance_between(const struct fk_node *a, const struct fk_node *b)
{
	if (a->id == b->id)
		return 10;
	if (a->has_cpu || b->has_cpu)
		return a->has_cpu ? b->distance : a->distance;
	return a->distance + b->distance - 10;
}

static void show_distances(const char *root, const struct fk_node *nodes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *path = fk_path(FK_NODES "/node%d/distance", nodes[i].id), *row = NULL;

		for (size_t j = 0; j < n; j++) {
			char *longer = fk_path("%s%s%u", row ? row : "", row ? " " : "",
					       distance_between(&nodes[i], &nodes[j]));

			free(row);
			row = longer;
		}
		tree_putf(root, path, "%s\n", row);
		free(row);
		free(path);
	}
}

static void show_list(const char *root, const char *path, const struct fk_node *nodes, size_t n,
		      int (*is_in)(const struct fk_node *node))
{
	char *list = fk_path("%s", ""), *longer;

	for (size_t i = 0; i < n; i++)
		if (is_in(&nodes[i])) {
			longer = fk_path("%s%s%d", list, list[0] ? "," : "", nodes[i].id);
			free(list);
			list = longer;
		}
	tree_putf(root, path, "%s\n", list);
	free(list);
}

static int is_any(const struct fk_node *node)
{
	return 1;
}

static int has_cpu(const struct fk_node *node)
{
	return node->has_cpu;
}

static int has_memory(const struct fk_node *node)
{
	return node->normal + node->movable > 0;
}

static int has_normal_memory(const struct fk_node *node)
{
	return node->normal > 0;
}

static int is_slow(const struct fk_node *node)
{
	return !node->has_cpu && has_memory(node);
}

/* Tiers exist while a node with memory is in them. */
static void show_tiers(const char *root, const struct fk_node *nodes, size_t n)
{
	static const char slow[] = "sys/devices/virtual/memory_tiering/memory_tier22";
	size_t slow_nodes = 0;
	char *path;

	for (size_t i = 0; i < n; i++)
		slow_nodes += is_slow(&nodes[i]) != 0;
	show_list(root, "sys/devices/virtual/memory_tiering/memory_tier4/nodelist", nodes, n,
		  has_cpu);
	path = fk_path("%s/nodelist", slow);
	if (slow_nodes > 0)
		show_list(root, path, nodes, n, is_slow);
	else
		tree_delete(root, slow);
	free(path);
}

static uint64_t pages(uint64_t bytes)
{
	return bytes / 1024 / PAGE_SIZE_K;
}

static char *zone_text(char *text, const struct fk_node *node, const char *zone, uint64_t managed,
		       uint64_t present, uint64_t free_bytes)
{
	char *longer;

	longer = fk_path("%sNode %d, zone %8s\n"
			 "  pages free     %" PRIu64 "\n"
			 "        boost    0\n"
			 "        min      0\n"
			 "        low      0\n"
			 "        high     0\n"
			 "        promo    0\n"
			 "        spanned  %" PRIu64 "\n"
			 "        present  %" PRIu64 "\n"
			 "        managed  %" PRIu64 "\n"
			 "        cma      0\n"
			 "        protection: (0, 0, 0, 0, 0)\n",
			 text, node->id, zone, pages(free_bytes), pages(present), pages(present),
			 pages(managed));
	free(text);
	return longer;
}

static void show_zones(const char *root, const struct fk_node *nodes, size_t n)
{
	char *text = fk_path("%s", "");

	for (size_t i = 0; i < n; i++) {
		uint64_t available = fk_node_free(&nodes[i]);
		uint64_t normal = available < nodes[i].movable ? 0 : available - nodes[i].movable;

		text = zone_text(text, &nodes[i], "Normal", nodes[i].normal, nodes[i].normal,
				 normal);
		text = zone_text(text, &nodes[i], "Movable", nodes[i].movable, nodes[i].movable,
				 available - normal);
		text = zone_text(text, &nodes[i], "Device", 0, 0, 0);
	}
	tree_put(root, "proc/zoneinfo", text);
	free(text);
}

static void show_meminfo(const char *root, const struct fk_node *nodes, size_t n)
{
	uint64_t total = 0, available = 0;

	for (size_t i = 0; i < n; i++) {
		char *path = fk_path(FK_NODES "/node%d/meminfo", nodes[i].id);
		uint64_t size = nodes[i].normal + nodes[i].movable;
		uint64_t unused = fk_node_free(&nodes[i]);

		tree_putf(root, path,
			  "Node %d MemTotal:       %" PRIu64 " kB\n"
			  "Node %d MemFree:        %" PRIu64 " kB\n"
			  "Node %d MemUsed:        %" PRIu64 " kB\n",
			  nodes[i].id, size / 1024, nodes[i].id, unused / 1024, nodes[i].id,
			  (size - unused) / 1024);
		free(path);
		total += size;
		available += unused;
	}
	tree_putf(root, "proc/meminfo",
		  "MemTotal:       %" PRIu64 " kB\n"
		  "MemFree:        %" PRIu64 " kB\n",
		  total / 1024, available / 1024);
}

static void show_performance(const char *root, const struct fk_node *node)
{
	static const char *const names[] = {"read_latency", "write_latency", "read_bandwidth",
					    "write_bandwidth"};

	for (size_t i = 0; i < 4; i++) {
		char *path = fk_path(FK_NODES "/node%d/access0/initiators/%s", node->id, names[i]);

		if (node->performance[i])
			tree_putf(root, path, "%u\n", node->performance[i]);
		free(path);
	}
}

static void show(const char *root)
{
	struct fk_node nodes[NODES_MAX];
	size_t n = load_all(root, nodes);

	show_meminfo(root, nodes, n);
	show_zones(root, nodes, n);
	show_list(root, FK_NODES "/has_memory", nodes, n, has_memory);
	show_list(root, FK_NODES "/has_normal_memory", nodes, n, has_normal_memory);
	show_tiers(root, nodes, n);
}

/* What changes only when a node comes or goes. */
static void show_nodes(const char *root)
{
	struct fk_node nodes[NODES_MAX];
	size_t n = load_all(root, nodes);

	show_list(root, FK_NODES "/online", nodes, n, is_any);
	show_list(root, FK_NODES "/has_cpu", nodes, n, has_cpu);
	show_distances(root, nodes, n);
}

void fk_node_save(const char *root, const struct fk_node *node)
{
	const unsigned *p = node->performance;
	char *path = state_path(node->id);
	int is_new = !tree_has(root, path);

	tree_putf(root, path, "%d %u %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %u %u %u %u\n",
		  node->has_cpu, node->distance, node->normal, node->movable, node->memmap,
		  node->blocks, p[0], p[1], p[2], p[3]);
	free(path);
	if (is_new) {
		path = fk_path(FK_NODES "/node%d/cpulist", node->id);
		tree_put(root, path, node->has_cpu ? "0-3\n" : "\n");
		free(path);
		/* The kernel has a file here whose name begins as the links to blocks do. */
		path = fk_path(FK_NODES "/node%d/memory_failure/total", node->id);
		tree_put(root, path, "0\n");
		free(path);
		show_performance(root, node);
		show_nodes(root);
	}
	show(root);
}

void fk_node_remove(const char *root, int id)
{
	char *path = state_path(id);

	tree_delete(root, path);
	free(path);
	path = fk_path(FK_NODES "/node%d", id);
	tree_delete(root, path);
	free(path);
	show_nodes(root);
	show(root);
}

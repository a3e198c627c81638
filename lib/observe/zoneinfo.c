/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/zoneinfo.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

static struct numa_node *find_node(struct facts *facts, int id)
{
	for (size_t i = 0; i < facts->n_nodes; i++)
		if (facts->nodes[i].id == id)
			return &facts->nodes[i];
	return NULL;
}

/* Memory behind device drivers' pages is no memory that anybody can allocate. */
static void count(struct numa_node *node, const char *zone, uint64_t bytes)
{
	int z = zone_from_string(zone);

	if (z == ZONE_MOVABLE)
		node->movable += bytes;
	else if (z != ZONE_DEVICE)
		node->kernel += bytes;
}

/*
 * Sections "Node 0, zone   Normal" with a line "        managed  12345" in pages of the base size.
 * Managed is what the page allocator has: without what the kernel keeps, memmaps for instance.
 */
int zoneinfo_look(struct look *look, struct facts *facts)
{
	_cleanup_free_ char *text = NULL;
	struct numa_node *node = NULL;
	char *save = NULL, zone[16];
	int r;

	r = look_string(look, &text, "proc/zoneinfo");
	if (r < 0 || !text)
		return r;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		uint64_t pages;
		int id;

		if (sscanf(line, "Node %d, zone %15s", &id, zone) == 2)
			node = find_node(facts, id);
		else if (node && sscanf(line, " managed %" SCNu64, &pages) == 1)
			count(node, zone, pages * facts->host.page_size);
	}
	return 0;
}

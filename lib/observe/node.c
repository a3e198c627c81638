/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/node.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "observe/tier.h"
#include "observe/zoneinfo.h"

#define NODES "sys/devices/system/node"

static int add_node(unsigned n, void *userdata)
{
	struct facts *facts = userdata;
	struct numa_node *grown;

	grown = reallocarray(facts->nodes, facts->n_nodes + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	facts->nodes = grown;
	facts->nodes[facts->n_nodes++] = (struct numa_node){.id = (int)n, .tier = -1};
	return 0;
}

static int mark_cpu(unsigned n, void *userdata)
{
	struct facts *facts = userdata;

	for (size_t i = 0; i < facts->n_nodes; i++)
		if (facts->nodes[i].id == (int)n)
			facts->nodes[i].has_cpu = true;
	return 0;
}

/* A mask of nodes as text, "" when it cannot be had. */
static int read_mask(struct look *look, const char *name, char **ret)
{
	_cleanup_free_ char *text = NULL;
	int r;

	r = look_string(look, &text, NODES "/%s", name);
	if (r < 0)
		return r;
	if (!text)
		text = strdup("");
	if (!text)
		return -ENOMEM;
	*ret = TAKE_PTR(text);
	return 0;
}

static int parse_mask(struct look *look, const char *name, const char *text,
		      int (*fn)(unsigned n, void *userdata), struct facts *facts)
{
	int r;

	r = parse_kernel_list(text, fn, facts);
	if (r == 0 || r == -ENOMEM)
		return r;
	return look_problem(look, NODES "/%s reads \"%s\", which is no list of nodes", name, text);
}

/* "Node 0 MemTotal:       2014064 kB"; a node that leaves meanwhile stays at 0. */
static int meminfo_look(struct look *look, struct numa_node *node)
{
	_cleanup_free_ char *text = NULL;
	char *save = NULL;
	int r;

	r = look_string(look, &text, NODES "/node%d/meminfo", node->id);
	if (r < 0 || !text)
		return r;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		uint64_t kib;

		if (sscanf(line, "Node %*d MemTotal: %" SCNu64 " kB", &kib) == 1)
			node->total = kib * 1024;
		else if (sscanf(line, "Node %*d MemFree: %" SCNu64 " kB", &kib) == 1)
			node->free = kib * 1024;
		else if (sscanf(line, "Node %*d Inactive(file): %" SCNu64 " kB", &kib) == 1 ||
			 sscanf(line, "Node %*d SReclaimable: %" SCNu64 " kB", &kib) == 1)
			node->reclaimable += kib * 1024;
	}
	return 0;
}

int nodes_look(struct look *look, struct facts *facts, char **ret_generation, bool *ret_complete)
{
	_cleanup_free_ char *online = NULL, *has_cpu = NULL, *has_memory = NULL;
	unsigned failures = look->failures;
	bool complete;
	int r;

	r = read_mask(look, "online", &online);
	if (r == 0)
		r = read_mask(look, "has_cpu", &has_cpu);
	if (r == 0)
		r = read_mask(look, "has_memory", &has_memory);
	complete = look->failures == failures;
	if (r == 0)
		r = parse_mask(look, "online", online, add_node, facts);
	if (r == 0)
		r = parse_mask(look, "has_cpu", has_cpu, mark_cpu, facts);
	for (size_t i = 0; r == 0 && i < facts->n_nodes; i++)
		r = meminfo_look(look, &facts->nodes[i]);
	if (r == 0)
		r = zoneinfo_look(look, facts);
	if (r == 0)
		r = tiers_look(look, facts);
	if (r < 0)
		return r;
	if (asprintf(ret_generation, "online %s, has_memory %s", online, has_memory) < 0) {
		*ret_generation = NULL;
		return -ENOMEM;
	}
	*ret_complete = complete;
	return 0;
}

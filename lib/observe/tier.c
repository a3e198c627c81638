/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe/tier.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"

#define TIERS  "sys/devices/virtual/memory_tiering"
#define PREFIX "memory_tier"

struct membership {
	struct facts *facts;
	int tier;
};

static int assign(unsigned n, void *userdata)
{
	struct membership *m = userdata;

	for (size_t i = 0; i < m->facts->n_nodes; i++)
		if (m->facts->nodes[i].id == (int)n)
			m->facts->nodes[i].tier = m->tier;
	return 0;
}

static int tier_look(struct look *look, const char *name, struct membership *m)
{
	_cleanup_free_ char *text = NULL;
	int r;

	r = look_string(look, &text, TIERS "/%s/nodelist", name);
	if (r < 0 || !text)
		return r;
	r = parse_kernel_list(text, assign, m);
	if (r == 0 || r == -ENOMEM)
		return r;
	return look_problem(look, TIERS "/%s/nodelist reads \"%s\", which is no list of nodes",
			    name, text);
}

int tiers_look(struct look *look, struct facts *facts)
{
	_cleanup_(strv_done) struct strv names = {};
	int r;

	r = look_list(look, &names, TIERS); /* absent before Linux 6.1: nobody is in a tier */
	for (size_t i = 0; r == 0 && i < names.n; i++) {
		struct membership m = {.facts = facts};

		if (strncmp(names.items[i], PREFIX, strlen(PREFIX)) != 0 ||
		    parse_int(names.items[i] + strlen(PREFIX), &m.tier) < 0)
			continue;
		r = tier_look(look, names.items[i], &m);
	}
	return r;
}

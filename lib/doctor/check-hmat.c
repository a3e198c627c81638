/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The HMAT against the SRAT, the SLIT, and what the kernel took of it. */
#include <inttypes.h>

#include "base/cleanup.h"
#include "doctor/check.h"

#define HMAT "/sys/firmware/acpi/tables/HMAT"
#define NODE "/sys/devices/system/node/node%d/access0/initiators/read_latency"

/* Each pair of nodes is compared, as seen from each; hosts with more are somebody's invention. */
#define NODES_MAX 64

static int check_domains(const struct evidence *evidence, struct findings *findings)
{
	int r = 0;

	/* Of an SRAT that could not be read, nothing is known. */
	for (size_t i = 0; evidence->proximity.n_domains > 0 && r == 0 && i < evidence->hmat.n; i++)
		if (proximity_node(&evidence->proximity, evidence->hmat.domains[i]) < 0)
			r = firmware_add(
				findings, FINDING_WARNING,
				finding_text("The HMAT speaks of a proximity domain that the SRAT "
					     "does not have, so what it says of it is lost"),
				finding_text(HMAT),
				finding_text("proximity domain %" PRIu32,
					     evidence->hmat.domains[i]));
	return r;
}

/* What the tables say of memory, as seen from a domain. */
struct view {
	uint32_t from, to;
	uint64_t latency;
	unsigned distance;
};

static bool view_of(const struct evidence *evidence, int from, int to, struct view *ret)
{
	return proximity_domain_of_node(&evidence->proximity, from, &ret->from) &&
	       proximity_domain_of_node(&evidence->proximity, to, &ret->to) &&
	       acpi_hmat_latency(&evidence->hmat, ret->from, ret->to, &ret->latency) &&
	       acpi_slit_get(&evidence->proximity.slit, ret->from, ret->to, &ret->distance);
}

/* The kernel makes tiers of latencies, and looks for memory elsewhere by distances. */
static int check_pair(const struct view *a, const struct view *b, struct findings *findings)
{
	const struct view *near = a->latency < b->latency ? a : b, *far = near == a ? b : a;

	if (near->latency == far->latency || near->distance <= far->distance)
		return 0;
	return firmware_add(
		findings, FINDING_WARNING,
		finding_text("From proximity domain %" PRIu32 ", domain %" PRIu32
			     " is nearer than %" PRIu32
			     " by the HMAT, and farther by the SLIT: tiers and distances "
			     "contradict each other",
			     near->from, near->to, far->to),
		finding_text(HMAT),
		finding_text("%" PRIu64 " ns and %" PRIu64 " ns, distances %u and %u",
			     near->latency, far->latency, near->distance, far->distance));
}

static int check_order(const struct facts *facts, const struct evidence *evidence, int from,
		       struct findings *findings)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < facts->n_nodes; i++) {
		struct view a, b;

		if (!view_of(evidence, from, facts->nodes[i].id, &a))
			continue;
		for (size_t k = i + 1; r == 0 && k < facts->n_nodes; k++)
			if (view_of(evidence, from, facts->nodes[k].id, &b))
				r = check_pair(&a, &b, findings);
	}
	return r;
}

/* Whether the HMAT tells the latency of the node for any CPUs. */
static bool tells(const struct facts *facts, const struct evidence *evidence, int node)
{
	uint32_t from, to;
	uint64_t latency;

	if (!proximity_domain_of_node(&evidence->proximity, node, &to))
		return false;
	for (size_t i = 0; i < facts->n_nodes; i++)
		if (facts->nodes[i].has_cpu &&
		    proximity_domain_of_node(&evidence->proximity, facts->nodes[i].id, &from) &&
		    acpi_hmat_latency(&evidence->hmat, from, to, &latency))
			return true;
	return false;
}

/* A kernel that knows none at all was built or booted so, which is told of elsewhere. */
static int check_taken(const struct facts *facts, const struct evidence *evidence,
		       struct findings *findings)
{
	bool any = false;
	int r = 0;

	for (size_t i = 0; i < evidence->n_latencies; i++)
		any = any || evidence->latencies[i] > 0;
	for (size_t i = 0; any && r == 0 && i < evidence->n_latencies; i++) {
		int node = facts->nodes[i].id;

		if (evidence->latencies[i] > 0 || facts->nodes[i].total == 0 ||
		    !tells(facts, evidence, node))
			continue;
		r = firmware_add(findings, FINDING_WARNING,
				 finding_text("The HMAT has the latency of node %d, and the kernel "
					      "did not take it, so the node's tier is a guess",
					      node),
				 finding_text(NODE, node), finding_text("none"));
	}
	return r;
}

int check_hmat(const struct facts *facts, const struct evidence *evidence,
	       struct findings *findings)
{
	int r;

	r = check_domains(evidence, findings);
	if (r < 0 || facts->n_nodes > NODES_MAX || !nodes_follow_srat(evidence))
		return r;
	for (size_t i = 0; r == 0 && i < facts->n_nodes; i++)
		if (facts->nodes[i].has_cpu)
			r = check_order(facts, evidence, facts->nodes[i].id, findings);
	return r < 0 ? r : check_taken(facts, evidence, findings);
}
